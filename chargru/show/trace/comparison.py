"""One step in several authors' letters, side by side: the answer in a line, the values, the formulas."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.text import Text

from chargru.conventions.convention import QUANTITIES, Convention
from chargru.insight import other_network
from chargru.insight.comparison import Comparison
from chargru.insight.trace import VALUES
from chargru.show.columns import WIDTH, aligned
from chargru.show.data import json_text
from chargru.show.notation import Notation
from chargru.show.trace import blocks, calculation, parts, salient, sentences
from chargru.show.trace.calculation import Unit
from chargru.show.view import View

SCHEMA = "chargru.compare/1"
_ROWS = {"h_prev": "old state", "r": "reset gate", "z": "update gate", "n": "candidate", "h": "new state"}
_INDENT = "  "


def render(found: Comparison, view: View | None = None) -> Text:
    """Every step, layer and index. Raises StepError for a layer that the model does not have."""
    view = View() if view is None else view
    return Text("\n", no_wrap=True, overflow="ignore").join(list(_lines(found, view))[1:])


def _lines(found: Comparison, view: View) -> Iterator[Text]:
    width = max(view.width or WIDTH, blocks.NARROWEST)
    first = replace(view, convention=found.conventions[0])
    held = parts.held(found.trace)
    yield from [Text()] if held else []
    for note in held:
        yield from blocks.prose(note, width)
    for position in range(len(found.trace.steps)):
        each = list(_each(found, position, view))
        for units in each:
            yield Text()
            yield from blocks.prose(_answer(units), width, style=blocks.HEADING)
        yield from blocks.place(found.trace, position, first, width)
        for units in each:
            yield Text()
            if len(each) > 1:
                yield Text(_title(units[0]), blocks.HEADING)
            yield from _unit(units, width)


def _each(found: Comparison, position: int, view: View) -> Iterator[list[Unit]]:
    """Every index of every layer, from the bottom up, as each author counts it."""
    views = [replace(view, convention=one) for one in found.conventions]
    for layer in view.layers(len(found.trace.layers)):
        for index in _indices(found, layer):
            yield [Unit(found.trace, position, layer, index, one) for one in views]


def _title(unit: Unit) -> str:
    layers = len(unit.trace.layers)
    return f"Index {unit.index}" if layers == 1 else f"{parts.layer_title(unit.trace, unit.layer)}, index {unit.index}"


def _indices(found: Comparison, layer: int) -> Sequence[int]:
    chosen = found.trace.indices
    return salient.first(found.trace, layer)[:1] if chosen is None else chosen


def _unit(units: list[Unit], width: int) -> Iterator[Text]:
    yield from _table(units, width)
    for unit in units:
        yield from (Text(), Text(unit.view.convention.who, blocks.HEADING))
        for quantity, equation in zip(QUANTITIES, calculation.equations(unit), strict=True):
            lines = parts.calculation_lines(equation, unit.view, addends=False)
            yield from map(Text, lines if quantity in ("z", "h") else lines[:1])
    yield Text()
    for unit in units:
        for sentence in _what_it_is(unit):
            yield from blocks.prose(f"- {sentence}", width, indent=_INDENT)


def _answer(units: list[Unit]) -> str:
    """That the update gates of all say the same, and what."""
    one = units[0]
    *most, last = (f"{unit.symbol('z')} = {unit.view.short(unit.quantity('z'))} in {_who(unit)}" for unit in units)
    z = float(one.values.z[one.position, one.index])
    return (
        f"{', '.join(most)} and {last} say the same: the unit is {salient.happened(z)}. Of its new state "
        f"{sentences.share(1.0 - z)} is the candidate, {sentences.share(z)} the old state."
    )


def _who(unit: Unit) -> str:
    return unit.view.convention.who


def _table(units: list[Unit], width: int) -> Iterator[Text]:
    """Letter and value of each quantity, an author a column, as many side by side as fit."""
    columns = [_column(unit) for unit in units]
    names = ["", *_ROWS.values()]
    while columns:
        fit = len(columns)
        while fit > 1 and len(_side_by_side(names, columns[:fit])[1]) > width:
            fit -= 1
        heading, *rows = _side_by_side(names, columns[:fit])
        yield Text(heading, blocks.HEADING)
        yield Text("─" * max(map(len, [heading, *rows])), blocks.ASIDE)
        yield from map(Text, rows)
        columns = columns[fit:]
        if columns:
            yield Text()


def _side_by_side(names: list[str], columns: list[list[str]]) -> list[str]:
    return aligned(list(zip(names, *columns, strict=True)), [0] * (len(columns) + 1), left=range(len(columns) + 1))


def _column(unit: Unit) -> list[str]:
    cells = [(str(unit.symbol(name)), unit.view.short(unit.quantity(name))) for name in _ROWS]
    return [_who(unit), *aligned(cells, (0, 0), left=(0,))]


def _what_it_is(unit: Unit) -> Iterator[str]:
    """Whether these letters rename the network, or are another one's."""
    convention, z = unit.view.convention, unit.view.convention.letters["z"]
    if convention.takes:
        renamed = "The gate is only renamed: in the weights the z rows of all four tensors change sign."
        yield f"{convention.who}: {z} is 1 - PyTorch's z. {renamed}"
    elif convention.name != "torch":
        yield f"{convention.who}: {z} is PyTorch's z. The gate is only renamed."
    if convention.biases == "none":
        yield convention.notes_on(unit.trace.model.architecture.reset)[-1]
    theirs = _their_h(unit)
    if theirs is not None:
        made = f"{unit.symbol('h')} = {unit.view.short(theirs)}"
        why = other_network.why(unit.trace, convention)
        yield f"{why} From the same {convention.symbol('h', unit.step - 1)} theirs makes {made}."


def _their_h(unit: Unit) -> float | None:
    """The new state by the equations of another network; None where it is this one."""
    other = other_network.their_trace(unit.trace, unit.view.convention)
    return None if other is None else float(other.layers[unit.layer].h[unit.position, unit.index])


def as_json(found: Comparison, view: View | None = None) -> str:
    """The document chargru.compare/1: by step, layer and index each author's letters, values and formulas."""
    view = View() if view is None else view
    document = {
        "schema": SCHEMA,
        "checkpoint": found.trace.checkpoint,
        "text": found.trace.text,
        "compared": [
            {
                "step": found.trace.steps[position],
                "layer": units[0].layer + 1,
                "index": units[0].index,
                "conventions": [_record(unit) for unit in units],
            }
            for position in range(len(found.trace.steps))
            for units in _each(found, position, view)
        ],
    }
    return json_text(document, indent=2)


def _record(unit: Unit) -> dict[str, Any]:
    convention: Convention = unit.view.convention
    reset = unit.trace.model.architecture.reset
    formulas = {name: Notation().write(convention.formula(name, unit.step, reset)) for name in QUANTITIES}
    return {
        "name": convention.name,
        "who": convention.who,
        "letters": {name: str(unit.symbol(name)) for name in VALUES},
        "values": {name: unit.quantity(name) for name in VALUES},
        "formulas": formulas,
        "another_network": other_network.why(unit.trace, convention) or None,
        "h_of_that_network": _their_h(unit),
    }
