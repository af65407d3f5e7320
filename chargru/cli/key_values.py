"""Facts as plain lines: a name, some room, a value; nothing is cut, so that it reads the same in a pipe."""

from collections.abc import Sequence

from chargru.cli.terminal import one_line

NAME_WIDTH = 18


def show(rows: Sequence[tuple[str, str]], title: str = "") -> None:
    """Print the rows, indented below a title if there is one. What would break a line is shown escaped."""
    indent = "  " if title else ""
    if title:
        print(title)
    for name, value in rows:
        print(f"{indent}{one_line(name):<{NAME_WIDTH}} {one_line(value)}")
