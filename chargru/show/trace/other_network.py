"""A step of a convention's own network beside this network's, as lines of plain text."""

import textwrap
from collections.abc import Iterator

import numpy as np

from chargru.conventions.convention import Convention
from chargru.gru.weights import GATES
from chargru.insight import other_network
from chargru.insight.trace import Trace
from chargru.show.columns import aligned
from chargru.show.trace import calculation
from chargru.show.view import View

WIDTH = 80


def lines(trace: Trace, position: int, layer: int, units: tuple[int, ...], view: View) -> list[str]:
    """Their step beside this network's for some indices of a layer (0-based); none where the layer is the same."""
    other, reset = other_network.their_trace(trace, view.convention), trace.model.architecture.reset
    same = view.convention.own_reset(reset) == reset and not other_network.loses(trace, view.convention, layer)
    return [] if other is None or same else list(_lines(trace, other, position, layer, units, view))


def _lines(trace: Trace, other: Trace, position: int, layer: int, units: tuple[int, ...], view: View) -> Iterator[str]:
    convention, t = view.convention, trace.steps[position]
    n, h = (convention.symbol(name, t) for name in ("n", "h"))
    yield f"Another network: step {t} by the equations of {convention.who}"
    yield from textwrap.wrap(
        f"Same weights{_without(trace, convention, layer)}, this one step, from the recorded "
        f"{convention.symbol('h', t - 1)}: not what this network computed, which stands above and in the columns "
        "marked 'here'.",
        WIDTH,
    )
    rows = [["index", n, h, f"{n} here", f"{h} here"]]
    for index in units:
        values = [getattr(one.layers[layer], name)[position, index] for one in (other, trace) for name in ("n", "h")]
        rows.append([str(index), *map(view.short, values)])
    yield from aligned(rows, (7, 10, 10, 15, 15), indent="  ")
    change = np.abs(other.layers[layer].h[position] - trace.layers[layer].h[position])
    most = int(change.argmax())
    by = f"differs most at index {most}, by {view.difference(float(change[most]))}" if change.any() else "is the same"
    yield f"  Over all {len(change)} units {h} {by}."
    for index in units:
        unit = calculation.Unit(other, position, layer, index, view)
        yield from ("", f"Index {index} by their equations")
        for gate in GATES:
            if gate == "n" or not np.array_equal(
                *(getattr(one.layers[layer], gate)[position] for one in (other, trace))
            ):
                yield from calculation.gate_lines(unit, gate)
        yield from calculation.state_lines(unit)


def _without(trace: Trace, convention: Convention, layer: int) -> str:
    """What becomes of the biases that they have no place for."""
    lost, bias = convention.lost_biases(trace.model.architecture.reset, layer), convention.tensor("bh", "n")
    if lost:
        return " without biases" if lost == "all" else f" without {bias}"
    if other_network.absorbs_b_hn(trace, convention):
        return f", {bias} added to {convention.tensor('bx', 'n')}"
    return ""
