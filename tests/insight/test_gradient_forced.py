"""Derivatives where gates are held: a held gate is a constant, in torch code of its own."""

import autograd
import numpy as np
import pytest
import torch

from chargru.insight.gradient import gradient
from chargru.insight.jacobian import jacobian
from chargru.insight.proof.prove import prove
from chargru.insight.weight_gradient import weight_gradient
from chargru.model import read_model, write_model

TEXT = autograd.random_text(14)
T = 13

EVERY = [0, 1, 2, 3, 4]
CASES = {
    "throughout": (["r=1", "2:z[1,3]=0"], [(1, "r", [0, 1, 2, 3, 4], 1, 1, 99), (2, "r", [0, 1, 2, 3, 4], 1, 1, 99),
                                           (2, "z", [1, 3], 0, 1, 99)]),
    "at some steps": (["1:z[2]=1@5-9", "2:r=0@7-last"], [(1, "z", [2], 1, 5, 9), (2, "r", [0, 1, 2, 3, 4], 0, 7, 99)]),
    "between 0 and 1": (["2:z=0.25@6-10", "1:r[0]=0.5@12"], [(2, "z", [0, 1, 2, 3, 4], 0.25, 6, 10),
                                                             (1, "r", [0], 0.5, 12, 12)]),
    "between 0 and 1 throughout": (["z=0.5", "r=0.25"], [(k, g, EVERY, v, 1, 99) for k in (1, 2)
                                                         for g, v in (("z", 0.5), ("r", 0.25))]),
    "some between 0 and 1 throughout": (["2:z[1,3]=0.3", "1:r[0]=0.5", "1:r[2]=0.5@9-last"],
                                        [(2, "z", [1, 3], 0.3, 1, 99), (1, "r", [0], 0.5, 1, 99),
                                         (1, "r", [2], 0.5, 9, 99)]),
}  # fmt: skip


def step(layer, x, h, reset, held):
    """One step of a layer, `held` its list of (gate, indices, value)."""
    W_ih, W_hh, b_ih, b_hh = layer
    W_hr, W_hz, W_hn = W_hh.chunk(3)
    i_r, i_z, i_n = (W_ih @ x + b_ih).chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    gates = {"r": torch.sigmoid(i_r + W_hr @ h + b_r), "z": torch.sigmoid(i_z + W_hz @ h + b_z)}
    for gate, indices, value in held:
        mask = torch.zeros(len(h), dtype=torch.bool)
        mask[indices] = True
        gates[gate] = torch.where(mask, torch.full_like(h, value), gates[gate])
    r, z = gates["r"], gates["z"]
    carried = r * (W_hn @ h + b_n) if reset == "after" else W_hn @ (r * h) + b_n
    return (1 - z) * torch.tanh(i_n + carried) + z * h


def run_from(model, layers, states, held, first, last):
    """The states of all layers after steps first to last."""
    for t, x in enumerate(autograd.one_hot(model, TEXT[:last])[first - 1 :], start=first):
        new = []
        for number, layer in enumerate(layers, start=1):
            own = [(gate, indices, value) for k, gate, indices, value, a, b in held if k == number and a <= t <= b]
            x = step(layer, x, states[number - 1], model.architecture.reset, own)
            new.append(x)
        states = new
    return states


def zero(model):
    return [torch.zeros(model.architecture.hidden_size, dtype=torch.float64) for _ in range(2)]


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("case", CASES)
def test_sizes_by_lag(case, reset):
    force, held = CASES[case]
    original = autograd.model(layers=2, reset=reset)
    layers, _, _ = autograd.parameters(original)
    report = gradient(original.force(*force), TEXT, [1, 4, 8], [T])
    norms = {}
    for lag in (0, 1, 4, 8):
        states = run_from(original, layers, zero(original), held, 1, T - lag)
        start = [h.detach().requires_grad_() for h in states]
        end = run_from(original, layers, start, held, T - lag + 1, T)
        found = torch.autograd.grad(
            autograd.loss(original, end[-1], TEXT[T]), start, allow_unused=True, materialize_grads=True
        )
        norms[lag] = float(torch.stack(found).norm())
    for lag in (1, 4, 8):
        assert report.whole.log10[0, lag] == pytest.approx(np.log10(norms[lag] / norms[0]), abs=1e-6)


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("case", CASES)
def test_one_step_and_the_weights(case, reset):
    force, held = CASES[case]
    original = autograd.model(layers=2, reset=reset)
    forced = original.force(*force)
    layers, _, _ = autograd.parameters(original)
    before = run_from(original, layers, zero(original), held, 1, 7)
    states = [h.detach() for h in before]
    expected = torch.autograd.functional.jacobian(
        lambda top: run_from(original, layers, [states[0], top], held, 8, 8)[-1], states[1]
    )
    assert np.abs(jacobian(forced, TEXT, 8).total - expected.numpy()).max() < 1e-6
    weights = [layer[1].requires_grad_() for layer in layers]
    end = run_from(original, layers, zero(original), held, 1, T)
    gradients = torch.autograd.grad(autograd.loss(original, end[-1], TEXT[T]), weights)
    found = weight_gradient(forced, TEXT, T)
    for layer, expected_rows in enumerate(gradients, start=1):
        rows = np.concatenate([found.total(layer, gate) for gate in "rzn"])
        assert np.abs(rows - expected_rows.numpy()).max() < 1e-6


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize(("force", "gate", "units"), [("z=0.5", "z", EVERY), ("2:r[1,4]=0.3", "r", [1, 4])])
def test_a_held_gate_s_weights_have_no_gradient_at_all(tmp_path, reset, force, gate, units):
    """In a model made in Python and in one read from a file, whose document says what is held."""
    model = autograd.model(layers=2, reset=reset).force(force)
    write_model(tmp_path, model)
    for held in (model, read_model(tmp_path)):
        found = weight_gradient(held, TEXT, T)
        assert not found.total(2, gate)[units].any()
        assert found.total(2, "n").any()
        assert np.isneginf(found.log10_sizes()[1, "rzn".index(gate)]).all() == (units == EVERY)
        assert prove(held, TEXT).passed


def test_nothing_goes_back_through_a_held_gate():
    terms = jacobian(autograd.model().force("z=0.5@3-8", "r=0.5@8"), TEXT, 8).terms
    assert np.array_equal(terms[0], 0.5 * np.eye(5))
    assert not terms[[1, 3]].any()
    assert terms[2].any()
