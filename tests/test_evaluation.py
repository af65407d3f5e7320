"""Scores: by their definition, in lanes and in windows, by NumPy and by torch."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from drawn import model

from chargru.errors import SettingError, TextError
from chargru.evaluation import Score, plan, recorded_score, score, score_windows, windows_of
from chargru.gru.network import Network, advance, log_softmax


def network(dtype=np.float64, layers=1, scale=1.0):
    return Network(model(layers=layers, scale=scale).weights, dtype)


def text_ids(n):
    return np.random.default_rng(0).integers(0, len(model().vocabulary), n).astype(np.uint8)


def nats_by_definition(ids, drawn):
    """-ln p of ids[1:], one character after another, by the plain equations."""
    exact = drawn.weights.astype(np.float64)
    states = [np.zeros(drawn.architecture.hidden_size) for _ in exact.layers]
    nats = []
    for id_, following in pairwise(ids):
        states = [cell.h for cell in advance(exact, np.array(id_), states)]
        nats.append(-log_softmax(states[-1] @ exact.head_weight.T + exact.head_bias)[following])
    return np.array(nats), states


class TorchScorer:
    """A plain torch.nn.GRU and Linear behind the scorer's interface."""

    def __init__(self, weights):
        V, H = weights.architecture.vocabulary_size, weights.architecture.hidden_size
        self.V, self.H = V, H
        self.net = torch.nn.ModuleDict({"gru": torch.nn.GRU(V, H), "head": torch.nn.Linear(H, V)}).double()
        self.net.load_state_dict({name: torch.from_numpy(value.astype(float)) for name, value in weights.named()})

    def zero_state(self, streams):
        return torch.zeros(1, streams, self.H).double()

    @torch.no_grad()
    def nats(self, inputs_TB, targets_TB, state):
        x = torch.nn.functional.one_hot(torch.from_numpy(inputs_TB), self.V).double()
        outputs, state = self.net["gru"](x, state)
        logp = self.net["head"](outputs).log_softmax(-1)
        return -logp.gather(-1, torch.from_numpy(targets_TB)[..., None])[..., 0].numpy(), state


def test_a_short_text_is_scored_exactly_by_the_definition():
    ids = text_ids(300)
    assert plan(299).ends == (299,)
    expected = nats_by_definition(ids, model(scale=1.0))[0].mean()
    assert abs(score(network(), ids).nats - expected) < 1e-12


def test_every_character_but_the_first_is_counted():
    assert score(network(), text_ids(300)).characters == 299


@pytest.mark.parametrize("layers", [1, 2])
def test_lanes_agree_with_the_single_stream(layers):
    ids = text_ids(20_000)
    assert len(plan(19_999).ends) == 38
    single, lanes = (score(network(layers=layers), ids, lanes=lanes).nats for lanes in (1, 64))
    assert single != lanes
    assert abs(single - lanes) < 1e-3


def test_lanes_score_each_character_once_after_a_warm_up():
    for predictions in (1, 767, 768, 1279, 1280, 5_000, 33_024, 33_025, 100_003):
        cut = plan(predictions)
        scored = [np.arange(end - cut.steps + skip, end) for end, skip in zip(cut.ends, cut.unscored, strict=True)]
        assert np.array_equal(np.concatenate(scored), np.arange(predictions))
        assert cut.unscored[0] == 0
        assert min(cut.starts) == 0
        assert all(cut.unscored[1:] >= 256)


def test_the_window_of_the_scorer_has_no_effect():
    ids = text_ids(3_000)
    assert abs(score(network(), ids, window=7).nats - score(network(), ids, window=1_000).nats) < 1e-12


def test_torch_scores_the_same():
    ids = text_ids(3_000)
    weights = model(scale=1.0).weights
    assert abs(score(TorchScorer(weights), ids).nats - score(network(), ids).nats) < 1e-12


def test_float32_scores_the_same_to_a_millionth():
    ids = text_ids(3_000)
    assert abs(score(network(np.float32), ids).nats - score(network(), ids).nats) < 1e-6


@pytest.mark.parametrize("size", [1, 7, 299, 1_000])
def test_independent_windows_start_from_the_zero_state(size):
    ids, drawn = text_ids(300), model(scale=1.0)
    parts = [nats_by_definition(ids[start : start + size + 1], drawn)[0] for start in range(0, 299, size)]
    found = score_windows(network(), ids, size)
    assert found.characters == 299
    assert abs(found.nats - np.concatenate(parts).mean()) < 1e-12


def test_windows_longer_than_the_scorers_carry_their_state():
    ids = text_ids(300)
    assert abs(score_windows(network(), ids, 50, window=8).nats - score_windows(network(), ids, 50).nats) < 1e-12


@pytest.mark.parametrize("size", [None, 1, 100, 3_000])
def test_the_number_of_windows_is_known_beforehand(size):
    calls = []
    if size is None:
        score(network(), text_ids(3_000), on_window=lambda: calls.append(1))
    else:
        score_windows(network(), text_ids(3_000), size, on_window=lambda: calls.append(1))
    assert len(calls) == windows_of(2_999, size)


def test_bits_and_perplexity_follow_from_nats():
    """ln 8 nats are 3 bits: as hard as 8 equally likely characters."""
    assert abs(Score(math.log(8), 1).bpc - 3) < 1e-12
    assert abs(Score(math.log(8), 1).perplexity - 8) < 1e-12
    assert Score(1e4, 1).perplexity == math.inf


def test_the_recorded_score_is_the_definitions():
    ids, drawn = text_ids(200), model(layers=2)
    nats, states = recorded_score(drawn.weights, ids)
    expected, _ = nats_by_definition(ids, drawn)
    _, after_all = nats_by_definition(np.append(ids, 0), drawn)
    assert abs(nats - expected.mean()) < 1e-12
    assert max(np.abs(h - exact).max() for h, exact in zip(states, after_all, strict=True)) < 1e-12


@pytest.mark.parametrize("n", [0, 1])
def test_a_text_without_a_prediction_is_refused(n):
    with pytest.raises(TextError, match="nothing to score"):
        score(network(), text_ids(n))


def test_a_window_of_nothing_is_refused():
    with pytest.raises(SettingError, match="--window is 0"):
        score_windows(network(), text_ids(9), 0)
