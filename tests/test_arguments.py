"""Arguments as a library call takes them."""

from fractions import Fraction

import pytest

from chargru import arguments
from chargru.errors import SettingError


def test_a_seed_may_be_as_large_as_numpy_draws_it():
    assert arguments.whole("seed", 2**128 - 1) == 2**128 - 1


@pytest.mark.parametrize("value", [10**39, -(10**39), 1 << 20_000], ids=["39 digits", "below", "6,021 digits"])
def test_a_whole_number_beyond_that_is_refused(value):
    with pytest.raises(SettingError, match="`seed` is a number of more than 38 digits"):
        arguments.whole("seed", value)


@pytest.mark.parametrize("value", [10**400, Fraction(10**400)], ids=["integer", "fraction"])
def test_what_a_float_does_not_hold_is_refused(value):
    with pytest.raises(SettingError, match="`minutes` is too large a number"):
        arguments.real("minutes", value)
