"""Gates held at some steps only: against the equations with the gates overwritten."""

import numpy as np
from drawn import TEXT, model

from chargru import evaluation
from chargru.gru import cell, network
from chargru.gru.network import Network
from chargru.gru.stepped import Held, SteppedNetwork


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


def test_scheduled_gates_equal_overwritten_ones():
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


def test_windows_do_not_move_the_steps(monkeypatch):
    m = model().force("z=1@20-34")
    ids = m.vocabulary.encode(TEXT)
    stepped = SteppedNetwork(Held(m.weights, m.scheduled), np.float64)
    scores = []
    for window in (1, 7, 128):
        monkeypatch.setattr(evaluation, "WINDOW", window)
        scores.append(evaluation.score(stepped, ids, lanes=1).nats)
    assert np.ptp(scores) < 1e-12
    assert abs(scores[0] - evaluation.score(Network(m.weights, np.float64), ids).nats) > 1e-3
