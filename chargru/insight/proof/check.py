"""A second calculation of a trace by torch, in float64, each step from the trace's own h_{t-1}.

`torch.nn.GRU` shows only its h. Its gates are read by asking it three more times with the same weights, changed so
that h becomes the value in question: with z forced to 0, h is n; with a gate's rows as rows of r, with z forced to 0,
no input to the candidate and b_hn = 1, h is tanh(gate).
"""

from dataclasses import replace

import numpy as np
import torch

from chargru.engine.plain import plain_step
from chargru.gru.forcing import SATURATED
from chargru.gru.stepped import Held
from chargru.gru.weights import KINDS, Array, LayerWeights, rows
from chargru.insight.proof import rounding
from chargru.insight.proof.claim import TOLERANCE
from chargru.insight.proof.reference import state
from chargru.insight.trace import Check, Trace

PLACE = {
    "after": "torch.nn.GRU in float64",
    "before": "the equations in torch, float64 (nn.GRU resets after the product only)",
}
"""What a trace is compared with, by the network's reset placement."""

Values = dict[str, Array]


def checked(trace: Trace) -> Trace:
    """The same trace with `check` filled: the largest difference of any r, z, n or h of any step and layer."""
    largest = difference_from_torch(trace)
    check = Check(largest, TOLERANCE, PLACE[trace.model.architecture.reset], rounding.of_sums(trace))
    return replace(trace, check=check)


def difference_from_torch(trace: Trace) -> float:
    """The largest |difference| / max(1, |reference|) of any r, z, n or h; not a number if one of them is not."""
    values = _reset_after if trace.model.architecture.reset == "after" else _reset_before
    held = Held(trace.weights, trace.model.scheduled)
    largest = 0.0
    for active in sorted(set(map(held.active, trace.steps))):
        at = [position for position, step in enumerate(trace.steps) if held.active(step) == active]
        for number, cell in enumerate(trace.layers):
            weights, x = trace.compact(number, held.at(trace.steps[at[0]]))
            for name, reference in values(weights, x[at], cell.h_prev[at]).items():
                largest = float(np.maximum(largest, _difference(getattr(cell, name)[at], reference)))
    return largest


def _difference(value: Array, reference: Array) -> float:
    """The largest |value - reference| / max(1, |reference|); not a number if one of them is not."""
    return float(np.max(np.abs(value - reference) / np.maximum(1.0, np.abs(reference))))


def _reset_after(weights: LayerWeights, x: Array, h_prev: Array) -> Values:
    no_update = weights.with_constant(rows("z", weights.hidden_size), -SATURATED)
    tanh = {gate: state(_probe(weights, gate), x, h_prev, "after") for gate in ("r", "z")}
    return {
        "h": state(weights, x, h_prev, "after"),
        "n": state(no_update, x, h_prev, "after"),
        **{gate: np.arctanh(value) for gate, value in tanh.items()},
    }


def _probe(weights: LayerWeights, gate: str) -> LayerWeights:
    """A network whose h is tanh of this network's gate r or z."""
    own, r, z, n = (rows(name, weights.hidden_size) for name in (gate, "r", "z", "n"))
    probe = weights.with_constant(z, -SATURATED).with_constant(n, 0.0).with_rows(n, bias_hh=1.0)
    return probe.with_rows(r, **{kind: getattr(weights, kind)[own] for kind in KINDS})


def _reset_before(weights: LayerWeights, x: Array, h_prev: Array) -> Values:
    """r, z, n, h by the equations, (S, H) each."""
    W_ih, W_hh, b_ih, b_hh = map(torch.tensor, weights.packed())
    values = plain_step(torch.tensor(x) @ W_ih.t() + b_ih, torch.tensor(h_prev), W_hh, b_hh, reset="before")
    return {name: value.numpy() for name, value in zip("rznh", values, strict=True)}
