"""The learning rate, the share of a budget and when a validation is due."""

import math

import pytest

from chargru.training.schedule import WARM_UP_SHARE, Schedule, learning_rate
from chargru.training.settings import Budget


def test_rate_rises_to_the_peak_and_falls_to_zero():
    assert learning_rate(0.004, WARM_UP_SHARE / 2) == pytest.approx(0.002)
    assert learning_rate(0.004, WARM_UP_SHARE) == pytest.approx(0.004)
    middle = WARM_UP_SHARE + (1 - WARM_UP_SHARE) / 2
    assert learning_rate(0.004, middle) == pytest.approx(0.002)
    assert learning_rate(0.004, 1.0) == pytest.approx(0.0, abs=1e-12)
    assert learning_rate(0.004, 1.7) == pytest.approx(0.0, abs=1e-12)


def test_the_first_update_learns_something():
    assert learning_rate(0.004, 0.0) > 0


def schedule(unit, amount, **changes):
    known = {"windows_per_epoch": 40, "lanes": 10, "window": 10, "validation_characters": 60_000}
    return Schedule(Budget(unit, amount), **(known | changes))


def test_share_of_each_budget():
    assert schedule("updates", 200).share(50, 1e9) == 0.25
    assert schedule("epochs", 5).share(50, 1e9) == 0.25
    assert schedule("minutes", 2).share(10**9, 30.0) == 0.25


def test_minutes_set_the_last_validation_aside():
    clock = schedule("minutes", 2)
    clock.validation_seconds = 20.0
    assert clock.share(0, 100.0) == 1.0


def test_a_large_split_is_scored_at_even_shares_of_the_updates_whatever_the_clock_says():
    by_updates = schedule("updates", 60_000)
    assert not by_updates.validation_due(5_999, 3_000, math.inf)
    assert by_updates.validation_due(6_000, 3_000, 0.0)


def test_validation_costs_a_small_part_of_training():
    """A character of it costs a third of one of training: 60,000 are worth 200 updates of 100 characters."""
    costly = schedule("updates", 100)
    assert not costly.validation_due(1_999, 0, math.inf)
    assert costly.validation_due(2_000, 0, 0.0)
    clock = schedule("minutes", 1)
    clock.validation_seconds = 1.0
    assert not clock.validation_due(1, 0, 9.9)
    assert clock.validation_due(1, 0, 10.0)


def moments(schedule, until):
    """The updates at which a run is validated; the clock says that each validation takes an hour."""
    schedule.validation_seconds, validated, found = 3600.0, 0, []
    for update in range(1, until + 1):
        if schedule.validation_due(update, validated, 0.0):
            validated = update
            found.append(update)
    return found


@pytest.mark.parametrize("budget", [("minutes", 2), ("minutes", 0.1), ("updates", 3000), ("epochs", 4000)])
def test_a_small_split_is_scored_at_the_same_updates_under_every_budget(budget):
    """300 characters are worth 0.156 of an update, 300 steps of one lane 0.469 of one: 7 updates at a tenth of them."""
    small = schedule(*budget, validation_characters=300, window=64)
    found = moments(small, 3000)
    assert found[:23] == [*range(7, 162, 7)]
    assert found[23:27] == [169, 177, 185, 194]
    assert (len(found), found[-1]) == (84, 2982)


def test_a_small_split_is_scored_by_the_clock_too_where_updates_are_slow():
    slow = schedule("minutes", 2, validation_characters=300, window=64)
    assert not slow.validation_due(1, 0, 11.9)
    assert slow.validation_due(1, 0, 12.0)
    slow.validation_seconds = 2.0
    assert not slow.validation_due(1, 0, 19.9)
    assert slow.validation_due(1, 0, 20.0)
    assert not schedule("updates", 3000, validation_characters=300, window=64).validation_due(1, 0, 1e9)


def test_what_is_small_does_not_depend_on_the_updates():
    assert moments(schedule("minutes", 2, validation_characters=30_001), 5000) == []
    assert len(moments(schedule("minutes", 2, validation_characters=30_000), 5000)) == 4
