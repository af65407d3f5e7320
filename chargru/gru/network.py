"""The whole network in NumPy: layers, head and state. It runs a checkpoint without torch.

`advance` is the plain version, `cell.step` at every layer with every value kept (float64: trace and its kin).
`Network` is the quick one for scoring and for many samples at once: biases folded where they merge, products
shared by the streams. (`stream` is quicker still for one stream.) Tests hold all of them equal.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chargru.gru import cell, numpy_threads
from chargru.gru.weights import Array, LayerWeights, Weights, mergeable

Ids = NDArray[np.integer]

_LOGITS_AT_ONCE = 1 << 20  # numbers: a large vocabulary over a whole window would fill the memory


def advance(weights: Weights, ids: Ids, states: Sequence[Array]) -> list[cell.CellStep]:
    """One step through every layer: ids (...), states one (..., H) a layer; the new states are each `.h`."""
    x: Array | Ids = ids
    steps = []
    for layer, h_prev in zip(weights.layers, states, strict=True):
        steps.append(cell.step(layer, x, h_prev, weights.architecture.reset))
        x = steps[-1].h
    return steps


def log_softmax(logits: Array) -> Array:
    """Log-probabilities over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


class _Layer:
    """One layer prepared for speed: the first layer's table (V, 3H), transposed products, merged biases.

    b_r and b_z merge with the input's, b_hn does not where r multiplies it (reset after).
    """

    def __init__(self, weights: LayerWeights, *, first: bool, before: bool) -> None:
        H = weights.hidden_size
        self.H, self.first, self.before = H, first, before
        merged = weights.with_biases_merged(*mergeable(before=before)).bias_ih
        self.b_hn = weights.b_h("n")
        table = np.ascontiguousarray(weights.weight_ih.T)
        self.table = table + merged if first else table
        self.merged = merged
        self.W_hh = np.ascontiguousarray(weights.weight_hh)
        self.W_hh_rz, self.W_hn = self.W_hh[: 2 * H], self.W_hh[2 * H :]

    def step(self, x: Array | Ids, h: Array) -> Array:
        """h_t (B, H) from x, ids (B) or vectors (B, I), and h_{t-1} (B, H)."""
        H = self.H
        a = self.table[x] if self.first else x @ self.table + self.merged
        if self.before:
            gates = _sigmoid(a[:, : 2 * H] + h @ self.W_hh_rz.T)
            n = np.tanh(a[:, 2 * H :] + (gates[:, :H] * h) @ self.W_hn.T)
        else:
            carried = h @ self.W_hh.T
            gates = _sigmoid(a[:, : 2 * H] + carried[:, : 2 * H])
            n = np.tanh(a[:, 2 * H :] + gates[:, :H] * (carried[:, 2 * H :] + self.b_hn))
        z = gates[:, H:]
        return np.asarray(n + z * (h - n))


def _sigmoid(a: Array) -> Array:
    """Sigmoid by tanh: one call, exactly 0 and 1 at the ends, 1e-7 in float32."""
    a = np.tanh(np.multiply(a, a.dtype.type(0.5), out=a), out=a)
    a *= a.dtype.type(0.5)
    a += a.dtype.type(0.5)
    return a


class Network:
    """Runs a checkpoint over B streams at once, in the precision of `dtype` (float32 unless asked otherwise)."""

    def __init__(self, weights: Weights, dtype: type[np.floating] = np.float32) -> None:
        self.weights = weights = weights.astype(dtype)
        self.architecture = weights.architecture
        self.dtype = dtype
        before = weights.architecture.reset == "before"
        self._layers = [_Layer(layer, first=number == 0, before=before) for number, layer in enumerate(weights.layers)]

    def zero_state(self, streams: int = 1) -> list[Array]:
        """h_0 = 0: one (B, H) a layer."""
        shape = (streams, self.architecture.hidden_size)
        return [np.zeros(shape, self.dtype) for _ in self._layers]

    def to_array(self, states: list[Array]) -> Array:
        """The states as one array, (L, B, H)."""
        return np.stack(states)

    def from_array(self, states_LBH: Array) -> list[Array]:
        """States as from `zero_state`."""
        return list(states_LBH.astype(self.dtype))

    def step(self, ids: Ids, states: list[Array]) -> list[Array]:
        """Read one character a stream: ids (B), states as from `zero_state`; returns the new states."""
        x: Array | Ids = ids
        new = []
        for layer, h in zip(self._layers, states, strict=True):
            x = layer.step(x, h)
            new.append(x)
        return new

    def logits(self, states: list[Array]) -> Array:
        """Scores (B, V) of the next character from the top layer's state. The network must have a head."""
        weight, bias = self.weights.head
        return np.asarray(states[-1] @ weight.T + bias)

    def nats(self, inputs_TB: Ids, targets_TB: Ids, states: list[Array]) -> tuple[NDArray[np.float64], list[Array]]:
        """-ln p of each target, (T, B) float64, reading inputs_TB from `states`; and the states after them."""
        T, B = inputs_TB.shape
        top_TBH = np.empty((T, B, self.architecture.hidden_size), self.dtype)
        with numpy_threads.threads(1):
            for t in range(T):
                states = self.step(inputs_TB[t], states)
                top_TBH[t] = states[-1]
        nats_TB = np.empty((T, B))
        steps = max(1, _LOGITS_AT_ONCE // (B * self.architecture.vocabulary_size))
        for start in range(0, T, steps):
            part = slice(start, start + steps)
            p_TBV = log_softmax(self.logits([top_TBH[part]]))
            nats_TB[part] = -np.take_along_axis(p_TBV, targets_TB[part, :, None].astype(np.int64), axis=-1)[..., 0]
        return nats_TB, states
