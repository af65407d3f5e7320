"""The plain step: against torch.nn.GRU, against the equations in torch, by finite differences, and by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from drawn import model

from chargru.gru.cell import sigmoid, step
from chargru.gru.weights import LayerWeights

TOLERANCE = 1e-12


def layer(reset="after", units=7):
    return model(units=units, reset=reset).weights.astype(np.float64).layers[0]


def start(units=7):
    return np.random.default_rng(5).uniform(-1, 1, units)


def torch_gru(weights):
    gru = torch.nn.GRU(weights.weight_ih.shape[1], weights.hidden_size).double()
    values = (weights.weight_ih, weights.weight_hh, weights.bias_ih, weights.bias_hh)
    for parameter, value in zip(gru.parameters(), values, strict=True):
        parameter.data = torch.from_numpy(value.copy())
    return gru


def before_in_torch(weights, id_, h):
    """Cho's third version, written once more, from torch tensors."""
    W_ir, W_iz, W_in = torch.from_numpy(weights.weight_ih).chunk(3)
    W_hr, W_hz, W_hn = torch.from_numpy(weights.weight_hh).chunk(3)
    b_r, b_z, b_n = torch.from_numpy(weights.bias_ih + weights.bias_hh).chunk(3)
    r = torch.sigmoid(W_ir[:, id_] + W_hr @ h + b_r)
    z = torch.sigmoid(W_iz[:, id_] + W_hz @ h + b_z)
    n = torch.tanh(W_in[:, id_] + W_hn @ (r * h) + b_n)
    return (1 - z) * n + z * h


def test_reset_after_is_torch_gru():
    weights, h = layer(), start()
    x = torch.nn.functional.one_hot(torch.tensor([3]), weights.weight_ih.shape[1]).double()
    _, h_torch = torch_gru(weights)(x, torch.from_numpy(h)[None])
    assert np.abs(step(weights, np.array(3), h).h - h_torch[0].detach().numpy()).max() < TOLERANCE


def test_reset_before_is_its_equations():
    weights, h = layer("before"), start()
    expected = before_in_torch(weights, 3, torch.from_numpy(h)).numpy()
    assert np.abs(step(weights, np.array(3), h, "before").h - expected).max() < TOLERANCE


def test_the_two_placements_of_reset_are_different_networks():
    weights, h = layer(), start()
    assert np.abs(step(weights, np.array(3), h).h - step(weights, np.array(3), h, "before").h).max() > 0.01


def test_an_id_picks_what_its_one_hot_vector_multiplies():
    weights, h = layer(), start()
    one_hot = np.eye(weights.weight_ih.shape[1])[3]
    assert np.abs(step(weights, np.array(3), h).h - step(weights, one_hot, h).h).max() < TOLERANCE


@pytest.mark.parametrize("reset", ["after", "before"])
def test_terms_add_up_to_the_gates(reset):
    weights = layer(reset)
    cell = step(weights, np.array(2), start(), reset)
    for gate, value in (("r", cell.r), ("z", cell.z)):
        addends = (f"W_i{gate} x", f"b_i{gate}", f"W_h{gate} h", f"b_h{gate}")
        assert np.abs(sigmoid(sum(cell.terms[name] for name in addends)) - value).max() < TOLERANCE


@pytest.mark.parametrize("reset", ["after", "before"])
def test_candidate_follows_from_its_terms(reset):
    cell = step(layer(reset), np.array(2), start(), reset)
    t = cell.terms
    if reset == "after":
        a = t["W_in x"] + t["b_in"] + cell.r * (t["W_hn h"] + t["b_hn"])
    else:
        a = t["W_in x"] + t["b_in"] + t["W_hn (r * h)"] + t["b_hn"]
    assert np.abs(np.tanh(a) - cell.n).max() < TOLERANCE


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("name", ["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
def test_finite_differences_agree_with_autograd(reset, name):
    """d(sum of c_i h_i)/dW, central differences of the NumPy step against torch's gradient of the same sum."""
    weights, h, c = layer(reset, units=3), start(3), np.array([0.3, -1.1, 0.7])
    tensors = {key: torch.from_numpy(value.copy()).requires_grad_() for key, value in vars(weights).items()}
    (_torch_step(tensors, 3, torch.from_numpy(h), reset) * torch.from_numpy(c)).sum().backward()
    gradient = tensors[name].grad.numpy()
    worst = 0.0
    for index in np.ndindex(gradient.shape):
        up, down = (_nudged(weights, name, index, sign * 1e-6) for sign in (1, -1))
        difference = c @ (step(up, np.array(3), h, reset).h - step(down, np.array(3), h, reset).h) / 2e-6
        worst = max(worst, abs(difference - gradient[index]))
    assert worst < 1e-8


def _nudged(weights, name, index, amount):
    value = getattr(weights, name).copy()
    value[index] += amount
    return replace(weights, **{name: value})


def _torch_step(t, id_, h, reset):
    H = len(h)
    x, b = t["weight_ih"][:, id_] + t["bias_ih"], t["bias_hh"]
    W_rz, W_n = t["weight_hh"][: 2 * H], t["weight_hh"][2 * H :]
    r, z = torch.sigmoid(x[: 2 * H] + W_rz @ h + b[: 2 * H]).chunk(2)
    old = r * (W_n @ h + b[2 * H :]) if reset == "after" else W_n @ (r * h) + b[2 * H :]
    return (1 - z) * torch.tanh(x[2 * H :] + old) + z * h


def by_hand():
    """Two units, two characters; h = (0.5, -0.2); the weights have one digit so that paper suffices."""
    weight_ih = np.array([[0.2, 9.0], [-0.4, 9.0], [1.0, 9.0], [-1.0, 9.0], [0.3, 9.0], [0.6, 9.0]])
    weight_hh = np.array([[0.4, -0.5], [1.0, 0.5], [0.6, 1.0], [0.8, -0.5], [2.0, 1.0], [-1.0, 0.5]])
    bias_ih = np.array([0.1, 0.2, -0.3, 0.5, 0.1, -0.2])
    bias_hh = np.array([0.0, -0.1, 0.2, 0.0, -0.4, 0.3])
    return LayerWeights(weight_ih, weight_hh, bias_ih, bias_hh), np.array([0.5, -0.2])


def test_two_units_worked_by_hand_reset_after():
    """Reads character 0, so W x is the first column of W_ih; h = (0.5, -0.2).

    r: W_hr h = (0.4*0.5 - 0.5*-0.2, 1.0*0.5 + 0.5*-0.2)  = ( 0.30,  0.40)
       r = sigmoid((0.2 + 0.1 + 0.30 + 0.0, -0.4 + 0.2 + 0.40 - 0.1)) = sigmoid((0.6, 0.1)) = (0.64566, 0.52498)
    z: W_hz h = (0.6*0.5 + 1.0*-0.2, 0.8*0.5 - 0.5*-0.2)  = ( 0.10,  0.50)
       z = sigmoid((1.0 - 0.3 + 0.10 + 0.2, -1.0 + 0.5 + 0.50 + 0.0)) = sigmoid((1.0, 0.0)) = (0.73106, 0.50000)
    n: W_hn h = (2.0*0.5 + 1.0*-0.2, -1.0*0.5 + 0.5*-0.2) = ( 0.80, -0.60); with b_hn: (0.40, -0.30)
       n = tanh((0.3 + 0.1 + 0.64566*0.40, 0.6 - 0.2 + 0.52498*-0.30)) = tanh((0.65826, 0.24251)) = (0.57721, 0.23786)
    h = (0.26894*0.57721 + 0.73106*0.5, 0.5*0.23786 + 0.5*-0.2) = (0.52076, 0.01893)
    """
    weights, h = by_hand()
    cell = step(weights, np.array(0), h)
    assert np.abs(cell.r - [0.64566, 0.52498]).max() < 1e-5
    assert np.abs(cell.z - [0.73106, 0.50000]).max() < 1e-5
    assert np.abs(cell.n - [0.57721, 0.23786]).max() < 1e-5
    assert np.abs(cell.h - [0.52076, 0.01893]).max() < 1e-5


def test_two_units_worked_by_hand_reset_before():
    """The same weights; r and z as above, r * h = (0.64566*0.5, 0.52498*-0.2) = (0.32283, -0.10500).

    n: W_hn (r * h) = (2.0*0.32283 + 1.0*-0.10500, -1.0*0.32283 + 0.5*-0.10500) = (0.54066, -0.37533)
       n = tanh((0.3 + 0.1 + 0.54066 - 0.4, 0.6 - 0.2 - 0.37533 + 0.3)) = tanh((0.54066, 0.32467)) = (0.49349, 0.31373)
    h = (0.26894*0.49349 + 0.73106*0.5, 0.5*0.31373 + 0.5*-0.2) = (0.49825, 0.05686)
    """
    weights, h = by_hand()
    cell = step(weights, np.array(0), h, "before")
    assert np.abs(cell.n - [0.49349, 0.31373]).max() < 1e-5
    assert np.abs(cell.h - [0.49825, 0.05686]).max() < 1e-5


def test_sigmoid_is_exact_at_the_ends():
    assert sigmoid(np.array([-1e4, 0.0, 1e4], np.float32)).tolist() == [0.0, 0.5, 1.0]
