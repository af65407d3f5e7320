"""The identities: they hold on ill-conditioned networks, and not where a derivative or a value is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled
from chargru.gru.weights import unpack
from chargru.insight import backward
from chargru.insight.proof.claim import conditioned
from chargru.insight.proof.identities import _gradients, identities
from chargru.insight.proof.prove import prove
from chargru.insight.trace import trace
from chargru.model import read_model


def network(seed):
    """1 to 8 units, 1 or 2 layers, either reset, every weight normal with a scale from 0.1 to 30."""
    scale = 10.0 ** np.random.default_rng(seed).uniform(-1, 1.4771)
    reset = ("after", "before")[seed // 16 % 2]
    m = model(units=1 + seed % 8, layers=1 + seed // 8 % 2, reset=reset, seed=seed)
    generator = np.random.default_rng(seed + 1)
    tensors = {name: (scale * generator.normal(size=v.shape)).astype(np.float32) for name, v in m.weights.named()}
    return replace(m, weights=unpack(m.architecture, tensors), trace_text=TEXT[:40])


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
@pytest.mark.parametrize("right", [model(), model(layers=2, reset="before"), network(HARD[0])])
def test_a_wrong_derivative_is_noticed(wrong, right):
    """Also by the tolerance that is measured on the wrong derivative itself."""
    traced = trace(right, steps=range(1, 41))
    true = backward.derivatives(traced)
    for derivatives, holds in ((true, True), (tuple(map(WRONG[wrong], true)), False)):
        recorded = backward.Recording(traced, derivatives)
        assert conditioned("", _gradients(recorded)).holds == holds


def test_the_tolerance_of_a_well_conditioned_network_is_that_of_rounding():
    proof = prove(read_model(bundled.run_path()))
    assert [one.claim for one in proof.identities if one.tolerance > 4e-12] == []


@pytest.mark.parametrize("name", ["r", "z", "n", "h"])
def test_identities_fail_on_a_wrong_trace(name):
    traced = trace(model(), steps=range(1, 40))
    wrong = getattr(traced.layers[0], name).copy()
    wrong[20, 3] += 1e-9
    cell = replace(traced.layers[0], **{name: wrong})
    verdicts = [one.holds for one in identities(replace(traced, layers=(cell,)))]
    assert not verdicts[0]
    assert not verdicts[1] or name == "r"
