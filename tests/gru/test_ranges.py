"""Ranges as they are written."""

import pytest

from chargru.errors import SettingError
from chargru.gru.ranges import parse_range

REFUSAL = SettingError("that is no range")


@pytest.mark.parametrize(
    ("written", "found"),
    [("34", (34, 34)), (" 33-35 ", (33, 35)), ("20-last", (20, None)), ("-1", (-1, -1)), ("7-7", (7, 7))],
)
def test_what_can_be_written(written, found):
    assert parse_range(written, REFUSAL) == found


@pytest.mark.parametrize("written", ["", "a", "3-", "last", "1.5", "3--5", "3-5-7", "²"])
def test_what_is_no_range(written):
    with pytest.raises(SettingError, match="that is no range"):
        parse_range(written, REFUSAL)


def test_a_range_does_not_run_backwards():
    with pytest.raises(SettingError, match=r"^the range 9-5 in 'z' runs backwards$") as error:
        parse_range("9-5", REFUSAL, within=" in 'z'")
    assert error.value.hint == "give 5-9"
