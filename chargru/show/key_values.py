"""Facts as plain lines: a name, some room, a value; nothing is cut, so that it reads the same in a pipe."""

from collections.abc import Sequence

from chargru.shown import one_line

NAME_WIDTH = 18


def lines(rows: Sequence[tuple[str, str]], title: str = "") -> list[str]:
    """The rows, indented below a title if there is one. What would break a line is shown escaped."""
    indent = "  " if title else ""
    found = [f"{indent}{one_line(name):<{NAME_WIDTH}} {one_line(value)}" for name, value in rows]
    return [title, *found] if title else found
