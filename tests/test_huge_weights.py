"""Weights of 1e38, which float32 holds and whose sums it does not: every command says what the equations say."""

import dataclasses
import warnings

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.stream import Stream
from chargru.gru.weights import precision, unpack
from chargru.model import write_model

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
