"""Facts as plain lines: a name, some room, a value; nothing is cut, so that it reads the same in a pipe."""

from collections.abc import Sequence

from chargru.shown import one_line

NAME_WIDTH = 18
INDENT = "  "


def lines(rows: Sequence[tuple[str, str]], title: str = "", column: int = 0) -> list[str]:
    """The rows, indented below a title if there is one. What would break a line is shown escaped.

    Values begin one space after the longest name, or after `column` cells if that is more.
    """
    indent = INDENT if title else ""
    names = [indent + one_line(name) for name, _ in rows]
    room = max(column, len(indent) + NAME_WIDTH, *map(len, names), 0)
    found = [f"{name:<{room}} {one_line(value)}" for name, (_, value) in zip(names, rows, strict=True)]
    return [title, *found] if title else found
