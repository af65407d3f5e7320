"""The gates over a text for a terminal: answers, map, legend, table; without colour it says the same."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from chargru.insight.gates import Gates
from chargru.show.columns import GAP, WIDTH, aligned
from chargru.show.gates import layout, levels, matching, parts
from chargru.show.view import View

WIDEST_PROSE = 100
NARROWEST = 40
_HEADING = "bold"


def render(found: Gates, view: View | None = None) -> Text:
    """The whole as one text. Raises StepError for a layer that the model does not have."""
    view = View() if view is None else view
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(found, view, max(view.width or WIDTH, NARROWEST)))


def _lines(found: Gates, view: View, width: int) -> Iterator[Text]:
    layers = view.layers(len(found.layers))
    yield from _prose(parts.title(found), width, _HEADING)
    if found.match is not None:
        for sentence in matching.answer(found, found.match):
            yield from _prose(sentence, width)
    for number in layers:
        if len(found.layers) > 1:
            yield from (Text(), Text(f"Layer {number + 1} of {len(found.layers)}", _HEADING))
        for sentence in parts.sentences(found, number):
            yield from _prose(sentence, width)
        if found.match is not None:
            yield from _match(found, number, view, width)
        indices, which = parts.shown(found, number)
        yield from _map(found, number, indices, which, width)
        if number == layers[0]:
            yield from _legend(found.gate, width)
        yield Text()
        yield from _table(parts.table(found, number, indices, view, narrow=width < WIDTH))
    yield from _prose(parts.columns(narrow=width < WIDTH), width)


def _prose(text: str, width: int, style: str = "") -> Iterator[Text]:
    for line in textwrap.wrap(text, min(width, WIDEST_PROSE), break_long_words=False):
        yield Text(line, style)


def _match(found: Gates, number: int, view: View, width: int) -> Iterator[Text]:
    if found.match is not None:
        yield Text()
        yield from _table(matching.table(found, found.match, number, view, narrow=width < WIDTH))
        yield from _prose(matching.NOTE, width)


def _table(rows: list[list[str]]) -> Iterator[Text]:
    words = len(rows[0]) - 1 if rows[0][-1] == "rewritten at" else -1
    heading, *lines = aligned(rows, [1] * len(rows[0]), left=(words,))
    yield Text(heading, _HEADING)
    yield from map(Text, lines)


def _map(found: Gates, number: int, indices: Sequence[int], which: str, width: int) -> Iterator[Text]:
    room = width - layout.LABEL
    blocks = layout.blocks(found, found.layers[number], indices, room)
    taken = list(blocks) if found.chosen else [next(blocks)]
    yield Text()
    yield from _prose(caption(found, taken, which), width)
    marked = frozenset(() if found.match is None else found.match.marks.steps)
    for block in taken:
        yield from _block(block, found.gate, marked)


def caption(found: Gates, taken: Sequence[layout.Block], which: str) -> str:
    """What the map shows, of what, and how to see the rest."""
    first, last, T = taken[0].columns[0].step, taken[-1].columns[-1].step, len(found.text)
    count = sum(len(block.columns) for block in taken)
    here = f"step {first}" if count == 1 else f"{count:,} steps from {first:,} to {last:,}"
    rest = [f"--step {last + 1}-last"] if not found.chosen and last < T else []
    rest += ["--index 0,9,15"] if which else []
    rows = f"; {which}" if which else ""
    more = f". Others with {' or '.join(rest)}, everything with --all" if rest else ""
    return f"Map of {found.gate} at {here} of {T:,}{rows}{more}."


def _block(block: layout.Block, gate: str, marked: frozenset[int]) -> Iterator[Text]:
    empty = " " * layout.LABEL
    yield Text(f"{'step':<{layout.LABEL}}{block.ruler}")
    yield Text(f"{empty}{block.characters}", _HEADING)
    marks = block.marks(marked)
    if marks:
        yield Text(f"{empty}{marks}")
    for row in block.rows:
        yield _row(block, row, gate)


def _row(block: layout.Block, row: layout.Row, gate: str) -> Text:
    line = Text(f"{row.index:>{layout.LABEL - len(GAP)}}{GAP}")
    colours = levels.colours(gate)
    for level, run in groupby(block.signs(row), lambda cell: cell[1]):
        line.append("".join(signs for signs, _ in run), "" if level is None else _style(colours[level]))
    return line


def _legend(gate: str, width: int) -> Iterator[Text]:
    """The signs in their colours, where each begins, and what the gate does."""
    signs, edges = levels.legend(gate)
    line = Text(signs)
    for level, colour in enumerate(levels.colours(gate)):
        after = len(signs) - levels.CELL * (9 - level)
        line.stylize(_style(colour), after - 3, after)
    yield from (line, Text(edges))
    yield from _prose(levels.MEANING[gate], width)


def _style(colour: tuple[str, str]) -> str:
    return f"{colour[0]} on {colour[1]}"
