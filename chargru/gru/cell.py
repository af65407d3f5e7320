"""One step of a GRU layer in NumPy, every intermediate value kept: the plain version that all others are held to.

    symbol       variable   shape
    h_{t-1}      h_prev     (..., H)
    r_t          r          (..., H)    r = sigmoid(W_ir x + b_ir + W_hr h_{t-1} + b_hr)
    z_t          z          (..., H)    z = sigmoid(W_iz x + b_iz + W_hz h_{t-1} + b_hz)
    n_t          n          (..., H)    n = tanh(W_in x + b_in + r * (W_hn h_{t-1} + b_hn))    reset after
                                        n = tanh(W_in x + b_in + W_hn (r * h_{t-1}) + b_hn)    reset before
    h_t          h          (..., H)    h = (1 - z) * n + z * h_{t-1}

Reset after is the form of the `torch.nn.GRU` manual; reset before is the third version of Cho et al. 2014
(arXiv 1406.1078), which most courses teach.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chargru.gru.weights import GATES, Array, LayerWeights, Reset
from chargru.shown import Brief


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), precise at both ends, exactly 0 or 1 where a is -1e4 or 1e4."""
    e = np.exp(-np.abs(a))
    return np.asarray(np.where(a >= 0, 1.0, e) / (1.0 + e))


_VALUES = ("h_prev", "r", "z", "n", "h")


@dataclass(frozen=True)
class CellStep(Brief):
    """What one step computed. Arrays are (..., H); `terms` holds the addends of the three pre-activations.

    The keys of `terms` are the words of the equations: "W_ir x", "b_ir", "W_hr h", "b_hr", and so on for z and n.
    In a reset-before network the candidate's product is "W_hn (r * h)".
    """

    h_prev: Array
    r: Array
    z: Array
    n: Array
    h: Array
    terms: dict[str, Array]


def product_name(gate: str, reset: Reset) -> str:
    """The key in `terms` of the product with h_{t-1}."""
    return "W_hn (r * h)" if gate == "n" and reset == "before" else f"W_h{gate} h"


def step(weights: LayerWeights, x: Array | NDArray[np.integer], h_prev: Array, reset: Reset = "after") -> CellStep:
    """One step: x is ids (...) or vectors (..., I), h_prev is (..., H); the equations stand at the top."""
    picked = np.issubdtype(x.dtype, np.integer)  # a one-hot product picks a column and multiplies nothing
    W_x = {gate: weights.W_i(gate).T[x] if picked else x @ weights.W_i(gate).T for gate in GATES}
    terms: dict[str, Array] = {}
    gates: dict[str, Array] = {}
    for gate in ("r", "z"):
        terms |= _named(gate, (W_x[gate], weights.b_i(gate), h_prev @ weights.W_h(gate).T, weights.b_h(gate)), reset)
        gates[gate] = sigmoid(pre_activation(terms, gate, reset))
    r, z = gates["r"], gates["z"]
    carried = (r * h_prev if reset == "before" else h_prev) @ weights.W_h("n").T
    terms |= _named("n", (W_x["n"], weights.b_i("n"), carried, weights.b_h("n")), reset)
    n = np.tanh(pre_activation(terms, "n", reset, r))
    return CellStep(h_prev, r, z, n, (1.0 - z) * n + z * h_prev, terms)


def pre_activation(terms: dict[str, Array], gate: str, reset: Reset, r: Array | float = 1.0) -> Array:
    """What sigmoid (r, z) or tanh (n) is taken of, (..., H), from `terms`; the candidate needs r if reset after."""
    W_x, b_i, W_h, b_h = (terms[name] for name in _names(gate, reset))
    if gate == "n":
        return W_x + b_i + (W_h + b_h if reset == "before" else r * (W_h + b_h))
    return W_x + b_i + W_h + b_h


def room_for(step: CellStep, count: int) -> CellStep:
    """So many steps like this one of shape (1, H), arrays (S, H) that are still to be filled by `put`."""

    def room(value: Array) -> Array:
        return np.empty((count, *value.shape[1:]), value.dtype)

    values = {name: room(getattr(step, name)) for name in _VALUES}
    return CellStep(**values, terms={name: room(term) for name, term in step.terms.items()})


def put(whole: CellStep, position: int, step: CellStep) -> None:
    """Fill in one step (1, H), at its position among those of `room_for`."""
    for name in _VALUES:
        getattr(whole, name)[position] = getattr(step, name)[0]
    for name, term in step.terms.items():
        whole.terms[name][position] = term[0]


def joined(steps: Sequence[CellStep]) -> CellStep:
    """Several steps, arrays (1, H) each, as one with arrays (S, H)."""
    values = {name: np.concatenate([getattr(one, name) for one in steps]) for name in _VALUES}
    terms = {name: np.concatenate([one.terms[name] for one in steps]) for name in steps[0].terms}
    return CellStep(**values, terms=terms)


def _named(gate: str, parts: tuple[Array, ...], reset: Reset) -> dict[str, Array]:
    shape = parts[2].shape
    return {name: np.broadcast_to(part, shape) for name, part in zip(_names(gate, reset), parts, strict=True)}


def _names(gate: str, reset: Reset) -> tuple[str, str, str, str]:
    return f"W_i{gate} x", f"b_i{gate}", product_name(gate, reset), f"b_h{gate}"
