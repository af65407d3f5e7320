"""What is to be compared: names of conventions, and a trace."""

import numpy as np
import pytest
from drawn import model

from chargru.errors import SettingError
from chargru.insight.comparison import compare, resolve_conventions
from chargru.insight.trace import trace


def test_the_numbers_are_those_of_the_trace():
    found = compare(model(), conventions=["chung", "torch"], steps=[33, 34], indices=[2], force=["r=1"])
    expected = trace(model(), steps=[33, 34], indices=[2], force=["r=1"])
    assert [one.name for one in found.conventions] == ["chung", "torch"]
    assert (found.trace.steps, found.trace.indices) == (expected.steps, expected.indices)
    assert np.array_equal(found.trace.h, expected.h)


def test_a_name_given_twice_counts_once():
    assert [one.name for one in resolve_conventions(["course", "torch", "course"])] == ["course", "torch"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["torch", "Torch"], "there is no convention 'Torch'"),
        (["torch", "torch"], "`conventions` has 1 of two or more to compare"),
        ([], "`conventions` has 0 of two or more to compare"),
        ("torch,course", "`conventions` is 'torch,course', but it must be a list"),
    ],
)
def test_what_cannot_be_compared_is_refused(names, message):
    with pytest.raises(SettingError) as error:
        compare(model(), conventions=names)
    assert error.value.message == message
