"""Layers with drawn weights, what they compute, and how far two of them are apart; for tests of the engines."""

import pytest
import torch

from chargru.engine.native import kernels

FLOAT, DOUBLE = torch.float32, torch.float64
compiled = pytest.param(
    "compiled",
    marks=pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler"),
)
engines = pytest.mark.parametrize("engine", ["torch", compiled])
resets = pytest.mark.parametrize("reset", ["after", "before"])


def make(hidden, size, dtype=FLOAT, seed=0):
    """Weights in torch.nn.GRU's range, as leaves."""
    generator = torch.Generator().manual_seed(seed)
    shapes = ((3 * hidden, size), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,))
    bound = hidden**-0.5
    return [
        torch.empty(s, dtype=DOUBLE).uniform_(-bound, bound, generator=generator).to(dtype).requires_grad_()
        for s in shapes
    ]


def make_input(hidden, lanes, steps, size, dtype=FLOAT, dense=False, seed=1):
    """An input and h_0."""
    generator = torch.Generator().manual_seed(seed)
    h_0 = torch.randn(lanes, hidden, dtype=DOUBLE, generator=generator).to(dtype).requires_grad_()
    if dense:
        return torch.randn(steps, lanes, size, dtype=DOUBLE, generator=generator).to(dtype).requires_grad_(), h_0
    return torch.randint(size, (steps, lanes), generator=generator), h_0


def states_and_gradients(run, x, h_0, weights):
    """h, the last h, and the gradients of a sum that weighs every number of both differently."""
    h, last = run(x, h_0, *weights)
    generator = torch.Generator().manual_seed(2)
    weighed = sum((y * torch.randn(y.shape, dtype=DOUBLE, generator=generator).to(y)).sum() for y in (h, last))
    leaves = [t for t in (x, h_0, *weights) if t.requires_grad]
    return [h.detach(), last.detach()], list(torch.autograd.grad(weighed, leaves))


def nn_gru(x, h_0, *weights):
    gru = torch.nn.GRU(weights[0].shape[1], h_0.shape[1], dtype=h_0.dtype)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    dense = x if x.is_floating_point() else torch.nn.functional.one_hot(x, weights[0].shape[1]).to(h_0.dtype)
    h, last = torch.func.functional_call(gru, dict(zip(names, weights, strict=True)), (dense, h_0[None]))
    return h, last[0]


def differences(ours, reference):
    """The largest absolute difference of each pair, relative to the largest number of the reference."""
    return [float((a - b).abs().max() / b.abs().max().clamp_min(1e-30)) for a, b in zip(ours, reference, strict=True)]


def forced(hidden, **biases):
    """Weights of two ids whose named gates see nothing but a bias."""
    weights = [w.detach() for w in make(hidden, 2)]
    for gate, bias in biases.items():
        rows = slice("rz".index(gate) * hidden, ("rz".index(gate) + 1) * hidden)
        for tensor in weights:
            tensor[rows] = 0
        weights[2][rows] = bias
    return [w.requires_grad_() for w in weights]


def assert_equal_layers(ours, reference, dtype):
    (states, gradients), (true_states, true_gradients) = ours, reference
    assert max(differences(states, true_states)) <= (1e-6 if dtype == FLOAT else 1e-12)
    assert max(differences(gradients, true_gradients)) <= (1e-5 if dtype == FLOAT else 1e-12)
