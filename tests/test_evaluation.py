"""Scores: by their definition, in lanes and in windows, by NumPy and by torch; networks that forget nothing."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru import evaluation
from chargru.engine.module import CharGRU, ModuleScorer
from chargru.errors import SettingError, TextError
from chargru.evaluation import Score, plan, recorded_score, score, score_windows, windows_of
from chargru.gru.network import Network, advance, log_softmax
from chargru.gru.weights import Architecture, unpack
from chargru.text.vocabulary import Vocabulary


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
        self.V, self.H, self.weights = V, H, weights
        self.net = torch.nn.ModuleDict({"gru": torch.nn.GRU(V, H), "head": torch.nn.Linear(H, V)}).double()
        self.net.load_state_dict({name: torch.from_numpy(value.astype(float)) for name, value in weights.named()})

    def zero_state(self, streams):
        return torch.zeros(1, streams, self.H).double()

    def to_array(self, state):
        return state.numpy().copy()

    def from_array(self, states_LBH):
        return torch.from_numpy(states_LBH)

    @torch.no_grad()
    def nats(self, inputs_TB, targets_TB, state):
        x = torch.nn.functional.one_hot(torch.from_numpy(inputs_TB.astype(np.int64)), self.V).double()
        outputs, state = self.net["gru"](x, state)
        logp = self.net["head"](outputs).log_softmax(-1)
        return -logp.gather(-1, torch.from_numpy(targets_TB.astype(np.int64))[..., None])[..., 0].numpy(), state


def test_a_short_text_is_scored_exactly_by_the_definition():
    ids = text_ids(300)
    assert plan(299).lanes == 1
    expected = nats_by_definition(ids, model(scale=1.0))[0].mean()
    assert abs(score(network(), ids).nats - expected) < 1e-12


def test_every_character_but_the_first_is_counted():
    assert score(network(), text_ids(300)).characters == 299


@pytest.mark.parametrize("layers", [1, 2])
def test_lanes_agree_with_the_single_stream(layers):
    ids = text_ids(20_000)
    assert plan(19_999).lanes == 38
    single, lanes = (score(network(layers=layers), ids, lanes=lanes).nats for lanes in (1, 64))
    assert single != lanes
    assert abs(single - lanes) < 1e-3


def test_lanes_score_each_character_once_after_a_warm_up():
    for predictions in (1, 767, 768, 1279, 1280, 5_000, 33_024, 33_025, 100_003):
        cut = plan(predictions)
        firsts = cut.starts + cut.warm_up
        scored = [np.arange(first, min(first + cut.length, predictions)) for first in firsts]
        assert np.array_equal(np.concatenate([np.arange(firsts[0]), *scored]), np.arange(predictions))
        assert cut.starts[0] == 0
        assert cut.lanes == 1 or cut.warm_up == 256
        assert min(map(len, scored)) > 0


# Long memories ----------------------------------------------------------------------------------------------------


def drawn_like(text, units, change):
    """A one-layer network of zeros that knows the characters of `text`; `change` gets its tensors by name."""
    architecture = Architecture(len(set(text)), units)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in architecture.shapes().items()}
    change(tensors)
    return unpack(architecture, tensors)


def ids_of(text):
    return Vocabulary.from_text(text).encode(text)


def latch():
    """One unit that A sets to 1 and B to -1 (z = 0, n = +-1), and that holds (z = 1) at everything else.

    After A dots follow, after B commas; nothing but the unit tells which, since the head reads 8 h at one and -8 h at
    the other. Three thousand characters after each.
    """
    text = "A" + "." * 3_000 + "B" + "," * 3_000 + "A" + "." * 3_000

    def change(tensors):  # ids: , . A B
        tensors["gru.weight_ih_l0"][1] = [1e4, 1e4, -1e4, -1e4]
        tensors["gru.weight_ih_l0"][2] = [0, 0, 20, -20]
        tensors["head.weight"][:, 0] = [-8, 8, 0, 0]
        tensors["head.bias"][:] = [0, 0, -9, -9]

    return ids_of(text), drawn_like(text, 1, change)


def counter():
    """A unit that counts: z = 1 - 2^-16 and n = 1 at every character, so h = 1 - (1 - 2^-16)^t; the head reads 50 h."""
    text = "ab" * 20_000

    def change(tensors):
        tensors["gru.bias_ih_l0"][:] = [0, np.log(2**16 - 1), 20]
        tensors["head.weight"][:, 0] = [50, -50]

    return ids_of(text), drawn_like(text, 1, change)


def plain_scorer(weights):
    return ModuleScorer(_module(weights))


def _module(weights):
    module = CharGRU(weights.architecture)
    module.load(dict(weights.named()))
    return module


@pytest.mark.parametrize("make", [latch, counter])
@pytest.mark.parametrize("scorer", [Network, plain_scorer, TorchScorer])
def test_lanes_are_the_single_stream_however_long_the_memory(make, scorer):
    ids, weights = make()
    expected = score(Network(weights, np.float64), ids, lanes=1)
    found = score(scorer(weights), ids)
    assert plan(len(ids) - 1).lanes > 10
    assert abs(found.nats - expected.nats) < 1e-5
    assert found.reread > 0
    assert expected.reread == 0


def test_the_latch_is_as_sure_as_its_weights():
    """Reading on from A or B: -ln of 1 / (1 + e^-16 + 2 e^-17) at all but three characters of 9,003, all but certain.

    At the letters A and B (two of them, the first is read only) it expects what stood before: 17 nats; and the
    characters after the first A to the last dot are certain. (17 + 17) / 9,002 = 0.003777 and the sure ones' 1.1e-7.
    """
    ids, weights = latch()
    sure = np.log1p(np.exp(-16.0) + 2 * np.exp(-17.0))
    expected = (2 * (17 + sure) + 9_000 * sure) / 9_002
    assert abs(score(Network(weights, np.float64), ids).nats - expected) < 1e-9


def test_a_memory_longer_than_the_warm_up_is_read_again_once():
    """z = 0.98: after 256 characters 0.98^256 = 0.006 of an old state is left, and 4e-6 after a lane."""
    drawn = model(units=6, scale=1.0).force("z=0.98")
    ids = text_ids(40_000)
    found = score(Network(drawn.weights, np.float64), ids)
    assert found.reread == 39_999 - (256 + plan(39_999).length)
    assert abs(found.nats - score(Network(drawn.weights, np.float64), ids, lanes=1).nats) < 1e-8


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), hold=st.floats(0, 14), layers=st.sampled_from([1, 2]), after=st.booleans())
@settings(max_examples=25, deadline=None)
def test_random_networks_with_long_memories_are_scored_as_one_stream(seed, hold, layers, after):
    """b_iz = `hold`: from half a character to a million characters."""
    drawn = model(units=4, layers=layers, reset="after" if after else "before", seed=seed, scale=0.5)
    for layer in drawn.weights.layers:
        layer.bias_ih[4:8] = hold
    ids = text_ids(4_000)
    single, lanes = (score(Network(drawn.weights, np.float64), ids, lanes=lanes).nats for lanes in (1, 64))
    assert abs(single - lanes) < 1e-4


def test_what_is_read_again_is_told_beforehand():
    ids, weights = counter()
    windows, more = [], []
    score(Network(weights), ids, on_window=lambda: windows.append(1), on_more=more.append)
    assert len(windows) == windows_of(len(ids) - 1) + sum(more)


def test_weights_that_give_no_numbers_are_read_to_their_end():
    """Infinity minus infinity, in h: no state agrees with any, and the reading ends all the same."""
    ids, weights = counter()
    weights.layers[0].bias_ih[2] = np.nan
    assert math.isnan(score(Network(weights), ids[:8_000]).nats)


def at_window(monkeypatch, window, found):
    """What `found` gives if so many steps are handed to a scorer at once."""
    monkeypatch.setattr(evaluation, "WINDOW", window)
    return found().nats


def test_the_window_of_the_scorer_has_no_effect(monkeypatch):
    short, long = (at_window(monkeypatch, window, lambda: score(network(), text_ids(3_000))) for window in (7, 1_000))
    assert abs(short - long) < 1e-12


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


def test_windows_longer_than_the_scorers_carry_their_state(monkeypatch):
    short, long = (
        at_window(monkeypatch, window, lambda: score_windows(network(), text_ids(300), 50)) for window in (8, 128)
    )
    assert abs(short - long) < 1e-12


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
    with pytest.raises(SettingError, match="`window` is 0"):
        score_windows(network(), text_ids(9), 0)
