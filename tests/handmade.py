"""A GRU written for the tests: the equations in float64, one step after another, from the named tensors."""

import numpy as np


def by_hand(m, text):
    """r, z, n, h and h_prev of every layer, {name: (L, T, H)}, from the named tensors in float64."""
    tensors = {name: value.astype(np.float64) for name, value in m.weights.named()}
    prefix, H = {"after": "gru", "before": "gru_before"}[m.architecture.reset], m.architecture.hidden_size
    inputs = [np.eye(len(m.vocabulary))[m.vocabulary.characters.index(char)] for char in text]
    layers = []
    for layer in range(m.architecture.layers):
        W_i, W_h, b_i, b_h = (
            tensors[f"{prefix}.{kind}_l{layer}"].reshape(3, H, *rest)
            for kind, rest in (("weight_ih", (-1,)), ("weight_hh", (H,)), ("bias_ih", ()), ("bias_hh", ()))
        )
        h, rows = np.zeros(H), []
        for x in inputs:
            r, z = (1 / (1 + np.exp(-(W_i[k] @ x + b_i[k] + W_h[k] @ h + b_h[k]))) for k in (0, 1))
            old = r * (W_h[2] @ h + b_h[2]) if prefix == "gru" else W_h[2] @ (r * h) + b_h[2]
            n = np.tanh(W_i[2] @ x + b_i[2] + old)
            rows.append((r, z, n, (1 - z) * n + z * h, h))
            h = rows[-1][3]
        inputs = [row[3] for row in rows]
        layers.append(np.array(rows))
    return dict(zip(("r", "z", "n", "h", "h_prev"), np.array(layers).transpose(2, 0, 1, 3), strict=True))
