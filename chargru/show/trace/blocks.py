"""What a trace in a terminal is made of, as lines of `rich.text.Text`: nothing of a text is taken as markup.

Colours are of the 256 that do not depend on the terminal's theme, and as dark as they are light, so that they can be
read on white and on black.
"""

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.trace import parts
from chargru.show.view import View

WIDEST_PROSE = 100
NARROWEST = 60
"""Columns; a terminal that has fewer breaks the lines itself."""

STYLES = {"replaced": "color(130)", "kept": "color(30)", "mixed": ""}
HEADING = "bold"
ASIDE = "dim"


def prose(text: str, width: int, indent: str = "", style: str = "") -> Iterator[Text]:
    """Wrapped lines, the second and later ones indented."""
    rows = textwrap.wrap(text, min(width, WIDEST_PROSE), subsequent_indent=indent, break_long_words=False)
    for row in rows:
        yield Text(row, style)


def headed(lines: Sequence[str]) -> Iterator[Text]:
    """Lines below their first one as a heading, with room above; nothing for none."""
    for number, line in enumerate(lines):
        yield from [] if number else [Text()]
        yield Text(line, "" if number else HEADING)


def seen(sentences: Sequence[str], width: int) -> Iterator[Text]:
    """Sentences as a list below their heading."""
    yield Text("What you can see", HEADING)
    for sentence in sentences:
        yield from prose(f"- {sentence}", width, indent="  ")


def place(trace: Trace, position: int, view: View, width: int) -> Iterator[Text]:
    """The step's character, marked by brackets, by a caret below and by colour."""
    yield Text()
    yield Text(f"{parts.title(trace, position, view)} ".ljust(width, "─"), HEADING)
    before, at, after = excerpt(trace.text, trace.steps[position], width - 5)
    yield Text.assemble("  ", before, ("[", ASIDE), (at, "bold reverse"), ("]", ASIDE), after)
    yield Text(" " * (3 + cell_len(before)) + "^" * max(cell_len(at), 1), ASIDE)
    yield from map(Text, parts.next_lines(trace, position, view))


def table(titles: list[str], cells: list[list[str]]) -> Iterator[Text]:
    """The rows of the indices below their titles; the update gate and the last word of a row are coloured."""
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    yield Text(_row(titles, widths), HEADING)
    yield Text("─" * (sum(width + 2 for width in widths) + 1), ASIDE)
    for row in cells:
        line = Text(_row(row, widths))
        style = STYLES[row[-1]]
        start = sum(width + 2 for width in widths[:3])
        line.stylize(style, start, start + widths[3] + 2)
        line.stylize(style, sum(width + 2 for width in widths[:-1]))
        yield line


def _row(cells: list[str], widths: list[int]) -> str:
    numbers = "".join(f"{cell:>{width + 2}}" for cell, width in zip(cells[:-1], widths[:-1], strict=True))
    return f"{numbers}   {cells[-1]}"
