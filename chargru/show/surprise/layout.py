"""A text in lines of some width: each character as it is shown, broken at newlines, else after a space if it can be."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from chargru.show.characters import in_a_cell, visible

SPACES = " \t\u3000"
_EARLY = 2 / 3
"""A line is broken after its last space unless that leaves so small a part of it."""


@dataclass(frozen=True)
class Sign:
    """A character of the text: where it stands, from 0, how it is shown, and how many cells that takes."""

    position: int
    shown: str
    cells: int


def lines(text: str, width: int) -> Iterator[list[Sign]]:
    """The signs of each line; none is wider than `width` cells, if a character is not."""
    line: list[Sign] = []
    used = 0
    for position, char in enumerate(text):
        sign = _sign(text, position)
        if line and used + sign.cells > width:
            kept = _break(text, line, width)
            yield line[:kept]
            line = line[kept:]
            used = sum(one.cells for one in line)
        line.append(sign)
        used += sign.cells
        if char == "\n":
            yield line
            line, used = [], 0
    if line:
        yield line


def _sign(text: str, position: int) -> Sign:
    shown = shown_at(text, position)
    return Sign(position, shown, cell_len(shown))


def shown_at(text: str, position: int) -> str:
    """A character as it is shown; a mark without a width stands on what is before it, and is escaped alone."""
    on_something = position > 0 and not text[position - 1].isspace()
    return visible(text[position]) if on_something else in_a_cell(text[position])


def _break(text: str, line: list[Sign], width: int) -> int:
    """How many of the signs stay in the line."""
    used = width
    for count in range(len(line), 0, -1):
        if text[line[count - 1].position] in SPACES:
            return count
        used -= line[count - 1].cells
        if used < _EARLY * width:
            break
    return len(line)
