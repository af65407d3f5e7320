"""A trace as Markdown: the same parts as in a terminal, for notes and issues."""

import re
from collections.abc import Iterator

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.trace import calculation, force_effect, other_network, parts
from chargru.show.view import View

_WIDTH = 74


def render(trace: Trace, view: View | None = None) -> str:
    """The whole trace. Raises StepError for a layer that the model does not have."""
    return "\n".join(_lines(trace, View() if view is None else view)) + "\n"


def _lines(trace: Trace, view: View) -> Iterator[str]:
    layers = view.layers(len(trace.layers))
    convention = view.convention
    yield from (f"- `{convention.letters[name]}` {escaped(what)}" for name, what in convention.meaning.items())
    for note in parts.notes(trace, view):
        yield from ("", escaped(note))
    for position in range(len(trace.steps)):
        yield from ("", f"## {escaped(parts.title(trace, position, view))}", "")
        yield from fenced(_place(trace, position, view))
        for layer in layers:
            if len(trace.layers) > 1:
                yield from ("", f"### {parts.layer_title(trace, layer)}")
            yield from _layer(trace, position, layer, view)
        yield from _block(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield from ("", escaped(parts.check_line(trace.check)))


def _place(trace: Trace, position: int, view: View) -> list[str]:
    before, at, after = excerpt(trace.text, trace.steps[position], _WIDTH)
    return [f"{before}[{at}]{after}", *parts.next_lines(trace, position, view)]


def _layer(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    titles = parts.headers(trace, position, view)
    yield from ("", _row(titles), "|" + " ---: |" * (len(titles) - 1) + " --- |")
    yield from (_row(row) for row in parts.rows(trace, position, layer, view))
    yield from ("", escaped("; ".join(parts.rules(trace, position, layer, view))))
    units = parts.units(trace, position, layer, view)
    yield from ("", escaped(calculation.input_note(units[0])))
    for unit in units:
        yield from ("", f"**Index {unit.index} worked out**", "")
        equations = calculation.equations(unit)
        yield from fenced([line for one in equations for line in parts.calculation_lines(one, view)])
    yield from ("", "**What you can see**", "")
    yield from (f"- {escaped(sentence)}" for sentence in parts.seen(trace, position, layer, view))
    yield from _block(other_network.lines(trace, position, layer, view))


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def _block(lines: list[str]) -> Iterator[str]:
    """Lines as they are, below an empty one; nothing for none."""
    yield from ("", *fenced(lines)) if lines else ()


def fenced(lines: list[str]) -> Iterator[str]:
    """Lines shown as they are; the fence is longer than any run of backticks inside."""
    runs = [len(run) for line in lines for run in re.findall("`+", line)]
    fence = "`" * max(3, 1 + max(runs, default=0))
    yield from (fence + "text", *lines, fence)


def escaped(text: str) -> str:
    """The same text with every character that Markdown could act on escaped."""
    return re.sub(r"([\\`*_~\[\]<>|#&$])", r"\\\1", text)
