"""Derivatives where gates are held, against torch; where they are nearly 0 or 1, against 80 decimal digits."""

from dataclasses import replace

import autograd
import drawn
import exactly
import numpy as np
import pytest
import torch

from chargru.insight import backward
from chargru.insight.gradient import gradient
from chargru.insight.jacobian import jacobian
from chargru.insight.proof.prove import prove
from chargru.insight.trace import trace
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
    report = gradient(original.force(*force), TEXT, lags=[1, 4, 8], positions=[T])
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
    assert np.abs(jacobian(forced, TEXT, step=8).total - expected.numpy()).max() < 1e-6
    weights = [layer[1].requires_grad_() for layer in layers]
    end = run_from(original, layers, zero(original), held, 1, T)
    gradients = torch.autograd.grad(autograd.loss(original, end[-1], TEXT[T]), weights)
    found = weight_gradient(forced, TEXT, step=T)
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
        found = weight_gradient(held, TEXT, step=T)
        assert not found.total(2, gate)[units].any()
        assert found.total(2, "n").any()
        assert np.isneginf(found.log10_sizes()[1, "rzn".index(gate)]).all() == (units == EVERY)
        assert prove(held, TEXT).passed


def test_nothing_goes_back_through_a_held_gate():
    terms = jacobian(autograd.model().force("z=0.5@3-8", "r=0.5@8"), TEXT, step=8).terms
    assert np.array_equal(terms[0], 0.5 * np.eye(5))
    assert not terms[[1, 3]].any()
    assert terms[2].any()


STEPS = 20
SATURATED = [(layers, reset, seed) for layers in (1, 2) for reset in ("after", "before") for seed in (0, 2)]


def saturated(layers, reset, seed):
    """4 units, recurrent rows of length 30: a gate of 1 - 10^-20 is nothing special."""
    return drawn.model(units=4, layers=layers, reset=reset, seed=seed, scale=30.0)


def apart(found, expected):
    """The largest |difference| of two log10; 1e9 where one is an exact zero and the other is not."""
    return np.abs(np.maximum(found, -1e9) - np.maximum(expected, -1e9)).max()


@pytest.mark.parametrize(("layers", "reset", "seed"), SATURATED)
def test_sizes_are_those_of_80_digits(layers, reset, seed):
    """In float64 1 - z and 1 - n^2 have no digits left here: 10^-20 would be an exact zero, or 10^-36."""
    m = saturated(layers, reset, seed)
    parts, lags = exactly.backward(trace(m, steps=range(1, STEPS + 2)), STEPS)
    assert parts[:, :, 1:].min() < -12
    assert apart(weight_gradient(m, None, step=STEPS).log10_sizes(), parts) < 1e-11
    assert (
        apart(gradient(m, drawn.TEXT[: STEPS + 1], lags=[STEPS], positions=[STEPS]).whole.log10[0], lags - lags[0])
        < 1e-11
    )


@pytest.mark.parametrize(("layers", "reset", "seed"), SATURATED)
def test_every_entry_of_a_jacobian_is_that_of_80_digits(layers, reset, seed):
    m = saturated(layers, reset, seed)
    for t in (2, 7, STEPS):
        expected = exactly.jacobian(trace(m, steps=range(1, STEPS + 1)), t, layers - 1)
        found = jacobian(m, drawn.TEXT, step=t).terms
        assert np.array_equal(found != 0, expected != 0)
        assert (np.abs(found - expected)[expected != 0] / np.abs(expected)[expected != 0]).max() < 1e-10


def test_a_gate_held_at_its_end_has_a_derivative_of_exactly_zero():
    for gate, slope in (("z=1", "az"), ("z=0", "az"), ("r=1", "ar"), ("r=0", "ar")):
        held = replace(saturated(2, "after", 0).force(gate), forced=())
        traced = trace(held, steps=range(1, STEPS + 1))
        assert not any(getattr(layer, slope).any() for layer in backward.derivatives(traced))


@pytest.mark.parametrize("reset", ["after", "before"])
def test_whole_product_is_the_sum_of_the_terms(reset):
    model = autograd.model(1, reset)
    recorded = backward.record(model, TEXT)
    v = np.random.default_rng(0).standard_normal((3, 5))
    here = recorded.derivatives[0].at(6)
    np.testing.assert_allclose(here.whole(v), v @ jacobian(model, TEXT, step=7).total, rtol=0, atol=1e-14)


def test_loss_gradient_keeps_its_digits_where_the_prediction_is_sure():
    model = autograd.model()
    weights = model.weights.astype(np.float64)
    weights.head_bias[0] = 60.0
    h = np.zeros((1, 5))
    logits = torch.tensor(weights.head_bias)
    p = torch.softmax(logits, 0).numpy()
    others = p[1:] @ (weights.head_weight[1:] - weights.head_weight[0])
    found = backward.loss_gradient(weights, h, np.array([0]))[0]
    np.testing.assert_allclose(found, others, rtol=1e-9)
    assert np.abs(found).max() > 0
