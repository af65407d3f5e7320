"""How far rounding alone can move a derivative: the same calculation on numbers that are each off by their rounding.

Two right calculations of a gradient differ by their roundings, each carried on through every step before it; where
steps amplify, or the parts of a sum cancel, that is far more than the rounding of the result. So it is measured: the
walk back is repeated on disturbed numbers. A sum of products is off by EPS times the sum of their sizes; 1 - z and
1 - n^2 are off by EPS, since torch computes them from z and n.

    A_r, A_z, A_n   the sum of the sizes of what is added up in a pre-activation, (..., H)
    e_r, e_z, e_n   how far off r and 1 - r, z and 1 - z, n may be, (..., H)
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from chargru.gru import cell
from chargru.gru.weights import GATES, Array, LayerWeights, Weights, unpack
from chargru.insight import backward
from chargru.insight.backward import Recording, StepDerivatives
from chargru.insight.proof.claim import max_difference
from chargru.insight.trace import Trace

EPS = float(np.finfo(np.float64).eps)

SAMPLES = 8
MARGIN = 8.0
"""Two right calculations may differ by so many times the largest change that a sample shows."""


def bounded(
    recorded: Recording, calculate: Callable[[Recording], list[Array]], references: list[Array]
) -> Iterator[tuple[Array, Array, float]]:
    """Every value of `calculate(recorded)`, its reference, and how far two right calculations of it may be apart.

    It draws, but the same every time.
    """
    values = calculate(recorded)
    changes = [list(map(max_difference, calculate(other), values)) for other in _disturbed(recorded)]
    for value, expected, *sizes in zip(values, references, *changes, strict=True):
        yield value, expected, MARGIN * float(np.max(sizes))


def _disturbed(recorded: Recording) -> Iterator[Recording]:
    """The same record SAMPLES times, every number of the derivative off by its rounding, up or down."""
    generator = np.random.default_rng(0)
    errors = [_errors(recorded.trace, number) for number in range(len(recorded.derivatives))]
    for _ in range(SAMPLES):
        weights = _off(recorded.trace.weights, generator)
        layers = zip(recorded.derivatives, weights.layers, errors, strict=True)
        derivatives = tuple(_moved(layer, own, off, generator) for layer, own, off in layers)
        backward.drop_held(derivatives, recorded.trace.model)
        yield Recording(replace(recorded.trace, weights=weights), derivatives)


def of_sums(trace: Trace) -> float:
    """How far two right calculations of a pre-activation, or of what comes of it, may be apart, whatever the order."""
    largest = 0.0
    for number in range(len(trace.layers)):
        sizes = _sizes(trace, number)
        for gate in GATES:
            sums = cell.pre_activation(sizes.terms, gate, trace.model.architecture.reset)
            largest = max(largest, float(sums.max()))
    return MARGIN * EPS * largest


def _off(weights: Weights, generator: np.random.Generator) -> Weights:
    """Every weight off by a rounding: so is every product that it is in. W_ih of the first layer is in none.

    So it is left as it is: with a large vocabulary it is by far the largest, and to disturb it would change nothing.
    """
    first, *_ = weights.layers
    named = {
        name: value if value is first.weight_ih else value * (1.0 + EPS * _signs(value, generator))
        for name, value in weights.named()
    }
    return unpack(weights.architecture, named)


def _moved(
    layer: StepDerivatives, weights: LayerWeights, off: dict[str, Array], generator: np.random.Generator
) -> StepDerivatives:
    moved = {name: getattr(layer, name) + error * _signs(error, generator) for name, error in off.items()}
    return StepDerivatives(weights, layer.reset, h_prev=layer.h_prev, **moved)


def _signs(like: Array, generator: np.random.Generator) -> Array:
    return generator.choice([-1.0, 1.0], size=like.shape)


def _errors(trace: Trace, number: int) -> dict[str, Array]:
    """How far off z, r, az, an and ar of a layer (0-based) may be, (T, H) each: first-order propagation."""
    reset, weights, one = trace.model.architecture.reset, trace.weights.layers[number], trace.layers[number]
    a_r, a_z, a_n = (cell.pre_activation(one.terms, gate, reset, one.r) for gate in GATES)
    sizes = _sizes(trace, number)
    A_r, A_z, A_n = (cell.pre_activation(sizes.terms, gate, reset, sizes.r) for gate in GATES)
    both_r, both_z, s = (one.r * cell.sigmoid(-a_r), one.z * cell.sigmoid(-a_z), backward.sech2(a_n))
    e_r, e_z = EPS + both_r * EPS * A_r, EPS + both_z * EPS * A_z
    if reset == "after":
        gated = np.abs(one.terms["W_hn h"] + weights.b_h("n"))
        gated_size, by_r = sizes.terms["W_hn h"] + sizes.terms["b_hn"], gated * e_r
    else:
        gated = gated_size = np.abs(one.h_prev)
        by_r = (gated * e_r) @ np.abs(weights.W_h("n")).T
    e_n = EPS + s * (EPS * A_n + by_r)
    difference = np.abs(backward.minus_tanh(one.h_prev, a_n))
    return {
        "z": e_z,
        "r": e_r,
        "az": difference * e_z + both_z * e_n,
        "an": s * e_z + 3.0 * cell.sigmoid(-a_z) * e_n,
        "ar": gated * e_r + both_r * EPS * gated_size,
    }


def _sizes(trace: Trace, number: int) -> cell.CellStep:
    """A step on the sizes of weights, input and state: its `terms` are the sums of sizes, its r no less than r."""
    weights, x = trace.compact(number)
    h_prev = np.abs(trace.layers[number].h_prev)
    return cell.step(weights.each(np.abs), np.abs(x), h_prev, trace.model.architecture.reset)
