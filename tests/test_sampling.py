"""Sampling: the distribution it draws from, the filters, seeds, ends and beginnings."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import model
from hypothesis import given
from hypothesis import strategies as st

from chargru.errors import RunError, SettingError, UnknownCharacterError
from chargru.gru import gumbel
from chargru.gru.network import Network, advance
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.model import Model
from chargru.sampling import BLOCK, SampleSettings, choose, kept, pieces, sample
from chargru.text.vocabulary import Vocabulary

LOGITS = np.array([1.0, 3.0, 2.0, 3.0, -1.0], np.float32)


def draws(settings, n=40_000, logits=LOGITS):
    """The share of each id among n draws."""
    noise = gumbel.noise(np.random.default_rng(0), n, len(logits), settings.temperature)
    ids = choose(np.broadcast_to(logits, noise.shape), noise, settings, np.empty_like(noise))
    return np.bincount(ids, minlength=len(logits)) / n


def softmax(a):
    e = np.exp(a - a.max())
    return e / e.sum()


def texts(drawn, settings, **options):
    rows = list(pieces(drawn, settings, **options))
    return ["".join(column) for column in zip(*rows, strict=True)]


def with_unknown():
    """A model whose vocabulary has the unknown symbol, which it predicts above all."""
    drawn = model()
    drawn.weights.head_bias[4] = 1e3
    characters = list(drawn.vocabulary.characters)
    characters[4] = None
    return replace(drawn, vocabulary=Vocabulary(tuple(characters)))


class Edges:
    """A generator at the edges of what NumPy's draws: 0 here and there, and the largest and the least of the rest."""

    VALUES = np.array([0.0, 24.4, 7e-9, 0.0, 1.0])
    """24.4: the float32 ziggurat's last layer, 7.7, plus -ln 2^-24; 7e-9: its first, 0.06, by 2^-23."""

    def standard_exponential(self, size, dtype=np.float64):
        return np.resize(self.VALUES, size).astype(dtype)

    def spawn(self, n):
        return [self] * n


# Choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_draws_follow_the_softmax_at_that_temperature(temperature):
    """Five standard deviations of a share among 40,000 are at most 0.0125."""
    shares = draws(SampleSettings(temperature=temperature))
    assert np.abs(shares - softmax(LOGITS / temperature)).max() < 0.0125


@pytest.mark.parametrize("rng", [Edges(), np.random.default_rng(271)], ids=["edges", "draw 2,303 of this seed is 0"])
def test_no_draw_makes_an_impossible_character_possible(rng):
    """Logits 40 apart: the odds are e^-40. A draw of 0, whose -ln has no end, must not outdo them."""
    noise, settings = gumbel.noise(rng, 1_000, 97, 1.0), SampleSettings(temperature=1.0)
    for likeliest in range(97):
        logits = np.full(noise.shape, np.where(np.arange(97) == likeliest, 40, 0), np.float32)
        assert set(choose(logits, noise, settings, np.empty_like(noise))) == {likeliest}


def test_draws_within_top_k_keep_their_proportions():
    expected = softmax(np.where(np.arange(5) == 4, -np.inf, np.where(np.arange(5) == 0, -np.inf, LOGITS)))
    assert np.abs(draws(SampleSettings(temperature=1.0, top_k=3)) - expected).max() < 0.0125


def test_temperature_0_is_the_largest_logit_ties_by_id():
    assert draws(SampleSettings(temperature=0), 10).tolist() == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("temperature", [1e-30, 1e30])
def test_extreme_temperatures_choose_without_warnings(temperature):
    shares = draws(SampleSettings(temperature=temperature), 1_000)
    assert shares[[1, 3]].sum() == 1 if temperature < 1 else shares.min() > 0.1


@pytest.mark.parametrize(("k", "ids"), [(1, [1]), (2, [1, 3]), (3, [1, 2, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3, 4])])
def test_top_k_keeps_exactly_k_ties_by_id(k, ids):
    assert np.flatnonzero(kept(LOGITS, SampleSettings(top_k=k))).tolist() == ids


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.integers(1, 30))
def test_top_k_keeps_k_of_any_logits_and_none_that_is_less_likely(values, k):
    logits = np.array(values, np.float32)
    keep = kept(logits, SampleSettings(top_k=k))
    assert keep.sum() == min(k, len(values))
    assert keep.all() or logits[keep].min() >= logits[~keep].max()


@given(
    st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=30),
    st.floats(0.01, 0.99),
    st.sampled_from([0.3, 1.0, 2.0]),
)
def test_top_p_keeps_the_smallest_set_that_reaches_p(values, top_p, temperature):
    logits = np.array(values, np.float32)
    keep = kept(logits, SampleSettings(top_p=top_p, temperature=temperature))
    p = softmax(logits.astype(float) / temperature)
    assert p[keep].sum() >= top_p - 1e-9
    assert p[keep].sum() - p[keep].min() < top_p + 1e-9
    assert keep.all() or logits[keep].min() >= logits[~keep].max()


def test_top_p_counts_within_top_k():
    """p of the three likeliest, renormalised: 0.42, 0.42, 0.16; the first two reach 0.8 (of all five: 0.76)."""
    assert np.flatnonzero(kept(LOGITS, SampleSettings(temperature=1.0, top_k=3, top_p=0.8))).tolist() == [1, 3]
    assert np.flatnonzero(kept(LOGITS, SampleSettings(temperature=1.0, top_p=0.8))).tolist() == [1, 2, 3]


def test_filters_treat_each_stream_by_itself():
    settings = SampleSettings(top_k=2, top_p=0.9)
    rows = np.stack([LOGITS, LOGITS[::-1], LOGITS * 0.1])
    assert np.array_equal(kept(rows, settings), np.stack([kept(row, settings) for row in rows]))


# Whole texts ------------------------------------------------------------------------------------------------------


def greedy(drawn, start, length):
    """What temperature 0 must write, by the plain equations."""
    exact = drawn.weights.astype(np.float64)
    states = [np.zeros(drawn.architecture.hidden_size) for _ in exact.layers]
    text = start
    for at in range(len(start) + length - 1):
        states = [cell.h for cell in advance(exact, np.array(drawn.vocabulary.encode(text[at])[0]), states)]
        if at >= len(start) - 1:
            text += drawn.vocabulary.decode([int(np.argmax(states[-1] @ exact.head_weight.T + exact.head_bias))])
    return text[len(start) :]


@pytest.mark.parametrize(("layers", "reset"), [(1, "after"), (2, "after"), (2, "before")])
def test_temperature_0_writes_what_the_equations_say(layers, reset):
    drawn = model(layers=layers, reset=reset)
    assert sample(drawn, length=50, temperature=0, prime="The c") == greedy(drawn, "The c", 50)


def test_without_a_prime_the_state_starts_from_a_line_end():
    drawn = model()
    assert sample(drawn, length=40, seed=3) == sample(drawn, length=40, seed=3, prime="\n")


@pytest.mark.parametrize(("text", "start"), [("a b", " "), ("猫犬", "犬")])
def test_without_line_ends_it_starts_from_a_space_or_the_first_character(text, start):
    assert sample(model(text), length=40, seed=3) == sample(model(text), length=40, seed=3, prime=start)


def test_the_same_seed_gives_the_same_text():
    drawn = model()
    assert sample(drawn, length=100, seed=1) == sample(drawn, length=100, seed=1)
    assert sample(drawn, length=100, seed=1) != sample(drawn, length=100, seed=2)


def test_a_shorter_sample_is_the_start_of_a_longer_one():
    assert sample(model(), length=3 * BLOCK).startswith(sample(model(), length=BLOCK + 5))


@pytest.mark.parametrize("settings", [SampleSettings(length=80), SampleSettings(length=80, top_k=4, top_p=0.9)])
def test_a_sample_does_not_depend_on_how_many_there_are(settings):
    drawn = model(layers=2)
    alone = texts(drawn, settings, seed=7, prime="The")
    two, five = (texts(drawn, settings, seed=7, prime="The", count=count) for count in (2, 5))
    assert alone[0] == two[0] == five[0]
    assert two[1] == five[1]
    assert len(set(five)) == 5


@pytest.mark.parametrize("length", [0, 1, BLOCK, BLOCK + 1])
def test_length_is_the_number_of_characters_made(length):
    assert len(sample(model(), length=length)) == length


def test_text_comes_a_few_characters_at_a_time():
    assert [len(piece) for (piece,) in pieces(model(), SampleSettings(length=70))] == [BLOCK, BLOCK, 70 - 2 * BLOCK]


@pytest.mark.parametrize("count", [1, 6])
def test_until_ends_each_sample_after_the_string(count):
    settings = SampleSettings(length=2_000, temperature=1.0)
    whole = texts(model(), settings, count=count)
    ended = texts(model(), replace(settings, until="e,"), count=count)
    assert any("e," in text for text in whole)
    assert ended == [text[: text.index("e,") + 2] if "e," in text else text for text in whole]


@pytest.mark.parametrize("temperature", [0, 1.0])
@pytest.mark.parametrize("count", [1, 3])
def test_the_unknown_symbol_is_never_made(temperature, count):
    for text in texts(with_unknown(), SampleSettings(length=200, temperature=temperature), count=count):
        assert len(text) == 200
        assert "\N{REPLACEMENT CHARACTER}" not in text


def test_many_streams_are_the_networks_own():
    """Two samples at temperature 0 are the same text, and what Network itself prefers step by step."""
    drawn = model()
    first, second = texts(drawn, SampleSettings(length=60, temperature=0), count=2)
    network, ids = Network(drawn.weights), [int(drawn.vocabulary.encode("\n")[0])]
    states = network.zero_state()
    for _ in range(60):
        states = network.step(np.array(ids[-1:]), states)
        ids.append(int(network.logits(states).argmax()))
    assert first == second == drawn.vocabulary.decode(ids[1:])


# Refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("length", -1),
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("top_k", 0),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("until", ""),
    ],
)
def test_a_value_out_of_range_names_its_argument(setting, value):
    with pytest.raises(SettingError, match=f"^`{setting}` is "):
        SampleSettings(**{setting: value})


@pytest.mark.parametrize(("argument", "value"), [("count", 0), ("seed", -1)])
def test_a_count_or_seed_out_of_range_is_refused_at_once(argument, value):
    with pytest.raises(SettingError, match=f"^`{argument}` is "):
        pieces(model(), **{argument: value})


def test_an_unknown_character_of_the_prime_is_named_with_its_place():
    with pytest.raises(UnknownCharacterError, match="`prime`, line 1, column 4: the character 'Q'"):
        pieces(model(), prime="TheQ")


def test_an_end_that_can_never_appear_is_refused():
    with pytest.raises(UnknownCharacterError, match="`until`, line 1, column 1: the character 'Q'"):
        pieces(model(), SampleSettings(until="Q"))


def test_a_model_without_a_head_is_refused():
    with pytest.raises(RunError, match="no head"):
        pieces(model(head=False))


def test_a_model_of_one_character_writes_it():
    assert isinstance(model("a"), Model)
    assert sample(model("a"), length=5) == "aaaaa"


def test_a_sample_with_steps_reads_them_from_the_prime_on():
    """By the plain network, character by character, at temperature 0."""
    m = model().force("z=1@3-9")
    held = SteppedNetwork(Held(m.weights, m.scheduled))
    states, expected = held.at(1).zero_state(), ""
    for step in range(1, 24):
        char = "The cat"[step - 1] if step <= 7 else expected[-1]
        states = held.at(step).step(m.vocabulary.encode(char), states)
        if step >= 7:
            expected += m.vocabulary.characters[int(held.at(step).logits(states)[0].argmax())]
    assert sample(m, length=17, temperature=0, prime="The cat") == expected


def test_more_samples_than_fit_in_the_memory_are_refused():
    """The noise of 100,000 samples and 20,000 characters is 512 GB."""
    large = model("".join(map(chr, range(0x4E00, 0x4E00 + 20_000))), units=2)
    with pytest.raises(SettingError, match="writing 100,000 samples at once"):
        pieces(large, count=100_000)
