"""A trace as HTML that needs nothing else: how it shows itself in a notebook, and a page that `trace` writes."""

from collections.abc import Iterator
from html import escape

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.theme import themed
from chargru.show.trace import calculation, drawing, force_effect, other_network, parts
from chargru.show.trace.calculation import Unit
from chargru.show.view import View

_WIDTH = 90

_HERE = ".chargru-trace,body:has(>.chargru-trace)"
_DARK = "--ink:#e9e7e2;--soft:#a5abb5;--panel:#1c1f25;--line:#363b44;--mark:#7a5c00;--old:#6fb7e9;--new:#f0a35c;"
_LIGHT = "--ink:#1c1e21;--soft:#565b63;--panel:#fff;--line:#d9d6cf;--mark:#ffd76a;--old:#0072b2;--new:#b35900;"
_STYLE = (
    f"{themed(_HERE, 'chargru-trace', _LIGHT, _DARK)}{_HERE}{{"
    "--accent:var(--old);--mono:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;--sans:system-ui,sans-serif;"
    "--math:'STIX Two Text',Cambria,Georgia,'DejaVu Serif',serif;color:var(--ink);background:var(--panel);"
    "color-scheme:light dark}"
    ".chargru-trace{font:15px/1.5 var(--sans);padding:4px 16px;max-width:1100px;margin:0 auto}"
    ".chargru-trace.chargru-trace pre{font:12.5px/1.5 var(--mono);overflow-x:auto;background:none;color:inherit;"
    "white-space:pre}.chargru-trace.chargru-trace tbody tr:nth-child(n){background:none}"
    ".chargru-trace mark{background:var(--mark);color:inherit}.chargru-trace .scroll{overflow-x:auto}"
    ".chargru-trace table{border-collapse:collapse;color:inherit;font:inherit}"
    ".chargru-trace thead th{border-bottom:1px solid var(--line)}"
    ".chargru-trace td,.chargru-trace th{padding:1px 10px;text-align:right;font-variant-numeric:tabular-nums}"
    ".chargru-trace .unit{display:flex;flex-wrap:wrap;gap:8px 28px;align-items:flex-start;break-inside:avoid}"
    ".chargru-trace .unit .gru-cell{flex:1 1 320px;max-width:400px;margin:0}"
    ".chargru-trace.chargru-trace .unit pre{flex:1 1 320px;margin:0}"
    ".chargru-trace h2{font-size:1.15em;border-top:1px solid var(--line);padding-top:12px;margin:18px 0 8px}"
    ".chargru-trace h3{font-size:1em;margin:14px 0 6px}.chargru-trace .soft{color:var(--soft)}"
)


def render(trace: Trace, view: View | None = None) -> str:
    """A fragment for a notebook that is a page too; all text is escaped, and nothing in it runs.

    Step by step the text with the step marked, and for each layer the table, what one can see, and every index that is
    worked out, drawn and calculated. Raises StepError for a layer that the model does not have.
    """
    view = View() if view is None else view
    layers = view.layers(len(trace.layers))
    return "\n".join(_parts(trace, view, layers)) + "\n"


def _parts(trace: Trace, view: View, layers: tuple[int, ...]) -> Iterator[str]:
    yield '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f'<style>{_STYLE}{drawing.style()}</style><div class="chargru-trace">'
    yield from _letters(trace, view)
    for position in range(len(trace.steps)):
        yield f"<h2>{escape(parts.title(trace, position, view))}</h2>"
        yield _place(trace, position, view)
        for layer in layers:
            if len(trace.layers) > 1:
                yield f"<h3>{parts.layer_title(trace, layer)}</h3>"
            yield from _layer(trace, position, layer, view)
        yield from _block(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield f"<p>{escape(parts.check_line(trace.check))}</p>"
    yield "</div>"


def _letters(trace: Trace, view: View) -> Iterator[str]:
    """What the letters mean, and what is renamed or is not this network."""
    convention = view.convention
    letters = "; ".join(
        f"<b>{convention.letters[name]}</b> {escape(what)}" for name, what in convention.meaning.items()
    )
    yield f"<p>{letters}</p>"
    for note in parts.notes(trace, view):
        yield f'<p class="soft">{escape(note)}</p>'


def _layer(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    yield _table(trace, position, layer, view)
    yield f'<p class="soft">{escape("; ".join(parts.rules(trace, position, layer, view)))}</p>'
    sentences = "".join(f"<li>{escape(line)}</li>" for line in parts.seen(trace, position, layer, view))
    yield f"<ul>{sentences}</ul>"
    units = parts.units(trace, position, layer, view)
    yield f"<p>{escape(calculation.input_note(units[0]))}</p>"
    for unit in units:
        yield from _unit(unit)
    yield from _block(other_network.lines(trace, position, layer, view))


def _unit(unit: Unit) -> Iterator[str]:
    """One index, drawn and worked out."""
    lines = [line for one in calculation.equations(unit) for line in parts.calculation_lines(one, unit.view)]
    yield f'<h3>Index {unit.index} worked out</h3><div class="unit">{drawing.drawing(unit)}'
    yield f"<pre>{escape(chr(10).join(lines))}</pre></div>"


def _block(lines: list[str]) -> Iterator[str]:
    """Lines as they are; nothing for none."""
    if lines:
        yield f"<pre>{escape(chr(10).join(lines))}</pre>"


def _place(trace: Trace, position: int, view: View) -> str:
    before, at, after = (escape(part) for part in excerpt(trace.text, trace.steps[position], _WIDTH))
    following = "".join(f"\n{escape(line)}" for line in parts.next_lines(trace, position, view))
    return f"<pre>{before}<mark>{at}</mark>{after}{following}</pre>"


def _table(trace: Trace, position: int, layer: int, view: View) -> str:
    head = _row(parts.headers(trace, position, view), "th")
    body = "".join(_row(row, "td") for row in parts.rows(trace, position, layer, view))
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
