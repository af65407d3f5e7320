"""C_k against autograd with a separate copy of W_hh for every step."""

from dataclasses import replace

import autograd
import numpy as np
import pytest

from chargru.errors import ChargruError, StepError
from chargru.gru.weights import GATES, rows, unpack
from chargru.insight.weight_gradient import weight_gradient

TEXT = autograd.random_text(10)
T = 8
KINDS = [(layers, reset) for layers in (1, 2) for reset in ("after", "before")]


def blocks(expected, layer, gate):
    return expected[:, layer - 1, rows(gate, expected.shape[-1])]


@pytest.mark.parametrize(("layers", "reset"), KINDS)
@pytest.mark.parametrize("gate", GATES)
def test_parts_are_the_gradients_of_separate_copies(layers, reset, gate):
    model = autograd.model(layers, reset)
    found, expected = weight_gradient(model, TEXT, step=T), autograd.weight_parts(model, TEXT, T)
    for layer in range(1, layers + 1):
        reference = blocks(expected, layer, gate)
        parts = np.stack([found.part(layer, gate, k) for k in range(1, T + 1)])
        np.testing.assert_allclose(parts, reference, rtol=0, atol=1e-15)
        np.testing.assert_allclose(found.total(layer, gate), reference.sum(axis=0), rtol=0, atol=1e-15)


@pytest.mark.parametrize(("layers", "reset"), KINDS)
def test_sizes_and_shares_are_those_of_the_parts(layers, reset):
    model = autograd.model(layers, reset)
    found, expected = weight_gradient(model, TEXT, step=T), autograd.weight_parts(model, TEXT, T)
    for layer in range(1, layers + 1):
        for number, gate in enumerate(GATES):
            parts = blocks(expected, layer, gate)
            total = parts.sum(axis=0)
            sizes = np.linalg.norm(parts, axis=(1, 2))
            np.testing.assert_allclose(10.0 ** found.log10_sizes()[layer - 1, number], sizes, rtol=1e-10, atol=1e-18)
            shares = (parts * total).sum(axis=(1, 2)) / (total * total).sum()
            np.testing.assert_allclose(found.shares()[layer - 1, number], shares, rtol=0, atol=1e-12)


def test_shares_sum_to_one_and_step_1_has_none():
    found = weight_gradient(autograd.model(2), TEXT, step=T)
    np.testing.assert_allclose(found.shares().sum(axis=-1), 1.0, rtol=0, atol=1e-13)
    assert not found.shares()[..., 0].any()
    assert np.isneginf(found.log10_sizes()[..., 0]).all()


def test_shares_survive_a_gradient_below_every_float64():
    model = autograd.model()
    tensors = dict(model.weights.named())
    tensors["head.bias"] = np.array([0, 0, 0, 0], np.float32)
    tensors["head.weight"] = tensors["head.weight"] * np.float32(1e-30)
    faint = replace(model, weights=unpack(model.architecture, tensors).astype(np.float64))
    faint.weights.head_weight[:] *= 1e-290
    found = weight_gradient(faint, TEXT, step=T)
    np.testing.assert_allclose(found.shares().sum(axis=-1), 1.0, rtol=0, atol=1e-9)


def test_a_forced_gate_has_no_gradient_and_no_shares():
    model = autograd.model()
    tensors = {name: value.copy() for name, value in model.weights.named()}
    for name in model.architecture.layer_names(0):
        tensors[name][rows("z", 5)] = 0
    tensors["gru.bias_ih_l0"][rows("z", 5)] = 1e4
    found = weight_gradient(replace(model, weights=unpack(model.architecture, tensors)), TEXT, step=T)
    assert np.isneginf(found.log10_sizes()[0, 1]).all()
    assert np.isnan(found.shares()[0, 1]).all()


def test_the_last_step_and_a_model_without_a_head_have_no_loss():
    with pytest.raises(StepError, match="no next character"):
        weight_gradient(autograd.model(), TEXT, step=len(TEXT))
    with pytest.raises(ChargruError, match="no head"):
        weight_gradient(autograd.model(head=False), TEXT, step=T)
