"""A trace as plain HTML tables: how it shows itself in a notebook."""

from collections.abc import Iterator
from html import escape

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.trace import force_effect, other_network, parts
from chargru.show.view import View

_WIDTH = 90


def render(trace: Trace, view: View | None = None) -> str:
    """The text with the step marked and the table, step by step; all text is escaped.

    Raises StepError for a layer that the model does not have.
    """
    return "\n".join(_parts(trace, View() if view is None else view))


def _parts(trace: Trace, view: View) -> Iterator[str]:
    layers = view.layers(len(trace.layers))
    for position in range(len(trace.steps)):
        yield f"<p><b>{escape(parts.title(trace, position, view))}</b></p>"
        yield _place(trace, position, view)
        for layer in layers:
            if len(trace.layers) > 1:
                yield f"<p>{parts.layer_title(trace, layer)}</p>"
            yield _table(trace, position, layer, view)
            sentences = "".join(f"<li>{escape(line)}</li>" for line in parts.seen(trace, position, layer, view))
            yield f"<ul>{sentences}</ul>"
            yield from _block(other_network.lines(trace, position, layer, view))
        yield from _block(force_effect.lines(trace, position, layers, view))


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
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
