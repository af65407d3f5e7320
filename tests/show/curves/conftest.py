"""Curves of runs made by hand."""

import pytest

from chargru.run_curves import Curve, Curves, RunCurve


@pytest.fixture
def one():
    return Curves((RunCurve("checkpoints/one", curve(3.0)),))


@pytest.fixture
def two():
    return Curves((RunCurve("checkpoints/one", curve(3.0)), RunCurve("checkpoints/$two_$", curve(5.0))))


def curve(high):
    """Training falls by steps of a tenth from `high` at update 10; validation, a half above it, is lowest at 80."""
    update = tuple(range(10, 110, 10))
    train = tuple(high - number / 10 for number in range(10))
    val = tuple(train[number] + 0.5 + (number > 7) * 2 if number % 2 else None for number in range(10))
    return Curve(update, train, val, (0.01,) * 10)
