"""A second calculation of a trace by torch, in float64, each step from the trace's own h_{t-1}.

`torch.nn.GRU` shows only its h. Its gates are read by asking it three more times with the same weights, changed so
that h becomes the value in question: with z forced to 0, h is n; with a gate's rows as rows of r, with z forced to 0,
no input to the candidate and b_hn = 1, h is tanh(gate).
"""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from chargru.gru.forcing import SATURATED
from chargru.gru.stepped import Held
from chargru.gru.weights import Array, LayerWeights, rows
from chargru.insight.trace import Check, Trace

TOLERANCE = 1e-12
"""Times max(1, |reference|): every value is at most 1 in size, so it is the tolerance of each."""

PLACE = {
    "after": "torch.nn.GRU in float64",
    "before": "the equations in torch, float64 (nn.GRU resets after the product only)",
}
"""What a trace is compared with, by the network's reset placement."""

Values = dict[str, NDArray[np.float64]]


def checked(trace: Trace) -> Trace:
    """The same trace with `check` filled: the largest difference of any r, z, n or h of any step and layer."""
    largest = max_difference(trace)
    return replace(trace, check=Check(largest, TOLERANCE, PLACE[trace.model.architecture.reset]))


def max_difference(trace: Trace) -> float:
    """The largest |difference| / max(1, |reference|) of any r, z, n or h; not a number if one of them is not."""
    values = _reset_after if trace.model.architecture.reset == "after" else _reset_before
    held = Held(trace.weights, trace.model.scheduled)
    largest = 0.0
    for active in sorted(set(map(held.active, trace.steps))):
        at = [position for position, step in enumerate(trace.steps) if held.active(step) == active]
        for number, weights in enumerate(held.at(trace.steps[at[0]]).layers):
            cell = trace.layers[number]
            for name, reference in values(weights, trace.input(number)[at], cell.h_prev[at]).items():
                largest = float(np.maximum(largest, _difference(getattr(cell, name)[at], reference)))
    return largest


def _difference(value: Array, reference: Array) -> float:
    """The largest |value - reference| / max(1, |reference|); not a number if one of them is not."""
    return float(np.max(np.abs(value - reference) / np.maximum(1.0, np.abs(reference))))


def _reset_after(weights: LayerWeights, x: Array, h_prev: Array) -> Values:
    no_update = _with_gate(weights, "z", -SATURATED)
    tanh = {gate: _gru_state(_probe(weights, gate), x, h_prev) for gate in ("r", "z")}
    return {
        "h": _gru_state(weights, x, h_prev),
        "n": _gru_state(no_update, x, h_prev),
        **{gate: np.arctanh(value) for gate, value in tanh.items()},
    }


def _with_gate(weights: LayerWeights, gate: str, bias: float) -> LayerWeights:
    """A copy in which a gate sees nothing: its rows are 0, its input bias is `bias`."""
    tensors = [weights.weight_ih.copy(), weights.weight_hh.copy(), weights.bias_ih.copy(), weights.bias_hh.copy()]
    own = rows(gate, weights.hidden_size)
    for tensor in tensors:
        tensor[own] = 0.0
    tensors[2][own] = bias
    return LayerWeights(*tensors)


def _probe(weights: LayerWeights, gate: str) -> LayerWeights:
    """A network whose h is tanh of this network's gate r or z."""
    probe = _with_gate(_with_gate(weights, "z", -SATURATED), "n", 0.0)
    own, r = rows(gate, weights.hidden_size), rows("r", weights.hidden_size)
    probe.weight_ih[r], probe.weight_hh[r] = weights.weight_ih[own], weights.weight_hh[own]
    probe.bias_ih[r], probe.bias_hh[r] = weights.bias_ih[own], weights.bias_hh[own]
    probe.bias_hh[rows("n", weights.hidden_size)] = 1.0
    return probe


def _gru_state(weights: LayerWeights, x: Array, h_prev: Array) -> NDArray[np.float64]:
    """What torch.nn.GRU calls h, (S, H): the S steps are a batch of texts of one character each."""
    gru = torch.nn.GRU(x.shape[1], weights.hidden_size, dtype=torch.float64)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    values = (weights.weight_ih, weights.weight_hh, weights.bias_ih, weights.bias_hh)
    gru.load_state_dict({name: torch.tensor(value) for name, value in zip(names, values, strict=True)})
    with torch.no_grad():
        _, h = gru(torch.tensor(x)[None], torch.tensor(h_prev)[None])
    return np.asarray(h[0].numpy())


def _reset_before(weights: LayerWeights, x: Array, h_prev: Array) -> Values:
    """r, z, n, h by the equations, (S, H) each."""
    linear = torch.nn.functional.linear
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    W_ih, W_hh, b_ih, b_hh = (torch.tensor(getattr(weights, name)).chunk(3) for name in names)
    x_t, h_t = torch.tensor(x), torch.tensor(h_prev)
    r, z = (torch.sigmoid(linear(x_t, W_ih[k], b_ih[k]) + linear(h_t, W_hh[k], b_hh[k])) for k in (0, 1))
    n = torch.tanh(linear(x_t, W_ih[2], b_ih[2]) + linear(r * h_t, W_hh[2], b_hh[2]))
    return {"r": r.numpy(), "z": z.numpy(), "n": n.numpy(), "h": ((1 - z) * n + z * h_t).numpy()}
