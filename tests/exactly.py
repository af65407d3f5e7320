"""Derivatives in 80 decimal digits, by the equations alone: what float64 loses in a saturated gate is all here.

Every step starts from the recorded h_{t-1}, a float64 and so a decimal number exactly. For row i of a layer

    dh_t[i] = z[i] dh_{t-1}[i] + (h_{t-1}[i] - n[i]) z[i] (1 - z[i]) da_z[i] + (1 - z[i]) (1 - n[i]^2) da_n[i]

with da_z = W_hz dh_{t-1} and so on; going back, the same sums are read the other way round.
"""

from decimal import Decimal, getcontext

import numpy as np

DIGITS = 80


def vector(values):
    return np.array([Decimal(float(value)) for value in values.ravel()], dtype=object).reshape(values.shape)


def sigmoid(a):
    return np.array([1 / (1 + (-x).exp()) for x in a], dtype=object)


def tanh(a):
    return np.array([1 - 2 / (1 + (2 * x).exp()) for x in a], dtype=object)


class Step:
    """One step of a layer (H units): weights as decimals, the input x, h_{t-1} and the gates."""

    def __init__(self, tensors, x, h_prev, reset):
        W_i, W_h, b_i, b_h = (np.split(tensor, 3) for tensor in tensors)
        self.W_i, self.W_h, self.reset, self.h_prev = W_i, W_h, reset, h_prev
        self.r, self.z = (sigmoid(W_i[k] @ x + b_i[k] + W_h[k] @ h_prev + b_h[k]) for k in (0, 1))
        self.old = W_h[2] @ h_prev + b_h[2]
        old = self.r * self.old if reset == "after" else W_h[2] @ (self.r * h_prev) + b_h[2]
        self.n = tanh(W_i[2] @ x + b_i[2] + old)

    def back(self, v):
        """From dL/dh_t what W_hr h, W_hz h, W_hn h are differentiated to; dL/dh_{t-1} by its four terms; dL/dx."""
        a_n = v * (1 - self.z) * (1 - self.n * self.n)
        a_z = v * (self.h_prev - self.n) * self.z * (1 - self.z)
        if self.reset == "after":
            product, by_r = a_n * self.r, a_n * self.old
            by_n = product @ self.W_h[2]
        else:
            product, through = a_n, a_n @ self.W_h[2]
            by_n, by_r = through * self.r, through * self.h_prev
        a_r = by_r * self.r * (1 - self.r)
        terms = [v * self.z, a_z @ self.W_h[1], by_n, a_r @ self.W_h[0]]
        return (a_r, a_z, product), terms, a_r @ self.W_i[0] + a_z @ self.W_i[1] + a_n @ self.W_i[2]


def steps(trace):
    """Every step of every layer, [t][layer]."""
    getcontext().prec = DIGITS
    weights, found = trace.weights, []
    tensors = [[vector(getattr(layer, name)) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
               for layer in weights.layers]  # fmt: skip
    for t, id_ in enumerate(trace.ids):
        x, row = vector(np.eye(trace.model.architecture.vocabulary_size)[id_]), []
        for own, cell in zip(tensors, trace.layers, strict=True):
            row.append(Step(own, x, vector(cell.h_prev[t]), trace.model.architecture.reset))
            x = vector(cell.h[t])
        found.append(row)
    return found


def loss_gradient(trace, T):
    """dL_T/dh_T of the top layer, L_T = -ln p(x_{T+1} | h_T)."""
    weight, bias = vector(trace.weights.head_weight), vector(trace.weights.head_bias)
    p = np.array([score.exp() for score in weight @ vector(trace.h[T - 1]) + bias], dtype=object)
    p = p / p.sum()
    p[trace.ids[T]] -= 1
    return p @ weight


def size(vector):
    return sum(value * value for value in vector.ravel()).sqrt()


def log10(size):
    return float(size.log10()) if size else -np.inf


def backward(trace, T):
    """log10 of |C_k|, (L, 3, T), of gates r, z, n; and of |dL_T/dh_{T-k}|, (T + 1), of all layers; -inf for zero."""
    all_steps, layers = steps(trace), len(trace.layers)
    found = np.full((layers, 3, T), -np.inf)
    v = [vector(np.zeros_like(trace.h[0])) for _ in range(layers)]
    v[-1] = loss_gradient(trace, T)
    lags = [log10(size(np.stack(v)))]
    for t in reversed(range(T)):
        for layer in reversed(range(layers)):
            step = all_steps[t][layer]
            left, terms, to_input = step.back(v[layer])
            right = [step.h_prev] * 2 + [step.r * step.h_prev if step.reset == "before" else step.h_prev]
            for gate in range(3):
                found[layer, gate, t] = log10(size(left[gate]) * size(right[gate]))
            v[layer] = sum(terms)
            if layer:
                v[layer - 1] = v[layer - 1] + to_input
        lags.append(log10(size(np.stack(v))))
    return found, np.array(lags)


def jacobian(trace, t, layer):
    """The four terms of dh_t/dh_{t-1} (t 1-based, layer 0-based), (4, H, H), rounded to float64."""
    step = steps(trace)[t - 1][layer]
    rows = [step.back(unit)[1] for unit in vector(np.eye(len(step.h_prev)))]
    return np.array([[row[term] for row in rows] for term in range(4)]).astype(float)
