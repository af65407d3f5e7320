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


def with_values(z, h_prev, h):
    """A trace of one step whose one layer has these values."""
    traced = trace(model(units=len(z)), steps=[34])
    values = {name: np.array([value]) for name, value in (("z", z), ("h_prev", h_prev), ("h", h))}
    return replace(traced, layers=(replace(traced.layers[0], **values),))


def test_telling_takes_turns_replaced_kept_mixed():
    traced = with_values(
        z=[0.05, 0.01, 0.95, 0.99, 0.5, 0.6], h_prev=[0.9, 0.1, 0.2, 0.8, 0.0, 0.0], h=[0.8, 0.9, 0.2, 0.8, 0.1, -0.3]
    )
    assert salient.telling(traced, 0, 1) == (1,)  # replaced, changed by 0.8
    assert salient.telling(traced, 0, 3) == (1, 3, 5)  # kept, holds 0.8; mixed, changed by 0.3
    assert salient.telling(traced, 0, 4) == (0, 1, 3, 5)


def test_telling_goes_on_where_a_word_is_missing():
    traced = with_values(z=[0.5, 0.5, 0.95], h_prev=[0.0, 0.0, 0.7], h=[0.1, 0.2, 0.7])
    assert salient.telling(traced, 0, 3) == (0, 1, 2)


def test_every_index_has_a_row_up_to_32_units():
    assert salient.shown(trace(model(units=32)), 0) == tuple(range(32))
    assert len(salient.shown(trace(model(units=33)), 0)) == salient.TELLING_ROWS
    assert salient.shown(trace(model(units=33), indices=[32, 4]), 0) == (4, 32)


def test_chosen_indices_are_worked_out_else_three():
    assert salient.worked(trace(model(), indices=range(6)), 0) == (0, 1, 2, 3, 4, 5)
    assert len(salient.worked(trace(model()), 0)) == 3
    assert salient.worked(trace(model(units=1)), 0) == (0,)
