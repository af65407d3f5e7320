"""What is true of any GRU, whatever its weights, each measured on a trace of all steps against torch.

Every step is compared from the recorded h_{t-1}: what goes on from its own state drifts, which `prove` shows by itself.
"""

from collections.abc import Callable, Iterator

import numpy as np

from chargru.gru import cell, forcing
from chargru.gru.forcing import Force
from chargru.gru.weights import GATES, KINDS, Array, LayerWeights, mergeable, rows
from chargru.insight import backward
from chargru.insight.backward import Recording
from chargru.insight.ledger import shares
from chargru.insight.proof import check, reference, rounding
from chargru.insight.proof.claim import Identity, conditioned, identity
from chargru.insight.select import DEFAULT_STEP
from chargru.insight.trace import Trace
from chargru.insight.weight_gradient import parts

Pair = tuple[Array, Array]


def identities(trace: Trace) -> Iterator[Identity]:
    """One measurement after another, on a trace of steps 1 to T (of a model whose gates, if held, are held at all)."""
    reset = trace.model.architecture.reset
    against = "torch.nn.GRU's" if reset == "after" else "those of the equations in torch"
    yield Identity(f"r, z, n, h of every step are {against}", check.difference_from_torch(trace))
    yield identity("h_t = z_t z_{t-1} h_{t-2} + z_t (1 - z_{t-1}) n_{t-1} + (1 - z_t) n_t", _each(trace, _two_steps))
    yield identity("h_t = w_0 h_0 + the sum over k of w_k n_k, w_k = (1 - z_k) z_{k+1}...z_t", _each(trace, _history))
    yield identity(
        "the same weights w are all >= 0 and sum to 1",
        ((np.abs(w).sum(axis=0), np.ones(w.shape[1])) for layer in trace.layers for w in _all_weights(layer)),
    )
    recorded = Recording(trace, backward.derivatives(trace))
    yield conditioned(_JACOBIAN[reset], _jacobians(recorded))
    if trace.model.architecture.head and len(trace.text) > 1:
        yield conditioned("dL_T/dW_hh is the sum over steps k of its C_k", _gradients(recorded))
        yield _first_step(recorded)
    yield identity("r = 1 and z = 0 make a tanh RNN: nn.RNN of the candidate's rows", _each(trace, _rnn))
    yield _exactly_held(trace)
    yield identity(_SMOOTHING[reset], _each(trace, _smoothing))
    yield identity("gamma_u = 1 - z: the z rows negated and the formula swapped give the same h", _each(trace, _taken))
    merged = ("b_hr and b_hz merge" if reset == "after" else "b_hr, b_hz and b_hn merge") + " with the input's biases"
    yield identity(merged, _each(trace, _merged))
    if trace.model.forced:
        yield _as_said(trace)


_JACOBIAN = {
    "after": "dh_t/dh_{t-1} = diag(z) + diag((h_{t-1} - n) z (1-z)) W_hz + diag(d r) W_hn"
    " + diag(d (W_hn h_{t-1} + b_hn) r (1-r)) W_hr, with d = (1-z) (1-n^2)",
    "before": "dh_t/dh_{t-1} = diag(z) + diag((h_{t-1} - n) z (1-z)) W_hz + diag(d) W_hn diag(r)"
    " + diag(d) W_hn diag(h_{t-1} r (1-r)) W_hr, with d = (1-z) (1-n^2)",
}

_SMOOTHING = {
    "after": "r = 0 and W_hz = 0: h_t = z(x) h_{t-1} + (1 - z(x)) tanh(W_in x + b_in), without b_hn",
    "before": "r = 0 and W_hz = 0: h_t = z(x) h_{t-1} + (1 - z(x)) tanh(W_in x + b_in + b_hn)",
}


def _each(trace: Trace, pairs: Callable[[Trace, int], Iterator[Pair]]) -> Iterator[Pair]:
    for layer in range(len(trace.layers)):
        yield from pairs(trace, layer)


def _two_steps(trace: Trace, layer: int) -> Iterator[Pair]:
    one = trace.layers[layer]
    z, before = one.z[1:], one.z[:-1]
    yield z * before * one.h_prev[:-1] + z * (1 - before) * one.n[:-1] + (1 - z) * one.n[1:], one.h[1:]


def _history(trace: Trace, layer: int) -> Iterator[Pair]:
    one = trace.layers[layer]
    for w in _all_weights(one):
        t = len(w) - 1
        yield (w * np.concatenate([one.h_prev[:1], one.n[:t]])).sum(axis=0), one.h[t - 1]


def _all_weights(one: cell.CellStep) -> Iterator[Array]:
    """The weights w_0 to w_t, (t + 1, H), at some steps t."""
    last = len(one.z)
    for t in sorted({1, 2, min(DEFAULT_STEP, last), last} & set(range(1, last + 1))):
        yield shares(one.z[:t])


def _jacobians(recorded: Recording) -> Iterator[tuple[Array, Array, float]]:
    trace, reset = recorded.trace, recorded.trace.model.architecture.reset
    rows = sorted({min(step, len(trace.steps)) - 1 for step in (2, DEFAULT_STEP)})

    def ours(recorded: Recording) -> list[Array]:
        identity = np.eye(trace.model.architecture.hidden_size)
        return [layer.at(row).whole(identity) for layer in recorded.derivatives for row in rows]

    theirs = [
        reference.step_jacobian(weights, x[row], trace.layers[number].h_prev[row], reset)
        for number, (weights, x) in enumerate(map(trace.compact, range(len(trace.layers))))
        for row in rows
    ]
    return rounding.bounded(recorded, ours, theirs)


def _gradients(recorded: Recording) -> Iterator[tuple[Array, Array, float]]:
    trace, step = recorded.trace, min(DEFAULT_STEP, len(recorded.trace.text) - 1)
    theirs = reference.loss_gradients(trace, step)

    def ours(recorded: Recording) -> list[Array]:
        found = parts(recorded, step)
        layers = range(1, len(recorded.derivatives) + 1)
        return [np.concatenate([found.total(layer, gate) for gate in GATES]) for layer in layers]

    return rounding.bounded(recorded, ours, theirs)


def _first_step(recorded: Recording) -> Identity:
    ours = parts(recorded, 1)
    layers = range(1, len(recorded.derivatives) + 1)
    sizes = [float(np.abs(ours.part(layer, gate, 1)).max()) for layer in layers for gate in GATES]
    return Identity("C_1 = 0, since h_0 = 0", float(np.max(sizes)), 0.0)


def held_layer(trace: Trace, layer: int, *forces: Force) -> tuple[LayerWeights, Array]:
    """A layer's (0-based) weights with gates held, and what they read, (S, I), as `Trace.compact` gives them."""
    return trace.compact(layer, forcing.hold(trace.weights, forces))


RNN = (Force("r", 1.0), Force("z", 0.0))
"""What makes a tanh RNN of a GRU."""


def _rnn(trace: Trace, layer: int) -> Iterator[Pair]:
    (weights, x), h_prev = trace.compact(layer), trace.layers[layer].h_prev
    held, _ = held_layer(trace, layer, *RNN)
    yield reference.state(held, x, h_prev, trace.model.architecture.reset), reference.rnn_state(weights, x, h_prev)


def _exactly_held(trace: Trace) -> Identity:
    """In float32: r exactly 1, z exactly 0, and the gradient of their rows exactly 0."""
    reset, found = trace.model.architecture.reset, 0.0
    for layer in range(len(trace.layers)):
        (held, x), h_prev = held_layer(trace, layer, *RNN), trace.layers[layer].h_prev
        single = held.each(lambda tensor: tensor.astype(np.float32))
        one = cell.step(single, x.astype(np.float32), h_prev.astype(np.float32), reset)
        gradient = reference.held_gradient(held, x, h_prev, reset)
        found = float(np.max([found, np.abs(one.r - 1).max(), np.abs(one.z).max(), gradient]))  # nan, if one is
    return Identity("held at +-1e4 a gate is exactly 1 or 0 in float32, its gradient exactly 0", found, 0.0)


def _smoothing(trace: Trace, layer: int) -> Iterator[Pair]:
    (held, x), h_prev = held_layer(trace, layer, Force("r", 0.0)), trace.layers[layer].h_prev
    weights = held.with_rows(rows("z", held.hidden_size), weight_hh=0.0)
    reset = trace.model.architecture.reset
    z = cell.sigmoid(x @ weights.W_i("z").T + weights.b_i("z") + weights.b_h("z"))
    f = np.tanh(x @ weights.W_i("n").T + weights.b_i("n") + (weights.b_h("n") if reset == "before" else 0.0))
    yield z * h_prev + (1 - z) * f, reference.state(weights, x, h_prev, reset)


def _taken(trace: Trace, layer: int) -> Iterator[Pair]:
    one, (weights, x) = trace.layers[layer], trace.compact(layer)
    z = rows("z", weights.hidden_size)
    negated = weights.with_rows(z, **{kind: -getattr(weights, kind)[z] for kind in KINDS})
    gamma_u = cell.step(negated, x, one.h_prev, trace.model.architecture.reset).z
    yield gamma_u * one.n + (1 - gamma_u) * one.h_prev, one.h


def _merged(trace: Trace, layer: int) -> Iterator[Pair]:
    (weights, x), h_prev = trace.compact(layer), trace.layers[layer].h_prev
    reset = trace.model.architecture.reset
    merged = weights.with_biases_merged(*mergeable(before=reset == "before"))
    yield reference.state(merged, x, h_prev, reset), reference.state(weights, x, h_prev, reset)


def _as_said(trace: Trace) -> Identity:
    forces = forcing.parse(trace.model.forced, trace.model.architecture)
    single = trace.weights.astype(np.float32)
    pairs = zip(forcing.hold(single, forces).named(), single.named(), strict=True)
    differences = [float(np.abs(a - b).max()) for (_, a), (_, b) in pairs]
    return Identity(f"the gates are held as the file says: {', '.join(trace.model.forced)}", max(differences), 0.0)
