"""What is not the same GRU: usual mistakes and other networks, and how much each changes h here, step by step."""

from collections.abc import Callable, Iterator

import numpy as np

from chargru.gru import cell
from chargru.gru.forcing import Force
from chargru.gru.weights import Array, Reset
from chargru.insight.proof import reference
from chargru.insight.proof.claim import Contrast, max_difference
from chargru.insight.proof.identities import held_layer
from chargru.insight.trace import Trace

OTHER: dict[Reset, Reset] = {"after": "before", "before": "after"}


def contrasts(trace: Trace) -> Iterator[Contrast]:
    """One measurement after another, on a trace of all steps."""
    reset = trace.model.architecture.reset
    if reset == "after":
        yield _contrast("b_hn merged with b_in, though r multiplies it", trace, _b_hn_merged)
    yield _contrast("the formula swapped, z n + (1 - z) h_{t-1}, without negating the z rows", trace, _swapped)
    yield _contrast(f"r {OTHER[reset]} the product with W_hn instead of {reset} it", trace, _other_reset)
    yield _contrast("r = 1 alone, taken for a tanh RNN", trace, _r_alone)


def _contrast(claim: str, trace: Trace, other: Callable[[Trace, int], tuple[Array, Array]]) -> Contrast:
    return Contrast(claim, float(np.max([max_difference(*other(trace, layer)) for layer in range(len(trace.layers))])))


def _b_hn_merged(trace: Trace, layer: int) -> tuple[Array, Array]:
    weights, x = trace.compact(layer)
    return cell.step(weights.with_biases_merged("n"), x, trace.layers[layer].h_prev).h, trace.layers[layer].h


def _swapped(trace: Trace, layer: int) -> tuple[Array, Array]:
    one = trace.layers[layer]
    return one.z * one.n + (1 - one.z) * one.h_prev, one.h


def _other_reset(trace: Trace, layer: int) -> tuple[Array, Array]:
    one, (weights, x) = trace.layers[layer], trace.compact(layer)
    return cell.step(weights, x, one.h_prev, OTHER[trace.model.architecture.reset]).h, one.h


def _r_alone(trace: Trace, layer: int) -> tuple[Array, Array]:
    (weights, x), h_prev = trace.compact(layer), trace.layers[layer].h_prev
    held, _ = held_layer(trace, layer, Force("r", 1.0))
    return cell.step(held, x, h_prev, trace.model.architecture.reset).h, reference.rnn_state(weights, x, h_prev)
