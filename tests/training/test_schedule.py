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
    known = {"windows_per_epoch": 40, "characters_per_update": 100, "validation_characters": 300}
    return Schedule(Budget(unit, amount), **(known | changes))


def test_share_of_each_budget():
    assert schedule("updates", 200).share(50, 1e9) == 0.25
    assert schedule("epochs", 5).share(50, 1e9) == 0.25
    assert schedule("minutes", 2).share(10**9, 30.0) == 0.25


def test_minutes_set_the_last_validation_aside():
    clock = schedule("minutes", 2)
    clock.validation_seconds = 20.0
    assert clock.share(0, 100.0) == 1.0


def test_validation_by_updates_ignores_the_clock():
    by_updates = schedule("updates", 2000)
    assert not by_updates.validation_due(99, math.inf)
    assert by_updates.validation_due(100, 0.0)


def test_validation_costs_a_small_part_of_training():
    costly = schedule("updates", 100, validation_characters=3000)
    assert not costly.validation_due(99, 0.0)
    assert costly.validation_due(100, 0.0)
    clock = schedule("minutes", 1)
    clock.validation_seconds = 1.0
    assert not clock.validation_due(1, 9.9)
    assert clock.validation_due(1, 10.0)
