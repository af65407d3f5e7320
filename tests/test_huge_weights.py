"""Weights of 1e38, which float32 holds and whose sums it does not: every command says what the equations say."""

import dataclasses
import warnings

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.stream import Stream
from chargru.gru.weights import precision, unpack
from chargru.insight.proof.check import checked
from chargru.insight.proof.claim import Identity
from chargru.insight.proof.prove import prove
from chargru.insight.trace import trace
from chargru.model import write_model
from chargru.show.proof import complaint
from chargru.show.trace.parts import check_line

COMMANDS = [
    "sample --length 40 --seed 1",
    "sample --length 40 --seed 1 --count 2",
    "sample --length 40 --seed 1 --top-p 0.5",
    "trace --check",
    "trace --all",
    "trace --back 5",
    "evaluate --text The",
    "evaluate --highlight --text The",
    "gradient",
    "gradient --weights 9",
    "gradient --jacobian 9",
    "gates",
    "ablate --text The",
    "page --out page.html",
]


def huge(*kinds, size=3e38):
    """A model in which the tensors of these kinds have their signs, and this size."""
    small = model(TEXT, units=5)
    tensors = {
        name: np.sign(value) * np.float32(size) if any(kind in name for kind in kinds) else value
        for name, value in small.weights.named()
    }
    return dataclasses.replace(small, weights=unpack(small.architecture, tensors))


@pytest.mark.parametrize("kinds", [("weight", "bias"), ("head",), ("weight_ih", "bias_ih")])
def test_every_command_works_without_a_warning(chargru, tmp_path, monkeypatch, kinds):
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path, huge(*kinds))
    for command in COMMANDS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            done = chargru(*command.split(), "-c", ".")
        assert (done.exit_code, "nan" in done.stdout) == (0, False), (command, done)


def mixed():
    """A model whose sums come out differently in another order: 1e38 + 1 - 1e38 is 0 or 1."""
    small, generator = model(TEXT, units=5), np.random.default_rng(0)
    values = np.array([1e38, -1e38, 0, 1, 1e-38], np.float32)
    tensors = {name: generator.choice(values, value.shape) for name, value in small.weights.named()}
    return dataclasses.replace(small, weights=unpack(small.architecture, tensors))


def alternating():
    """A model whose sums are inf - inf in float32, so that the gradient is not a number there."""
    small = model(TEXT, units=5)
    signs = {name: np.where(np.arange(value.size) % 2, -1, 1) for name, value in small.weights.named()}
    tensors = {
        name: (3e38 * signs[name]).astype(np.float32).reshape(value.shape) for name, value in small.weights.named()
    }
    return dataclasses.replace(small, weights=unpack(small.architecture, tensors))


def proved(found):
    """Its proof, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return prove(found)


def test_what_rounding_decides_is_undecided_and_no_failure():
    proof = proved(mixed())
    open_ = [one for one in proof.identities if not one.holds]
    assert len(open_) >= 3
    assert all(one.undecided for one in open_)
    assert not proof.passed
    said = f"the weights are too large for {len(open_)} identities to be checked: in float64"
    assert complaint(proof)[0].startswith(said)


def test_a_check_that_rounding_decides_says_so():
    check = checked(trace(mixed(), steps=range(1, 85))).check
    assert (check.passed, check.undecided) == (False, True)
    assert "undecided: the weights are too large for a check" in check_line(check)


def test_what_is_not_finite_in_float32_is_not_taken_for_a_0():
    (one,) = (one for one in proved(alternating()).identities if not one.holds)
    assert one.claim.startswith("held at +-1e4")
    assert np.isnan(one.difference)
    assert one.undecided


@pytest.mark.parametrize("rounding", [0.0, 1e-12])
def test_without_large_weights_nothing_is_undecided(rounding):
    assert not any(Identity("", value, rounding=rounding).undecided for value in (0.0, 1e-11, np.nan, np.inf))


def test_a_stream_and_the_plain_network_agree_where_float32_overflows():
    found = huge("weight_ih", "bias_ih")
    assert precision(found.weights) is np.float64
    assert precision(model(TEXT, units=5).weights) is np.float32
    stream, network = Stream(found.weights, np.float64), SteppedNetwork(Held(found.weights, ()), np.float64)
    step, states = network.zero_state()
    for id_ in found.vocabulary.encode("The cat"):
        stream.read(id_)
        step, states = step + 1, network.at(step + 1).step(np.array([id_]), states)
        assert np.abs(stream.logits - network.at(step).logits(states)[0]).max() < 1e-12
