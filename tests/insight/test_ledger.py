"""The ledger: shares, contributions, ages and the oldest character that counts."""

import autograd
import numpy as np
import pytest

from chargru.errors import StepError
from chargru.insight.ledger import ledger
from chargru.insight.trace import trace

TEXT = autograd.random_text(30)
STEP = 26
KINDS = [(layers, reset) for layers in (1, 2) for reset in ("after", "before")]


@pytest.mark.parametrize(("layers", "reset"), KINDS)
def test_contributions_sum_to_the_state_that_torch_computes(layers, reset):
    model = autograd.model(layers, reset)
    states = autograd.states(model, TEXT)
    for layer in range(1, layers + 1):
        taken = ledger(model, TEXT, step=STEP, layer=layer)
        np.testing.assert_allclose(taken.contributions.sum(axis=0), states[STEP][layer - 1], rtol=0, atol=1e-14)


def test_shares_are_the_derivative_of_h_by_what_each_step_wrote():
    """w_k is what h_t changes by if n_k is changed and everything else is held: products of z by hand."""
    model = autograd.model()
    z = trace(model, TEXT, steps=range(1, STEP + 1)).z
    taken = ledger(model, TEXT, step=STEP)
    for k in range(STEP + 1):
        expected = np.prod(z[k:], axis=0) * (1 - z[k - 1] if k else 1)
        np.testing.assert_allclose(taken.shares[k], expected, rtol=1e-12)
    np.testing.assert_allclose(taken.shares.sum(axis=0), 1.0, rtol=0, atol=1e-14)


def test_age_is_the_mean_lag_with_h_0_at_lag_t():
    taken = ledger(autograd.model(2), TEXT, step=STEP)
    lags = STEP - np.arange(STEP + 1)
    np.testing.assert_allclose(taken.ages, lags @ taken.shares, rtol=1e-12)


def test_the_oldest_is_the_first_step_with_a_share_of_one_twentieth():
    taken = ledger(autograd.model(), TEXT, step=STEP)
    for index, oldest in enumerate(taken.oldest):
        counting = [k for k in range(1, STEP + 1) if taken.shares[k, index] >= 0.05]
        assert oldest == (counting[0] if counting else 0)
    assert taken.oldest.max() > 0


def test_nothing_counts_where_every_share_is_small():
    taken = ledger(autograd.model(), TEXT, step=STEP)
    held = np.full_like(taken.z, 0.99)
    shares = np.concatenate([np.cumprod(held, axis=0)[-1:], (0.01 * 0.99 ** np.arange(STEP))[::-1, None] + held * 0])
    assert not type(taken)(**{**vars(taken), "z": held, "shares": shares}).oldest.any()


def test_largest_first():
    taken = ledger(autograd.model(), TEXT, step=STEP)
    sizes = np.abs(taken.contributions[taken.largest_first(2), 2])
    assert sorted(taken.largest_first(2)) == list(range(1, STEP + 1))
    assert (np.diff(sizes) <= 0).all()


def test_what_is_all_but_0_holds_nothing():
    """Index 2 of a gate that stays shut is 0.99 of h_0 = 0 and next to nothing else: the oldest, and empty."""
    taken = ledger(autograd.model(), TEXT, step=20, force=["z[2]=0.999"])
    small = np.abs(taken.h) < 0.1
    assert taken.ages.argmax() == 2
    assert small[2]
    assert (taken.holding == np.where(small, 0.0, taken.ages)).all()
    assert 2 not in taken.indices


def test_top_layer_and_three_indices_unless_named():
    taken = ledger(autograd.model(2), TEXT, step=STEP)
    assert taken.layer == 2
    ages = np.where(np.abs(taken.h) < 0.1, 0, np.arange(STEP, -1, -1) @ taken.shares)
    assert list(taken.indices) == np.argsort(-ages)[:3].tolist()
    assert ledger(autograd.model(2), TEXT, step=STEP, layer=1, indices=[4, 0]).indices == (0, 4)


@pytest.mark.parametrize("wrong", [{"step": 31}, {"step": 0}, {"step": 2, "layer": 2}, {"step": 2, "indices": [5]}])
def test_what_does_not_exist_is_refused(wrong):
    with pytest.raises(StepError):
        ledger(autograd.model(), TEXT, **wrong)
