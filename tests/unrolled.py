"""Networks of 9 units, ids for them to read, and what the float64 equations give, step by step."""

import numpy as np
from drawn import model

from chargru.gru.network import advance


def weights(layers=1, reset="after"):
    return model(units=9, layers=layers, reset=reset, scale=2.0).weights


def ids_TB(T=40, B=3):
    return np.random.default_rng(2).integers(0, weights().architecture.vocabulary_size, (T, B))


def reference(drawn, ids):
    """Logits (T, B, V) by `advance` in float64, and the top layer's last state."""
    exact = drawn.astype(np.float64)
    states = [np.zeros((ids.shape[1], drawn.architecture.hidden_size)) for _ in exact.layers]
    logits = []
    for row in ids:
        states = [cell.h for cell in advance(exact, row, states)]
        logits.append(states[-1] @ exact.head_weight.T + exact.head_bias)
    return np.stack(logits), states
