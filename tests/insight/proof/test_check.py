"""The second calculation agrees with a right trace and not with a wrong one."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import model

from chargru.insight.proof.check import checked
from chargru.insight.trace import trace


@pytest.mark.parametrize(
    ("reset", "against"), [("after", "torch.nn.GRU in float64"), ("before", "the equations in torch, float64")]
)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_trace_agrees_with_torch(reset, against, layers):
    check = checked(trace(model(reset=reset, layers=layers, units=20), steps=range(1, 80))).check
    assert check.passed
    assert check.max_abs_difference < 1e-14
    assert check.against.startswith(against)
    assert check.tolerance == 1e-12


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("name", ["r", "z", "n", "h"])
@pytest.mark.parametrize("layer", [0, 1])
def test_one_wrong_value_is_found(reset, name, layer):
    traced = trace(model(reset=reset, layers=2), steps=[33, 34])
    wrong = getattr(traced.layers[layer], name).copy()
    wrong[1, 3] += 1e-9
    layers = list(traced.layers)
    layers[layer] = replace(layers[layer], **{name: wrong})
    check = checked(replace(traced, layers=tuple(layers))).check
    assert not check.passed
    assert abs(check.max_abs_difference - 1e-9) < 1e-10


def test_swapped_gates_are_found():
    traced = trace(model(), steps=range(1, 40))
    cell = traced.layers[0]
    check = checked(replace(traced, layers=(replace(cell, r=cell.z, z=cell.r),))).check
    assert not check.passed


def test_what_is_not_a_number_does_not_pass():
    traced = trace(model(), steps=[3])
    cell = replace(traced.layers[0], n=np.full((1, 6), np.nan))
    assert not checked(replace(traced, layers=(cell,))).check.passed


def test_saturated_gates_agree():
    m = model()
    m.weights.layers[0].bias_ih[:12] = [1e4, -1e4] * 6
    assert checked(trace(m, steps=range(1, 40))).check.passed
