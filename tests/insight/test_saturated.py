"""Derivatives where gates are all but 0 or 1, against 80 decimal digits; and `prove` on ill-conditioned networks."""

from dataclasses import replace

import drawn
import exactly
import numpy as np
import pytest
import torch

from chargru.gru.weights import unpack
from chargru.insight import backward
from chargru.insight.gradient import gradient
from chargru.insight.jacobian import jacobian
from chargru.insight.proof import identities
from chargru.insight.proof.claim import conditioned
from chargru.insight.proof.prove import prove
from chargru.insight.trace import trace
from chargru.insight.weight_gradient import weight_gradient
from chargru.model import read_model

torch.set_num_threads(1)

T = 20
KINDS = [(layers, reset) for layers in (1, 2) for reset in ("after", "before")]
SATURATED = [(layers, reset, seed) for layers, reset in KINDS for seed in (0, 2)]


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
    parts, lags = exactly.backward(trace(m, steps=range(1, T + 2)), T)
    assert parts[:, :, 1:].min() < -12
    assert apart(weight_gradient(m, None, T).log10_sizes(), parts) < 1e-11
    assert apart(gradient(m, drawn.TEXT[: T + 1], [T], [T]).whole.log10[0], lags - lags[0]) < 1e-11


@pytest.mark.parametrize(("layers", "reset", "seed"), SATURATED)
def test_every_entry_of_a_jacobian_is_that_of_80_digits(layers, reset, seed):
    m = saturated(layers, reset, seed)
    for t in (2, 7, T):
        expected = exactly.jacobian(trace(m, steps=range(1, T + 1)), t, layers - 1)
        found = jacobian(m, drawn.TEXT, t).terms
        assert np.array_equal(found != 0, expected != 0)
        assert (np.abs(found - expected)[expected != 0] / np.abs(expected)[expected != 0]).max() < 1e-10


def test_a_gate_held_at_its_end_has_a_derivative_of_exactly_zero():
    for gate, slope in (("z=1", "az"), ("z=0", "az"), ("r=1", "ar"), ("r=0", "ar")):
        held = replace(saturated(2, "after", 0).force(gate), forced=())
        traced = trace(held, steps=range(1, T + 1))
        assert not any(getattr(layer, slope).any() for layer in backward.derivatives(traced))


def network(seed):
    """1 to 8 units, 1 or 2 layers, either reset, every weight normal with a scale from 0.1 to 30."""
    scale = 10.0 ** np.random.default_rng(seed).uniform(-1, 1.4771)
    reset = ("after", "before")[seed // 16 % 2]
    m = drawn.model(units=1 + seed % 8, layers=1 + seed // 8 % 2, reset=reset, seed=seed)
    generator = np.random.default_rng(seed + 1)
    tensors = {name: (scale * generator.normal(size=v.shape)).astype(np.float32) for name, v in m.weights.named()}
    return replace(m, weights=unpack(m.architecture, tensors), trace_text=drawn.TEXT[:40])


HARD = (159, 350, 862)
"""Networks on which 1e-12 * max(1, |reference|) is too strict: a gradient that cancels, or that the steps amplify."""


@pytest.mark.parametrize("seed", [*range(0, 300, 9), *HARD])
def test_every_network_proves(seed):
    assert [one.claim for one in prove(network(seed)).identities if not one.holds] == []


@pytest.mark.slow
def test_three_hundred_networks_prove():
    assert [seed for seed in range(300) if not prove(network(seed)).passed] == []


WRONG = {
    "no update term": lambda s: replace(s, az=0 * s.az),
    "the update term's sign": lambda s: replace(s, az=-s.az),
    "no reset term": lambda s: replace(s, ar=0 * s.ar),
    "the reset term's sign": lambda s: replace(s, ar=-s.ar),
    "no 1 - n^2": lambda s: replace(s, an=1 - s.z),
    "z for 1 - z": lambda s: replace(s, z=1 - s.z),
    "off by a millionth": lambda s: replace(s, an=s.an * (1 + 1e-6)),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("model", [drawn.model(), drawn.model(layers=2, reset="before"), network(HARD[0])])
def test_a_wrong_derivative_is_noticed(wrong, model):
    """Also by the tolerance that is measured on the wrong derivative itself."""
    traced = trace(model, steps=range(1, 41))
    right = backward.derivatives(traced)
    for derivatives, holds in ((right, True), (tuple(map(WRONG[wrong], right)), False)):
        recorded = backward.Recording(traced, derivatives)
        assert conditioned("", identities._gradients(recorded)).holds == holds


def test_the_tolerance_of_a_well_conditioned_network_is_that_of_rounding():
    from chargru import bundled

    proof = prove(read_model(bundled.run_path()))
    assert [one.claim for one in proof.identities if one.tolerance > 4e-12] == []
