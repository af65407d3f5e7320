"""What another network makes of a recorded step: the same weights, by the equations of a convention's authors.

Where a convention is another network and not a renaming (they reset elsewhere, or have no place for a bias), no
letters can show this network's numbers as theirs. What can be shown is one step of theirs, from the recorded h_{t-1}
and the recorded input of the layer. It goes no further: their next step would start from their own state.

The same weights: of authors without biases these are W with every bias in its columns that they can absorb. The biases
that they cannot absorb are left out.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from chargru.conventions.convention import Convention
from chargru.gru import cell
from chargru.gru.stepped import Held
from chargru.gru.weights import Array, LayerWeights, Weights, rows
from chargru.insight.trace import Trace


def why(trace: Trace, convention: Convention) -> str:
    """Why a convention's equations are another network than the trace's; empty if they are not."""
    first, *above = (loses(trace, convention, number) for number in range(len(trace.layers)))
    return convention.another_network(trace.model.architecture.reset, b_hn=first, above=any(above))


@lru_cache(maxsize=1)
def their_trace(trace: Trace, convention: Convention) -> Trace | None:
    """Every recorded step again by the authors' network, each by itself; None where it is the trace's own network.

    It is asked for again with every step that is shown, so the last one is kept.
    """
    if not why(trace, convention):
        return None
    weights = _their_weights(trace, convention)
    held = Held(weights, trace.model.scheduled)
    layers = tuple(_layer(trace, held, number) for number in range(len(trace.layers)))
    model = replace(trace.model, weights=weights)
    return replace(trace, model=model, weights=weights, layers=layers, original=None, recorded=trace)


def _their_weights(trace: Trace, convention: Convention) -> Weights:
    weights = trace.weights
    architecture = replace(weights.architecture, reset=convention.own_reset(weights.architecture.reset))
    layers = [_left(trace, convention, number) for number in range(len(weights.layers))]
    if absorbs_b_hn(trace, convention):
        layers[0] = layers[0].with_biases_merged("n")
    return replace(weights, architecture=architecture, layers=tuple(layers))


def _left(trace: Trace, convention: Convention, number: int) -> LayerWeights:
    """A layer (0-based) without the biases that they have no place for; a held gate stays held."""
    layer = trace.weights.layers[number]
    lost = convention.lost_biases(trace.model.architecture.reset, number)
    if lost == "all":
        return layer.with_rows(~trace.model.constants[number], bias_ih=0.0, bias_hh=0.0)
    return layer.with_rows(rows("n", layer.hidden_size), bias_hh=0.0) if lost == "b_hn" else layer


def loses(trace: Trace, convention: Convention, number: int) -> bool:
    """Whether a layer (0-based) is another one without the biases that they have no place for."""
    ours, left = (_effective(one, trace) for one in (trace.weights.layers[number], _left(trace, convention, number)))
    return not np.array_equal(ours, left)


def _effective(layer: LayerWeights, trace: Trace) -> Array:
    """All that a layer's biases do: their sums, and b_hn by itself where r multiplies it."""
    sums = layer.bias_ih + layer.bias_hh
    return sums if trace.model.architecture.reset == "before" else np.concatenate([sums, layer.b_h("n")])


def absorbs_b_hn(trace: Trace, convention: Convention) -> bool:
    """Whether W's columns take up a b_hn that r does not multiply here, and would by their equations."""
    reset = trace.model.architecture.reset
    return convention.biases == "none" and reset == "before" and convention.own_reset(reset) == "after"


def _layer(trace: Trace, held: Held, number: int) -> cell.CellStep:
    """A layer's (0-based) values at every step, (S, H)."""
    x, reset = trace.input(number) if number else trace.ids, held.weights.architecture.reset
    steps = [
        cell.step(held.at(step).layers[number], x[[at]], trace.layers[number].h_prev[[at]], reset)
        for at, step in enumerate(trace.steps)
    ]
    return cell.joined(steps)
