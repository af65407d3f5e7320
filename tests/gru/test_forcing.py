"""Gates held at a value: what is read, what is refused, and what the weights then do."""

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import evaluation
from chargru.errors import ChargruError, DamagedRunError
from chargru.gru import cell, forcing, network
from chargru.gru.forcing import parse
from chargru.gru.network import Network
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.weights import Architecture
from chargru.model import read_model, write_model

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


def test_the_later_of_two_wins_and_one_with_steps_beats_one_without():
    m = model().force("z=0", "z[3]=1", "z[3]=0.5@7", "z[3]=0@7-8")
    held = Held(m.weights.astype(np.float64), m.scheduled)

    def z(step):
        return cell.step(held.at(step).layers[0], np.array([2]), np.zeros((1, 6))).z[0]

    assert z(6).tolist() == [0, 0, 0, 1, 0, 0]
    assert z(7).tolist() == [0] * 6
    assert z(9).tolist() == [0, 0, 0, 1, 0, 0]


def by_hand(weights, ids, overrides):
    """Top states (T, H): the equations, the gates overwritten after they were computed."""
    layer, h, found = weights.layers[0], np.zeros(weights.architecture.hidden_size), []
    for t, id_ in enumerate(ids, start=1):
        a = layer.weight_ih[:, id_] + layer.bias_ih
        b = layer.weight_hh @ h + layer.bias_hh
        r, z = (1 / (1 + np.exp(-(a[k : k + 6] + b[k : k + 6]))) for k in (0, 6))
        for gate, index, value, first, last in overrides:
            if first <= t <= last:
                {"r": r, "z": z}[gate][index] = value
        n = np.tanh(a[12:] + r * b[12:])
        h = (1 - z) * n + z * h
        found.append(h)
    return np.array(found)


def test_limited_steps_equal_overwritten_gates():
    m = model().force("z[2]=1@20-34", "r=0@30-last")
    ids = m.vocabulary.encode(TEXT)
    weights = m.weights.astype(np.float64)
    overrides = [("z", 2, 1, 20, 34), ("r", slice(None), 0, 30, 999)]
    expected = by_hand(weights, ids, overrides)
    stepped = SteppedNetwork(Held(m.weights, m.scheduled), np.float64)
    found, (_, states) = stepped.nats(ids[:-1, None], ids[1:, None], stepped.zero_state())
    p = network.log_softmax(expected[:-1] @ weights.head_weight.T + weights.head_bias)
    assert np.abs(found[:, 0] + p[np.arange(len(ids) - 1), ids[1:]]).max() < 1e-12
    assert np.abs(states[0][0] - expected[-2]).max() < 1e-12


def test_windows_do_not_move_the_steps():
    m = model().force("z=1@20-34")
    ids = m.vocabulary.encode(TEXT)
    stepped = SteppedNetwork(Held(m.weights, m.scheduled), np.float64)
    scores = [evaluation.score(stepped, ids, lanes=1, window=window).nats for window in (128, 7, 1)]
    assert np.ptp(scores) < 1e-12
    assert abs(scores[0] - evaluation.score(Network(m.weights, np.float64), ids).nats) > 1e-3


def test_forced_gates_are_written_read_and_checked(tmp_path):
    write_model(tmp_path, model().force("r=1", "z[0-3]=0"))
    assert read_model(tmp_path).forced == ("r=1", "z[0-3]=0")


def test_a_document_with_a_wrong_force_is_damaged(tmp_path):
    from dataclasses import replace

    write_model(tmp_path, replace(model(), forced=("z[99]=1",)))
    with pytest.raises(DamagedRunError, match="index 99"):
        read_model(tmp_path)
