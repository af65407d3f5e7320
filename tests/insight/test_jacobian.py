"""The four terms of dh_t/dh_{t-1} against autograd with the other paths frozen."""

import autograd
import numpy as np
import pytest
import torch

from chargru.errors import StepError
from chargru.insight import backward
from chargru.insight.jacobian import jacobian

TEXT = autograd.random_text(9)
STEP = 7


def reference(model, layer, keep):
    layers, _, _ = autograd.parameters(model)
    recorded = autograd.states(model, TEXT)
    x = recorded[STEP][layer - 2] if layer > 1 else autograd.one_hot(model, TEXT)[STEP - 1]
    h_prev = recorded[STEP - 1][layer - 1]
    reset = model.architecture.reset
    return torch.autograd.functional.jacobian(
        lambda h: autograd.step(layers[layer - 1], x, h, reset, keep), h_prev
    ).numpy()


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layer", [1, 2])
def test_each_term_is_the_derivative_by_its_path(reset, layer):
    model = autograd.model(2, reset)
    found = jacobian(model, TEXT, step=STEP, layer=layer)
    for term in backward.TERMS:
        np.testing.assert_allclose(found.terms[term - 1], reference(model, layer, (term,)), rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.total, reference(model, layer, autograd.ALL), rtol=0, atol=1e-14)


def test_norms_and_spectral_radius():
    found = jacobian(autograd.model(), TEXT, step=STEP)
    matrices = [*found.terms, found.total]
    two = [np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix)[-1]) for matrix in matrices]
    np.testing.assert_allclose(found.two_norms(), two, rtol=1e-12)
    np.testing.assert_allclose(found.frobenius_norms(), [np.sqrt(np.sum(m * m)) for m in matrices], rtol=1e-12)
    power = np.linalg.matrix_power(found.total, 400)
    assert found.spectral_radius() == pytest.approx(np.linalg.norm(power, 2) ** (1 / 400), rel=0.02)


@pytest.mark.parametrize("step", [0, 10])
def test_a_step_that_the_text_does_not_have_is_refused(step):
    with pytest.raises(StepError):
        jacobian(autograd.model(), TEXT, step=step)
