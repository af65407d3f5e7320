"""One stream of characters through a network with a head, as fast as NumPy goes: one product a layer and step.

h_t of a layer is multiplied twice, by W_hh for the layer's own next step and by the weights above it (the next
layer's W_ih, or the head). Here both stand in one matrix, so a step reads each weight once, in one call; everything
pointwise happens in place, in arrays that live as long as the stream. sigmoid(a) = 1/2 + tanh(a/2)/2, with the
first halving already in the weights. `Network` computes the same for many streams; a test holds the two equal.
"""

import numpy as np

from chargru.gru.weights import Array, LayerWeights, Weights, mergeable

_HALF = np.array(0.5, np.float32)  # an array of no dimension: NumPy adds it twice as fast as a scalar


class _Layer:
    """One layer: product ((2H or 3H) + A, H) and its result, split into views.

    `above` (A, H) and `bias_above` (A) are what reads this layer's state; `x_above` is what they make of it.
    """

    def __init__(self, layer: LayerWeights, above: Array, bias_above: Array, *, before: bool) -> None:
        H = layer.hidden_size
        dtype = layer.weight_hh.dtype
        carried = layer.weight_hh[: 2 * H] if before else layer.weight_hh
        padding = np.zeros((-(len(carried) + len(above)) % 16, H))  # see numpy_threads.Pace
        self.product = np.concatenate([carried, above, padding]).astype(dtype)
        self.product[: 2 * H] *= _HALF
        self.result = np.zeros(len(self.product), dtype)
        self.gates = self.result[: 2 * H]
        self.r, self.z = self.gates[:H], self.gates[H:]
        self.n = np.zeros(H, dtype) if before else self.result[2 * H : 3 * H]
        self.b_hn = np.array(layer.b_h("n"), dtype)
        self.W_hn = np.array(layer.W_h("n"), dtype) if before else None
        self.x_above = self.result[len(carried) : len(carried) + len(above)]
        self.bias_above = np.array(bias_above, dtype)
        self.h = np.zeros(H, dtype)
        self.x_above += self.bias_above

    def step(self, x_gates: Array, x_n: Array) -> None:
        """From the input's part of the pre-activations (2H), (H), biases included, to h and `x_above`."""
        gates, n, h = self.gates, self.n, self.h
        np.add(gates, x_gates, gates)
        np.tanh(gates, gates)
        np.multiply(gates, _HALF, gates)
        np.add(gates, _HALF, gates)
        if self.W_hn is None:
            np.add(n, self.b_hn, n)
            np.multiply(n, self.r, n)
        else:
            np.multiply(self.r, h, n)
            n[:] = np.dot(self.W_hn, n)
        np.add(n, x_n, n)
        np.tanh(n, n)
        np.subtract(h, n, h)
        np.multiply(h, self.z, h)
        np.add(h, n, h)
        np.dot(self.product, h, self.result)
        np.add(self.x_above, self.bias_above, self.x_above)


class Stream:
    """A network reading one character after another from h_0 = 0, in float32 or `dtype`. It must have a head."""

    def __init__(self, weights: Weights, dtype: type[np.floating] = np.float32) -> None:
        weights = weights.astype(dtype)
        H, before = weights.architecture.hidden_size, weights.architecture.reset == "before"
        inputs = [_input(layer, before=before) for layer in weights.layers]
        above = [*inputs[1:], weights.head]
        table_V3H = inputs[0][0].T + inputs[0][1]
        self._table_gates = np.ascontiguousarray(table_V3H[:, : 2 * H])
        self._table_n = np.ascontiguousarray(table_V3H[:, 2 * H :])
        self._first, *rest = (
            _Layer(layer, *parts, before=before) for layer, parts in zip(weights.layers, above, strict=True)
        )
        layers = [self._first, *rest]
        self.size = sum(layer.product.nbytes for layer in layers)
        """Bytes of weights that a step reads."""
        self._pairs = [
            (upper, lower.x_above[: 2 * H], lower.x_above[2 * H :]) for lower, upper in zip(layers, rest, strict=False)
        ]
        self.logits = layers[-1].x_above
        """Scores (V) of the next character: a view that the next `read` overwrites."""
        self.states = [layer.h for layer in layers]
        """h of each layer (H): views, likewise."""

    def read(self, id_: int) -> None:
        """Read one character."""
        self._first.step(self._table_gates[id_], self._table_n[id_])
        for layer, x_gates, x_n in self._pairs:
            layer.step(x_gates, x_n)


def _input(layer: LayerWeights, *, before: bool) -> tuple[Array, Array]:
    """W_ih (3H, I) and the biases that merge with it (3H), the gates' rows halved for `_Layer.step`."""
    H = layer.hidden_size
    weight, bias = layer.weight_ih.copy(), layer.with_biases_merged(*mergeable(before=before)).bias_ih
    weight[: 2 * H] *= _HALF
    bias[: 2 * H] *= _HALF
    return weight, bias
