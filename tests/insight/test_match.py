"""Scores are pairs counted one by one, chance is every shift tried: by code of the test's own."""

import re

import numpy as np
import pytest
from drawn import TEXT, model
from handmade import by_hand
from hypothesis import given
from hypothesis import strategies as st

from chargru.errors import TextError
from chargru.insight import match as matching
from chargru.insight.gates import gates
from chargru.insight.match import Marks


def pairs(inside, outside):
    """The share of pairs in which the value inside is the larger one, ties counted half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return wins / (len(inside) * len(outside))


def brute(values, marks):
    """The AUC at the marks, and the largest score at any shift by a tenth of the text or more, of one series."""
    T = len(values)

    def auc(places):
        return pairs([values[t] for t in places], [values[t] for t in range(T) if t not in places])

    away = -(-T // 10)
    shifted = [auc({(t + shift) % T for t in marks}) for shift in range(away, T - away + 1)]
    return auc(set(marks)), max(max(one, 1 - one) for one in shifted), len(shifted)


def compared(steps, values):
    T = values.shape[-1]
    return matching.compare(Marks("x", None, tuple(steps), range(1, T + 1), T), values)


@pytest.mark.parametrize(("layers", "pattern", "ends"), [(1, "e", "e"), (2, "[.,]", ".,")])
def test_scores_and_chance_by_brute_force(layers, pattern, ends):
    m = model(layers=layers, units=3)
    found, hand = gates(m, match=pattern).match, by_hand(m, TEXT)
    marks = [t for t, char in enumerate(TEXT) if char in ends]
    assert found.marks.steps == tuple(t + 1 for t in marks)
    chance = 0.0
    for layer, quantity, index in np.ndindex(layers, 4, 3):
        values = hand["rznh"[quantity]][layer, :, index].tolist()
        auc, largest, shifts = brute(values, marks)
        chance = max(chance, largest)
        assert abs(found.auc[layer, quantity, index] - auc) < 1e-12
        assert abs(found.scores[layer, quantity, index] - max(auc, 1 - auc)) < 1e-12
        inside = [values[t] for t in marks]
        assert abs(found.inside[layer, quantity, index] - sum(inside) / len(inside)) < 1e-12
        outside = sum(values) - sum(inside)
        assert abs(found.outside[layer, quantity, index] - outside / (len(TEXT) - len(marks))) < 1e-12
    assert found.shifts == shifts
    assert abs(found.chance - chance) < 1e-12
    assert found.telling.sum() == (found.scores > chance + 1e-12).sum()


@given(st.lists(st.integers(0, 3), min_size=24, max_size=60), st.data())
def test_ties_count_half(values, data):
    T = len(values)
    marks = sorted(data.draw(st.sets(st.integers(0, T - 1), min_size=3, max_size=T - 3)))
    found = compared(tuple(t + 1 for t in marks), np.array(values, float).reshape(1, 1, 1, T))
    auc, chance, shifts = brute(values, marks)
    assert abs(found.auc.item() - auc) < 1e-12
    assert abs(found.chance - chance) < 1e-12
    assert found.shifts == shifts


def noise(T=500, series=40):
    return np.random.default_rng(5).normal(size=(1, 4, series // 4, T))


MARKS = tuple(range(7, 500, 23))


def test_in_noise_there_is_nothing():
    found = compared(MARKS, noise())
    assert not found.telling.any()
    assert 0.5 < found.scores.max() <= found.chance < 0.85


@pytest.mark.parametrize("sign", [1, -1])
def test_one_that_tells_is_found_in_noise(sign):
    values = noise()
    values[0, 2, 6, np.array(MARKS) - 1] += sign * 6.0
    found = compared(MARKS, values)
    assert np.argwhere(found.telling).tolist() == [[0, 2, 6]]
    assert found.best() == (0, "n", 6)
    assert found.ranked(0)[0] == 6
    assert found.auc[0, 2, 6] > 0.99 if sign > 0 else found.auc[0, 2, 6] < 0.01


def test_a_unit_that_holds_is_found():
    """What it holds for 20 steps is no chance: a shift by one leaves its score as it is, but is left out."""
    values = noise(T=1000)
    marks = sorted(np.random.default_rng(6).choice(np.arange(1, 980), 20, replace=False).tolist())
    for step in marks:
        values[0, 3, 1, step - 1 : step + 19] = 5.0
    found = compared(tuple(marks), values)
    assert np.argwhere(found.telling).tolist() == [[0, 3, 1]]
    assert abs(compared(tuple(step + 1 for step in marks), values).auc[0, 3, 1] - found.auc[0, 3, 1]) < 1e-12


def test_what_is_constant_tells_nothing():
    found = gates(model(), match="e", force=["z[2]=1"]).match
    assert found.auc[0, 1, 2] == found.auc[0, 3, 2] == 0.5


def test_a_text_that_repeats_itself_has_no_chance():
    """Shifted by a period the marks stand on equal values: as large a score, by chance."""
    values = np.tile(np.random.default_rng(1).normal(size=(1, 4, 5, 20)), 10)
    found = compared(range(7, 200, 20), values)
    assert found.scores.max() > 0.8
    assert abs(found.chance - found.scores.max()) < 1e-12
    assert not found.telling.any()


@pytest.mark.parametrize("among", ["[a-z]", "[aeiou ]"])
def test_among_some_places_only(among):
    """As if no other step had been read."""
    m = model(units=3)
    found, hand = gates(m, match="e", among=among).match, by_hand(m, TEXT)
    places = [t for t, char in enumerate(TEXT) if re.match(among, char)]
    marks = [at for at, t in enumerate(places) if TEXT[t] == "e"]
    assert list(found.marks.places) == [t + 1 for t in places]
    chance = 0.0
    for quantity, index in np.ndindex(4, 3):
        values = hand["rznh"[quantity]][0, places, index].tolist()
        auc, largest, shifts = brute(values, marks)
        chance = max(chance, largest)
        assert abs(found.auc[0, quantity, index] - auc) < 1e-12
        outside = [value for at, value in enumerate(values) if at not in marks]
        assert abs(found.outside[0, quantity, index] - sum(outside) / len(outside)) < 1e-12
    assert found.shifts == shifts
    assert abs(found.chance - chance) < 1e-12


def test_matches_that_are_not_among_the_places_are_left_out():
    found = gates(model(), match="[es]", among="[ a-r]").match
    assert found.marks.steps == gates(model(), match="e").match.marks.steps


def test_only_the_first_characters_of_a_text_too_long(monkeypatch):
    monkeypatch.setattr(matching, "LONGEST", 4 * 6 * 50)
    cut, whole = gates(model(), match="e").match, gates(model(), TEXT[:50], match="e").match
    assert cut.marks.characters == 50
    assert cut.marks.steps == whole.marks.steps
    assert np.array_equal(cut.auc, whole.auc)
    assert cut.chance == whole.chance


NEEDED = "of 84 places; at least 3 that match and 3 others are needed"


@pytest.mark.parametrize(
    ("text", "pattern", "message"),
    [
        (TEXT, "ca", f"`match` 'ca' matches at only 2 {NEEDED}"),
        (
            TEXT,
            "[^T]",
            f"`match` '[^T]' matches at all but 2 {NEEDED}",
        ),
        (TEXT, "(?s).", f"`match` '(?s).' matches at all {NEEDED}"),
        (TEXT[:23], "e", "23 places are too few to tell what `match` finds from chance"),
    ],
)
def test_too_few_places(text, pattern, message):
    with pytest.raises(TextError) as error:
        gates(model(), text, match=pattern)
    assert error.value.message == message
