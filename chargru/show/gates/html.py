"""The gates over a text as HTML that needs nothing else: the sentences, the map as a table in colour, the tables."""

from collections.abc import Iterator, Sequence
from html import escape

from chargru.insight.gates import Gates
from chargru.show.gates import layout, levels, matching, parts
from chargru.show.view import View

_STYLE = (
    ".chargru-map{overflow-x:auto}.chargru-map table{border-collapse:collapse;font-family:monospace}"
    ".chargru-map td,.chargru-map th{padding:0 2px;border:0;text-align:center;white-space:pre}"
)


def render(found: Gates, view: View | None = None) -> str:
    """A fragment for a notebook that is a page too; all text is escaped.

    Raises StepError for a layer that the model does not have.
    """
    return "\n".join(_parts(found, View() if view is None else view)) + "\n"


def _parts(found: Gates, view: View) -> Iterator[str]:
    colours = "".join(
        f".chargru-map .{found.gate}{level}{{color:{text};background:{ground}}}"
        for level, (text, ground) in enumerate(levels.colours(found.gate))
    )
    yield f'<meta charset="utf-8"><style>{_STYLE}{colours}</style>'
    yield f"<p><b>{escape(parts.title(found))}</b></p>"
    if found.match is not None:
        yield f"<p>{escape(' '.join(matching.answer(found, found.match)))}</p>"
    for number in view.layers(len(found.layers)):
        if len(found.layers) > 1:
            yield f"<p>Layer {number + 1} of {len(found.layers)}</p>"
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in parts.sentences(found, number) if sentence)
        yield f"<ul>{said}</ul>"
        if found.match is not None:
            yield _table(matching.table(found, found.match, number, view))
            yield f"<p>{escape(matching.NOTE)}</p>"
        indices, which = parts.shown(found, number)
        yield from _map(found, number, indices, which)
        yield _table(parts.table(found, number, indices, view))
    yield f"<p>{escape(parts.columns())}</p>"


def _map(found: Gates, number: int, indices: Sequence[int], which: str) -> Iterator[str]:
    """Every step that was kept, in one block that scrolls; a match's last character is marked."""
    block = layout.block(found, found.layers[number], indices, layout.columns(found))
    first, last, T = found.steps[0], found.steps[-1], len(found.text)
    yield f"<p>Map of {found.gate} at steps {first:,} to {last:,} of {T:,}{escape(f'; {which}' if which else '')}.</p>"
    marked = frozenset(() if found.match is None else found.match.marks.steps)
    shown = (
        f"<mark>{escape(column.shown)}</mark>" if column.step in marked else escape(column.shown)
        for column in block.columns
    )
    titled = zip(block.columns, shown, strict=True)
    head = "".join(f'<th title="step {column.step}">{char}' for column, char in titled)
    rows = [f"<tr><th>index{head}"]
    for row in block.rows:
        cells = "".join(f"<td class={found.gate}{level}>{levels.SIGNS[level]}" for level in row.levels)
        rows.append(f"<tr><th>{row.index}{cells}")
    yield f'<div class="chargru-map"><table>{"".join(rows)}</table></div>'
    edges = enumerate(levels.lower_edges(found.gate))
    legend = "".join(f"<td class={found.gate}{level}>{levels.SIGNS[level]} {edge:.1f}" for level, edge in edges)
    yield f'<div class="chargru-map"><table><tr><th>{found.gate} from{legend}</table></div>'
    yield f"<p>{escape(levels.MEANING[found.gate])}</p>"


def _table(rows: list[list[str]]) -> str:
    heading, *cells = rows
    body = "".join(_row(row, "td") for row in cells)
    return f"<table><thead>{_row(heading, 'th')}</thead><tbody>{body}</tbody></table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
