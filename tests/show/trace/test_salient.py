"""The word for what happened, and the units that tell most."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import model

from chargru.insight.trace import trace
from chargru.show.trace import salient


@pytest.mark.parametrize(
    ("z", "word"),
    [(0.0, "replaced"), (0.0999, "replaced"), (0.1, "mixed"), (0.9, "mixed"), (0.9001, "kept"), (1, "kept")],
)
def test_words(z, word):
    assert salient.happened(z) == word


def with_values(z, h_prev, n):
    """A trace of one step whose one layer has these values."""
    traced = trace(model(units=len(z)), steps=[34])
    z, h_prev, n = (np.array([values], dtype=float) for values in (z, h_prev, n))
    layer = replace(traced.layers[0], z=z, h_prev=h_prev, n=n, h=(1 - z) * n + z * h_prev)
    return replace(traced, layers=(layer,))


def by_hand(z, h_prev, n):
    """What was decided in a unit, told from the values before and after the step alone."""
    h = (1 - z) * n + z * h_prev
    if z > 0.9:
        return "kept", abs(h - n)
    return ("replaced", abs(h - h_prev)) if z < 0.1 else ("mixed", min(abs(h - n), abs(h - h_prev)))


@pytest.mark.parametrize("seed", range(30))
def test_the_first_screen_shows_of_each_word_the_unit_in_which_most_was_decided(seed):
    draw = np.random.default_rng(seed)
    z, h_prev, n = draw.beta(0.3, 0.3, 9), draw.uniform(-1, 1, 9), draw.uniform(-1, 1, 9)
    found = [by_hand(*values) for values in zip(z, h_prev, n, strict=True)]
    best = []
    for word in ("kept", "replaced", "mixed"):
        sizes = [(size, index) for index, (own, size) in enumerate(found) if own == word and size >= 0.1]
        best += [max(sizes)[1]] if sizes else []
    assert salient.first(with_values(z, h_prev, n), 0) == tuple(best)


def test_a_unit_whose_old_and_candidate_agree_is_not_shown_as_kept():
    z, h_prev, n = [0.999, 0.95, 0.02, 0.5], [1.0, 0.4, 0.9, 0.9], [1.0, 0.1, -0.9, 0.9]
    assert salient.first(with_values(z, h_prev, n), 0) == (1, 2)
    assert salient.first(with_values(z[::2], h_prev[::2], n[::2]), 0) == (1,)


def test_there_is_always_a_unit_to_show():
    assert salient.first(with_values([0.99, 0.5], [1.0, 0.3], [1.0, 0.32]), 0) == (1,)
    assert salient.first(with_values([0.99], [1.0], [1.0]), 0) == (0,)


def test_telling_takes_turns_replaced_kept_mixed():
    traced = with_values(
        z=[0.05, 0.01, 0.95, 0.99, 0.5, 0.6], h_prev=[0.9, 0.1, 0.2, 0.8, 0.0, 0.0], n=[0.7, 0.9, 0.5, 0.2, 0.2, -0.7]
    )
    assert salient.telling(traced, 0, 1) == (1,)  # replaced, moved by 0.79
    assert salient.telling(traced, 0, 3) == (1, 3, 5)  # kept, 0.59 from its candidate; mixed, 0.28 from the nearer
    assert salient.telling(traced, 0, 4) == (0, 1, 3, 5)


def test_telling_puts_units_in_which_nothing_was_decided_last():
    traced = with_values(z=[0.95, 0.01, 0.99, 0.02], h_prev=[1.0, 0.5, 0.7, 0.0], n=[1.0, 0.52, 0.1, 0.8])
    assert salient.telling(traced, 0, 2) == (2, 3)
    assert salient.telling(traced, 0, 3) == (1, 2, 3)


def test_telling_goes_on_where_a_word_is_missing():
    traced = with_values(z=[0.5, 0.5, 0.95], h_prev=[0.0, 0.0, 0.7], n=[0.2, 0.4, 0.1])
    assert salient.telling(traced, 0, 3) == (0, 1, 2)


def test_every_index_has_a_row_up_to_32_units():
    assert salient.shown(trace(model(units=32)), 0) == tuple(range(32))
    assert len(salient.shown(trace(model(units=33)), 0)) == salient.TELLING_ROWS
    assert salient.shown(trace(model(units=33), indices=[32, 4]), 0) == (4, 32)


def test_chosen_indices_are_worked_out_else_three():
    assert salient.worked(trace(model(), indices=range(6)), 0) == (0, 1, 2, 3, 4, 5)
    assert len(salient.worked(trace(model()), 0)) == 3
    assert salient.worked(trace(model(units=1)), 0) == (0,)
