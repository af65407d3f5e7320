"""Back through a recorded run: the derivative of one step as vector products, and a walk through the whole stack.

    symbol                 variable   shape      (PyTorch's r, z, n; a_* is what stands inside sigmoid or tanh)
    dL/dh_t                v          (..., H)   a row vector; v @ J is dL/dh_{t-1} for J = dh_t/dh_{t-1}
    dh_t/da_z              az         (..., H)   (h_{t-1} - n) z (1 - z)
    dh_t/da_n = d          an         (..., H)   (1 - z) (1 - n^2)
    what a_r does to       ar         (..., H)   (W_hn h_{t-1} + b_hn) r (1 - r)       reset after
    the candidate                                h_{t-1} r (1 - r), then W_hn          reset before

A gate that is all but 1 has no digits left in 1 - z, and 10^-20 would be 0. So what is small is computed from the
pre-activations: 1 - z = sigmoid(-a_z), 1 - r = sigmoid(-a_r), 1 - n^2 = sech^2(a_n). A held gate is a constant: its
az or ar is 0.

J is the sum of four terms, by the path that the derivative takes (`TERMS`, numbered from 1):

    1 shortcut    diag(z)                    the old state itself: z * h_{t-1}
    2 update      diag(az) W_hz              through the update gate
    3 candidate   diag(d r) W_hn             through the candidate, gates held; reset before: diag(d) W_hn diag(r)
    4 reset       diag(d ar) W_hr            through the reset gate; reset before: diag(d) W_hn diag(ar) W_hr

A matrix of J is never multiplied by another: v goes back through one term at a time, for all positions at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chargru.errors import ChargruError, named
from chargru.gru import cell, network
from chargru.gru.network import Ids
from chargru.gru.weights import GATES, Array, LayerWeights, Reset, Weights, rows
from chargru.insight.trace import OnStep, Trace, trace
from chargru.model import Model
from chargru.shown import Brief

TERMS = (1, 2, 3, 4)
"""The terms of dh_t/dh_{t-1}; their sum is the whole."""

TERM_NAMES = ("shortcut", "update", "candidate", "reset")


@dataclass(frozen=True)
class StepDerivatives(Brief):
    """What the derivative of a layer's step needs; arrays (..., H) as in the table above."""

    weights: LayerWeights
    reset: Reset
    z: Array
    r: Array
    h_prev: Array
    az: Array
    an: Array
    ar: Array

    def at(self, rows: Ids | Sequence[int] | int) -> "StepDerivatives":
        """The same of some of the recorded steps (0-based)."""
        picked = (value[rows] for value in (self.z, self.r, self.h_prev, self.az, self.an, self.ar))
        return StepDerivatives(self.weights, self.reset, *picked)

    def back(self, term: int, v: Array) -> Array:
        """The product v @ (one of TERMS), (..., H)."""
        if term == 1:
            return v * self.z
        if term == 2:
            return (v * self.az) @ self.weights.W_h("z")
        if term == 3:
            return self._through_candidate(v)
        return self.by_reset(v) @ self.weights.W_h("r")

    def _through_candidate(self, v: Array) -> Array:
        if self.reset == "after":
            return (v * self.an * self.r) @ self.weights.W_h("n")
        return ((v * self.an) @ self.weights.W_h("n")) * self.r

    def whole(self, v: Array) -> Array:
        """The product v @ dh_t/dh_{t-1}: all four terms."""
        return self.back(1, v) + self.back(2, v) + self.back(3, v) + self.back(4, v)

    def by_reset(self, v: Array) -> Array:
        """dL/da_r, (..., H)."""
        if self.reset == "after":
            return v * self.an * self.ar
        return ((v * self.an) @ self.weights.W_h("n")) * self.ar

    def to_input(self, v: Array) -> Array:
        """dL/dx_t, (..., I): in a stack the state of the layer below at the same step."""
        W = self.weights
        return self.by_reset(v) @ W.W_i("r") + (v * self.az) @ W.W_i("z") + (v * self.an) @ W.W_i("n")


def derivatives(trace: Trace) -> tuple[StepDerivatives, ...]:
    """What the derivatives of every layer need, on a trace of all steps from the first on."""
    reset = trace.model.architecture.reset
    found = tuple(_derivatives(*layer, reset) for layer in zip(trace.weights.layers, trace.layers, strict=True))
    drop_held(found, trace.model)
    return found


def _derivatives(weights: LayerWeights, cells: cell.CellStep, reset: Reset) -> StepDerivatives:
    r, z, h_prev = cells.r, cells.z, cells.h_prev
    a_r, a_z, a_n = (cell.pre_activation(cells.terms, gate, reset, r) for gate in GATES)
    gated = h_prev if reset == "before" else cells.terms[cell.product_name("n", reset)] + weights.b_h("n")
    taken = cell.sigmoid(-a_z)
    az = minus_tanh(h_prev, a_n) * z * taken
    return StepDerivatives(weights, reset, z, r, h_prev, az, an=taken * sech2(a_n), ar=gated * r * cell.sigmoid(-a_r))


def sech2(a: Array) -> Array:
    """1 - tanh(a)^2, precise at both ends."""
    e = np.exp(-2.0 * np.abs(a))
    return np.asarray(4.0 * e / (1.0 + e) ** 2)


def minus_tanh(h: Array, a: Array) -> Array:
    """The difference h - tanh(a), precise where both are all but 1 or all but -1."""
    e = np.exp(-2.0 * np.abs(a))
    end = np.copysign(1.0, a)
    return np.where(np.abs(a) > 0.5, (h - end) + end * (2.0 * e / (1.0 + e)), h - np.tanh(a))


@dataclass(frozen=True, eq=False)
class Recording(Brief):
    """A run over a text from h_0 = 0, every step kept; `derivatives` has one entry a layer, arrays (T, H)."""

    trace: Trace
    derivatives: tuple[StepDerivatives, ...]

    def loss_gradient(self, steps: Ids) -> Array:
        """dL_T/dh_T (P, H) of the top layer at P steps T (1-based), L_T = -ln p(x_{T+1} | h_T)."""
        targets = self.trace.ids[steps]
        return loss_gradient(self.trace.weights, self.trace.h[steps - 1], targets)


def record(model: Model, text: str, where: str = "the text", on_step: OnStep = None) -> Recording:
    """Run `model` over `text` and keep what derivatives need. Raises TextError as `trace` does."""
    recorded = trace(model, text, steps=range(1, len(text) + 1), where=where, on_step=on_step)
    return Recording(recorded, derivatives(recorded))


def drop_held(layers: Sequence[StepDerivatives], model: Model) -> None:
    """Set to 0 what would go back through a gate at steps where it is held, or into its weights."""
    H = model.architecture.hidden_size
    for layer, constant in zip(layers, model.constants, strict=True):
        layer.ar[:, constant[rows("r", H)]] = 0.0
        layer.az[:, constant[rows("z", H)]] = 0.0
    for force in model.scheduled:
        indices = slice(None) if force.indices is None else list(force.indices)
        for number in force.layers(model.architecture):
            slope = layers[number].az if force.gate == "z" else layers[number].ar
            slope[force.first - 1 : force.last, indices] = 0.0


def loss_gradient(weights: Weights, h: Array, targets: Ids) -> Array:
    """dL/dh (P, H) of L = -ln softmax(head h)[target]: (p - one-hot) @ head.weight.

    p - 1 of the target is minus the sum of the others, so that a sure prediction keeps its digits.
    """
    weight, bias = weights.head
    p = np.exp(network.log_softmax(h @ weight.T + bias))
    at = np.arange(len(p)), targets
    p[at] = 0.0
    p[at] = -p.sum(axis=-1)
    return np.asarray(p @ weight)


def step_back(layers: Sequence[StepDerivatives], v: Array) -> tuple[Array, list[Array]]:
    """From dL/d(state after a step) to dL/d(state before it), through every layer: (L, P, H), from the bottom up.

    The state is h of all layers; what leaves a layer upwards at this step returns to it here. The second value
    is dL/dh_t a layer, (P, H), with that share in it: what the step's own weights are differentiated from.
    """
    total = list(v)
    old = np.empty_like(v)
    for layer in reversed(range(len(layers))):
        old[layer] = layers[layer].whole(total[layer])
        if layer:
            total[layer - 1] = total[layer - 1] + layers[layer].to_input(total[layer])
    return old, total


def rescaled(v: Array, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """The vector over its largest magnitude along `axis`, and log10 of that (axes kept, 0 for a v of zeros)."""
    largest = np.max(np.abs(v), axis=axis, keepdims=True)
    largest = np.where(largest > 0, largest, 1.0)
    return v / largest, np.log10(largest)


def log10_norm(v: Array, axis: int | tuple[int, ...]) -> Array:
    """log10 of the Euclidean norm along `axis`, -inf where v is exactly zero; squaring underflows nothing."""
    unit, scale = rescaled(v, axis)
    with np.errstate(divide="ignore"):
        return np.asarray(np.squeeze(scale, axis) + 0.5 * np.log10(np.sum(unit * unit, axis=axis)))


def need_head(model: Model) -> None:
    """Raises ChargruError if the model predicts nothing, so that there is no loss to start from."""
    if not model.architecture.head:
        raise ChargruError(
            "this model has no head: it predicts no character, so there is no loss to go back from",
            f"the derivative of one step needs none: {named('chargru.jacobian(model, step=...)')}",
        )
