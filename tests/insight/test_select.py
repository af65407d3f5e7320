"""From what a user writes to steps, indices and layers that exist."""

import pytest

from chargru.errors import SettingError, StepError
from chargru.insight import select


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        (["34"], [34]),
        (["33", "34"], [33, 34]),
        (["33-35"], [33, 34, 35]),
        (["last"], [40]),
        (["38-last"], [38, 39, 40]),
        ([" 7 "], [7]),
        (["7-7"], [7]),
    ],
)
def test_steps(given, steps):
    assert select.parse_steps(given, 40) == steps


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("0", "steps count from 1"),
        ("-1", "steps count from 1"),
        ("0-3", "steps count from 1"),
        ("41", "the text has 40 steps"),
        ("1-99999999999999", "the text has 40 steps"),
    ],
)
def test_steps_that_do_not_exist(given, message):
    with pytest.raises(StepError, match=message) as error:
        select.parse_steps([given], 40)
    assert error.value.hint == "give `steps` from 1 to 40"


@pytest.mark.parametrize("given", ["", "x", "3,4", "last-3", "1-2-3", "3.0", "٣"])
def test_steps_that_cannot_be_read(given):
    with pytest.raises(SettingError, match="is not a step"):
        select.parse_steps([given], 40)


@pytest.mark.parametrize("parse", [lambda: select.parse_steps(["5-3"], 9), lambda: select.parse_indices("5-3", 9)])
def test_a_backward_range(parse):
    with pytest.raises(SettingError, match="5-3 runs backwards") as error:
        parse()
    assert error.value.hint == "give 3-5"


@pytest.mark.parametrize(
    ("given", "indices"), [("9", [9]), ("0,9,15", [0, 9, 15]), ("0-3, 9", [0, 1, 2, 3, 9]), ("all", list(range(16)))]
)
def test_indices(given, indices):
    assert select.parse_indices(given, 16) == indices


@pytest.mark.parametrize("given", ["", "0,,1", "a", "3-last", "1 2"])
def test_indices_that_cannot_be_read(given):
    with pytest.raises(SettingError, match="is not an index"):
        select.parse_indices(given, 16)


@pytest.mark.parametrize("given", ["16", "0-16", "-1"])
def test_indices_that_do_not_exist(given):
    with pytest.raises(StepError, match="has 16 units, counted from 0") as error:
        select.parse_indices(given, 16)
    assert error.value.hint == "give `indices` from 0 to 15"


def test_layers():
    assert select.resolve_layers(None, 3) == (1, 2, 3)
    assert select.resolve_layers(2, 3) == (2,)
    with pytest.raises(StepError, match="there is no layer 0: the model has 3 layers"):
        select.resolve_layers(0, 3)
    with pytest.raises(StepError, match=r"there is no layer 2: the model has 1 layer$"):
        select.resolve_layers(2, 1)


@pytest.mark.parametrize(
    ("pattern", "steps"), [("cat", [7, 16]), ("s ", [9, 18]), ("^T", [1]), ("x*cats?", [8, 17]), (r"\n", [9])]
)
def test_a_step_ends_each_match(pattern, steps):
    text = "The cats\nthe cats " if pattern != "s " else "The cats the cats "
    assert select.steps_at(pattern, text) == steps


@pytest.mark.parametrize("pattern", ["dog", "", "x*", "^"])
def test_a_pattern_that_matches_nothing(pattern):
    with pytest.raises(StepError, match="matches nothing in the text of 8 characters"):
        select.steps_at(pattern, "The cats")


def test_a_pattern_that_is_none():
    with pytest.raises(SettingError, match=r"'\(' is not a regular expression"):
        select.steps_at("(", "The cats")
