"""Gates held at a value: what is read, what is refused, and what the weights then do."""

import numpy as np
import pytest
from drawn import model

from chargru.errors import ChargruError
from chargru.gru import cell, forcing, network
from chargru.gru.forcing import parse
from chargru.gru.weights import Architecture

TWO_LAYERS = Architecture(9, 12, layers=2)


def one(written):
    (force,) = parse([written], TWO_LAYERS)
    return force


@pytest.mark.parametrize(
    ("written", "gate", "value", "layer", "indices", "steps"),
    [
        ("r=1", "r", 1, None, None, (1, None)),
        ("z=0.25", "z", 0.25, None, None, (1, None)),
        ("z[7]=1", "z", 1, None, (7,), (1, None)),
        ("z[0,3,5-9]=0", "z", 0, None, (0, 3, 5, 6, 7, 8, 9), (1, None)),
        ("2:z[7]=1@20-34", "z", 1, 2, (7,), (20, 34)),
        ("r=0@20", "r", 0, None, None, (20, 20)),
        ("1:r=0@20-last", "r", 0, 1, None, (20, None)),
    ],
)
def test_the_grammar(written, gate, value, layer, indices, steps):
    force = one(written)
    assert (force.gate, force.value, force.layer, force.indices) == (gate, value, layer, indices)
    assert (force.first, force.last) == steps
    assert str(force) == written


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("n=1", "only the gates r and z can be held"),
        ("gamma_u=1", "only the gates r and z can be held"),
        ("z", "does not say which gate is held at what"),
        ("z=1@", "does not say which gate is held at what"),
        ("z=2", "holds a gate at 2"),
        ("z=nan", "holds a gate at nan"),
        ("z=much", "holds a gate at much"),
        ("3:z=1", "names layer 3, but the model has 2 layers, counted from 1"),
        ("0:z=1", "names layer 0"),
        ("z[12]=1", "names index 12, but a layer of this model has 12 units, counted from 0"),
        ("z[3-40]=1", "names index 3-40"),
        ("z[]=1", "'' in 'z[]=1' is not an index"),
        ("z[9-5]=1", "runs backwards"),
        ("z[-1]=1", "names index -1, but a layer of this model has"),
        ("z=1@0-3", "steps count from 1"),
        ("z=1@9-5", "runs backwards"),
        ("z=1@x", "'x' in 'z=1@x' is not a step"),
    ],
)
def test_what_cannot_be_is_refused(written, message):
    with pytest.raises(ChargruError) as error:
        one(written)
    assert message in error.value.message


def test_a_step_beyond_the_text_is_refused():
    with pytest.raises(ChargruError, match="the text has 30 steps"):
        forcing.check_steps([one("z=1@20-34")], 30)
    forcing.check_steps([one("z=1@20-34"), one("r=0@34-last")], 34)


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gate_is_held_at_exactly_0_or_1_whatever_it_reads(reset, dtype):
    forced = model(layers=2, reset=reset).force("r[1,3]=1", "2:z=0").weights.astype(dtype)
    ids = np.arange(forced.architecture.vocabulary_size)
    states = [np.random.default_rng(0).normal(size=(len(ids), 6)).astype(dtype) * 100 for _ in range(2)]
    first, second = network.advance(forced, ids, states)
    assert (first.r[:, [1, 3]] == 1).all()
    assert (second.r[:, [1, 3]] == 1).all()
    assert (second.z == 0).all()
    assert np.ptp(first.z) > 0.5
    assert np.array_equal(second.h, second.n)


@pytest.mark.parametrize("value", [0.25, 1e-9, 1 - 1e-9])
def test_a_gate_is_held_at_a_value_between(value):
    forced = model().force(f"z[2]={value!r}").weights.astype(np.float64)
    z = cell.step(forced.layers[0], np.array([3]), np.full((1, 6), 0.7)).z[0, 2]
    assert abs(z - value) < 1e-6 * value


def test_what_is_not_named_keeps_its_weights():
    m = model(layers=2)
    forced = m.force("2:z[4]=1")
    for (name, value), (_, old) in zip(forced.weights.named(), m.weights.named(), strict=True):
        changed = np.unique(np.nonzero(value != old)[0])
        assert changed.tolist() == ([10] if name.endswith("l1") else [])
    assert forced.forced == ("2:z[4]=1",)
