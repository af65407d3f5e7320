"""The gates over a text as Markdown: the sentences, the map as a block of signs, the tables."""

from collections.abc import Iterator

from chargru.insight.gates import Gates
from chargru.show.columns import GAP, WIDTH
from chargru.show.gates import layout, levels, matching, parts
from chargru.show.gates.terminal import caption
from chargru.show.trace.markdown import escaped, fenced
from chargru.show.view import View


def render(found: Gates, view: View | None = None) -> str:
    """The whole. Raises StepError for a layer that the model does not have."""
    return "\n".join(_lines(found, View() if view is None else view)) + "\n"


def _lines(found: Gates, view: View) -> Iterator[str]:
    yield f"## {escaped(parts.title(found))}"
    if found.match is not None:
        yield from ("", escaped(" ".join(matching.answer(found, found.match))))
    for number in view.layers(len(found.layers)):
        if len(found.layers) > 1:
            yield from ("", f"### Layer {number + 1} of {len(found.layers)}")
        yield ""
        yield from (f"- {escaped(sentence)}" for sentence in parts.sentences(found, number) if sentence)
        if found.match is not None:
            yield from _table(matching.table(found, found.match, number, view))
            yield from ("", escaped(matching.NOTE))
        yield from _map(found, number)
        yield from _table(parts.table(found, number, parts.shown(found, number)[0], view))
    yield from ("", escaped(parts.columns()))


def _table(rows: list[list[str]]) -> Iterator[str]:
    heading, *cells = rows
    yield from ("", _row(heading), "|" + " ---: |" * (len(heading) - 1) + " --- |")
    yield from map(_row, cells)


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(map(escaped, cells)) + " |"


def _map(found: Gates, number: int) -> Iterator[str]:
    indices, which = parts.shown(found, number)
    blocks = layout.blocks(found, found.layers[number], indices, WIDTH - layout.LABEL)
    taken = list(blocks) if found.chosen else [next(blocks)]
    marked = frozenset(() if found.match is None else found.match.marks.steps)
    lines = [line for block in taken for line in _block(block, marked)]
    yield from ("", escaped(caption(found, taken, which)), "")
    yield from fenced([*lines, *levels.legend(found.gate)])
    yield from ("", escaped(levels.MEANING[found.gate]))


def _block(block: layout.Block, marked: frozenset[int]) -> Iterator[str]:
    yield f"{'step':<{layout.LABEL}}{block.ruler}"
    yield " " * layout.LABEL + block.characters
    marks = block.marks(marked)
    yield from [" " * layout.LABEL + marks] if marks else []
    for one in block.rows:
        signs = "".join(sign for sign, _ in block.signs(one))
        yield f"{one.index:>{layout.LABEL - len(GAP)}}{GAP}{signs}"
