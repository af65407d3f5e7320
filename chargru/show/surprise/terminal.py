"""The surprise of a text for a terminal: by background colours, or else by a line of signs below each line."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from chargru.insight.surprise import Surprise
from chargru.show.columns import WIDTH, aligned, prose
from chargru.show.surprise import layout, levels, parts
from chargru.show.view import View

CHARACTERS = 1000
"""So many are shown if none are asked for."""
NARROWEST, WIDEST = 40, 100
SIGNS = " 123456789#"
LEFT_OUT = "?"

_HEADING = "bold"
_NUMBERS = 40
"""Cells that the columns of numbers take."""


def render(found: Surprise, view: View | None = None) -> Text:
    """The figures, the text, the hardest words."""
    view = View() if view is None else view
    width = min(max(view.width or WIDTH, NARROWEST), WIDEST)
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(found, view, width))


def _lines(found: Surprise, view: View, width: int) -> Iterator[Text]:
    yield from prose(parts.title(found), width, _HEADING)
    yield from prose(" ".join(parts.sentences(found)), width)
    yield Text()
    yield from _legend(found, width, colour=view.colour)
    yield Text()
    shown = found.text[: view.characters or CHARACTERS]
    for line in layout.lines(shown, width):
        yield from _coloured(found, line, width) if view.colour else _marked(found, line)
    rest = parts.rest(found, len(shown))
    if rest:
        yield from (Text(), *prose(rest, width))
    yield from _words(parts.words(found, max(8, width - _NUMBERS)), width)


def _legend(found: Surprise, width: int, *, colour: bool) -> Iterator[Text]:
    if colour:
        line = Text("bits of a character: ")
        for name, style in zip(levels.NAMES, _styles(), strict=True):
            if line.cell_len + len(name) + 2 > width:
                yield line
                line = Text()
            line.append(f" {name} ", style)
        yield line
    else:
        below = "Below a character stand its bits, rounded down: nothing below 1, # from 10 on."
        yield from prose(below, width)
    if found.left_out:
        mark = "Struck through" if colour else f"{LEFT_OUT} below it"
        yield from prose(f"{mark}: left out.", width)


def _styles() -> list[str]:
    return [f"{letters} on {ground}" for letters, ground in levels.LIGHT]


def _coloured(found: Surprise, line: list[layout.Sign], width: int) -> Iterator[Text]:
    """The line as on paper: up to the edge it has the lightest background."""
    first, last = line[0].position, line[-1].position + 1
    found_levels = levels.levels(found.bits[first:last]).tolist()
    left_out, styles = set(found.left_out), _styles()
    kinds = [(level, sign.position in left_out) for level, sign in zip(found_levels, line, strict=True)]
    text = Text()
    for (level, struck), run in groupby(zip(kinds, line, strict=True), lambda pair: pair[0]):
        text.append("".join(sign.shown for _, sign in run), f"strike {styles[level]}" if struck else styles[level])
    text.append(" " * (width - text.cell_len), styles[0])
    yield text


def _marked(found: Surprise, line: list[layout.Sign]) -> Iterator[Text]:
    """The line, and below it a sign a character, if there is one to see."""
    left_out = set(found.left_out)
    yield Text("".join(sign.shown for sign in line))
    signs = "".join(
        (LEFT_OUT if sign.position in left_out else _digit(found.bits[sign.position])).ljust(sign.cells)[: sign.cells]
        for sign in line
    ).rstrip()
    if signs:
        yield Text(signs)


def _digit(bits: float) -> str:
    return SIGNS[0] if np.isnan(bits) else SIGNS[min(int(bits), len(SIGNS) - 1)]


def _words(rows: list[list[str]], width: int) -> Iterator[Text]:
    if len(rows) == 1:
        return
    yield Text()
    yield from prose("Hardest words: those that take most bits, on average", width, _HEADING)
    while cell_len(aligned(rows, [1] * len(rows[0]), left=(0,))[0]) > width:
        rows = [row[:-1] for row in rows]
    heading, *others = aligned(rows, [1] * len(rows[0]), left=(0,))
    yield Text(heading, _HEADING)
    yield from map(Text, others)
