"""What another network makes of a recorded step: the same weights, by the equations of a convention's authors.

Where a convention is another network and not a renaming (they reset elsewhere, or have no b_hn), no letters can show
this network's numbers as theirs. What can be shown is one step of theirs, from the recorded h_{t-1} and the recorded
input of the layer. It goes no further: their next step would start from their own state.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chargru.gru import cell
from chargru.gru.convention import Convention
from chargru.gru.forcing import Held
from chargru.gru.weights import GATES, LayerWeights, Weights, rows
from chargru.insight import worked
from chargru.insight.columns import aligned
from chargru.insight.trace import Trace
from chargru.insight.view import View

WIDTH = 80


def why(trace: Trace, convention: Convention) -> str:
    """Why a convention's equations are another network than the trace's; empty if they are not."""
    b_hn = any(layer.b_h("n").any() for layer in trace.weights.layers)
    return convention.another_network(trace.model.architecture.reset, b_hn=b_hn)


def theirs(trace: Trace, convention: Convention) -> Trace | None:
    """Every recorded step again by the authors' network, each by itself; None where it is the trace's own network."""
    if not why(trace, convention):
        return None
    weights = _their_weights(trace.weights, convention)
    held = Held(weights, trace.model.limited)
    layers = tuple(_layer(trace, held, number) for number in range(len(trace.layers)))
    return replace(trace, model=replace(trace.model, weights=weights), weights=weights, layers=layers, original=None)


def _their_weights(weights: Weights, convention: Convention) -> Weights:
    reset = weights.architecture.reset
    architecture = replace(weights.architecture, reset=convention.own_reset(reset))
    layers = weights.layers
    if convention.lacks_b_hn(reset):
        layers = tuple(_without_b_hn(layer) for layer in layers)
    return replace(weights, architecture=architecture, layers=layers)


def _without_b_hn(layer: LayerWeights) -> LayerWeights:
    bias = layer.bias_hh.copy()
    bias[rows("n", layer.hidden_size)] = 0.0
    return replace(layer, bias_hh=bias)


def _layer(trace: Trace, held: Held, number: int) -> cell.CellStep:
    """A layer's (0-based) values at every step, (S, H)."""
    x = trace.layers[number - 1].h if number else trace.ids
    reset = held.weights.architecture.reset
    steps = [
        cell.step(held.at(step).layers[number], x[[at]], trace.layers[number].h_prev[[at]], reset)
        for at, step in enumerate(trace.steps)
    ]
    return cell.joined(steps)


def lines(trace: Trace, position: int, layer: int, units: tuple[int, ...], view: View) -> list[str]:
    """Their step beside this network's for some indices of a layer (0-based); none for the same network."""
    other = theirs(trace, view.convention)
    return [] if other is None else list(_lines(trace, other, position, layer, units, view))


def _lines(trace: Trace, other: Trace, position: int, layer: int, units: tuple[int, ...], view: View) -> Iterator[str]:
    convention, t = view.convention, trace.steps[position]
    n, h = (convention.symbol(name, t) for name in ("n", "h"))
    yield f"Another network: step {t} by the equations of {convention.who}"
    yield from textwrap.wrap(
        f"Same weights, this one step, from the recorded {convention.symbol('h', t - 1)}: not what this network "
        "computed, which stands above and in the columns marked 'here'.",
        WIDTH,
    )
    rows = [["index", n, h, f"{n} here", f"{h} here"]]
    for index in units:
        values = [getattr(one.layers[layer], name)[position, index] for one in (other, trace) for name in ("n", "h")]
        rows.append([str(index), *map(view.short, values)])
    yield from aligned(rows, (7, 10, 10, 15, 15), indent="  ")
    change = np.abs(other.layers[layer].h[position] - trace.layers[layer].h[position])
    most = int(change.argmax())
    yield f"  Over all {len(change)} units {h} differs most at index {most}, by {view.short(float(change[most]))}."
    for index in units:
        unit = worked.Unit(other, position, layer, index, view)
        yield from ("", f"Index {index} by their equations")
        yield from (*worked.gate_lines(unit, GATES[2]), *worked.state_lines(unit))
