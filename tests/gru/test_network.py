"""The quick networks against the float64 equations, and against torch.nn.GRU with a Linear on top."""

import numpy as np
import pytest
import torch
from drawn import model
from unrolled import ids_TB, reference, weights

from chargru.gru.network import Network, log_softmax
from chargru.gru.stream import Stream

SHAPES = [(layers, reset) for layers in (1, 2, 3) for reset in ("after", "before")]


def torch_logits(drawn, ids):
    """The same by a plain torch.nn.GRU and Linear that load the tensors by name, float64."""
    V, H = drawn.architecture.vocabulary_size, drawn.architecture.hidden_size
    plain = torch.nn.ModuleDict({"gru": torch.nn.GRU(V, H, drawn.architecture.layers), "head": torch.nn.Linear(H, V)})
    plain.double().load_state_dict({name: torch.from_numpy(value.astype(float)) for name, value in drawn.named()})
    with torch.no_grad():
        outputs, _ = plain["gru"](torch.nn.functional.one_hot(torch.from_numpy(ids), V).double())
        return plain["head"](outputs).numpy()


@pytest.mark.parametrize("layers", [1, 2])
def test_advance_is_torch_gru_and_linear(layers):
    drawn = weights(layers)
    assert np.abs(reference(drawn, ids_TB())[0] - torch_logits(drawn, ids_TB())).max() < 1e-12


@pytest.mark.parametrize(("layers", "reset"), SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-5), (np.float64, 1e-12)])
def test_network_follows_the_equations(layers, reset, dtype, tolerance):
    drawn, ids = weights(layers, reset), ids_TB()
    network = Network(drawn, dtype)
    expected, last = reference(drawn, ids)
    states, worst = network.zero_state(ids.shape[1]), 0.0
    for row, logits in zip(ids, expected, strict=True):
        states = network.step(row, states)
        worst = max(worst, np.abs(network.logits(states) - logits).max())
    assert worst < tolerance
    assert max(np.abs(h - exact).max() for h, exact in zip(states, last, strict=True)) < tolerance


@pytest.mark.parametrize("layers", [1, 2])
def test_nats_are_torch_cross_entropy(layers):
    drawn, ids = weights(layers), ids_TB()
    nats, _ = Network(drawn, np.float64).nats(ids[:-1], ids[1:], Network(drawn, np.float64).zero_state(3))
    logits = torch.from_numpy(torch_logits(drawn, ids[:-1])).flatten(0, 1)
    targets = torch.from_numpy(ids[1:]).flatten()
    expected = torch.nn.functional.cross_entropy(logits, targets, reduction="none").view(nats.shape).numpy()
    assert np.abs(nats - expected).max() < 1e-12


def test_nats_carry_the_state_from_window_to_window():
    network, ids = Network(weights(2)), ids_TB()
    whole, last = network.nats(ids[:-1], ids[1:], network.zero_state(3))
    first, states = network.nats(ids[:15], ids[1:16], network.zero_state(3))
    second, states = network.nats(ids[15:-1], ids[16:], states)
    assert np.abs(np.concatenate([first, second]) - whole).max() < 1e-6
    assert max(np.abs(h - expected).max() for h, expected in zip(states, last, strict=True)) == 0


def test_a_large_vocabulary_is_scored_in_parts_with_the_same_result(monkeypatch):
    network, ids = Network(weights()), ids_TB()
    whole, _ = network.nats(ids[:-1], ids[1:], network.zero_state(3))
    monkeypatch.setattr("chargru.gru.network._LOGITS_AT_ONCE", 200)
    parts, _ = network.nats(ids[:-1], ids[1:], network.zero_state(3))
    assert np.abs(parts - whole).max() < 1e-6


def test_a_forced_gate_is_exactly_0_or_1():
    """z rows 0 and their bias 1e4: z is exactly 1, so the state stays the zero state it started as."""
    drawn = weights()
    layer, H = drawn.layers[0], drawn.architecture.hidden_size
    for tensor in (layer.weight_ih, layer.weight_hh, layer.bias_hh):
        tensor[H : 2 * H] = 0
    layer.bias_ih[H : 2 * H] = 1e4
    network, stream = Network(drawn), Stream(drawn)
    states = network.zero_state()
    for id_ in (1, 4, 2):
        states = network.step(np.array([id_]), states)
        stream.read(id_)
    assert np.abs(states[0]).max() == 0
    assert np.abs(stream.states[0]).max() == 0


@pytest.mark.parametrize("make", [Stream, lambda drawn: Network(drawn).logits(Network(drawn).zero_state())])
def test_a_network_without_a_head_predicts_nothing(make):
    with pytest.raises(ValueError, match="no head"):
        make(model(head=False).weights)


def test_log_softmax_of_large_scores_is_finite():
    assert np.abs(log_softmax(np.array([1e4, 0.0])) - [0.0, -1e4]).max() == 0
