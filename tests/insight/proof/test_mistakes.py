"""The mistakes that people make, each by arithmetic of its own."""

import numpy as np
from drawn import model

from chargru.insight.proof.mistakes import contrasts
from chargru.insight.trace import trace


def test_contrasts_are_what_they_say():
    """Each by arithmetic written here, on one layer of a network that resets after the product."""
    traced = trace(model(), steps=range(1, 85))
    one, weights = traced.layers[0], traced.weights.layers[0]
    x = np.eye(len(traced.model.vocabulary))[traced.ids]
    W_n, U_n, b, c = weights.W_i("n"), weights.W_h("n"), weights.b_i("n"), weights.b_h("n")
    new, h = x @ W_n.T + b, one.h_prev

    def state(n):
        return (1 - one.z) * n + one.z * h

    rnn = np.tanh(new + h @ U_n.T + c)
    expected = [
        state(np.tanh(new + c + one.r * (h @ U_n.T))) - one.h,
        one.z * one.n + (1 - one.z) * h - one.h,
        state(np.tanh(new + (one.r * h) @ U_n.T + c)) - one.h,
        state(rnn) - rnn,
    ]
    found = list(contrasts(traced))
    assert [abs(a.difference - np.abs(b).max()) < 1e-12 for a, b in zip(found, expected, strict=True)] == [True] * 4
    assert all(contrast.visible for contrast in found)
