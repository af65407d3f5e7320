"""Documents as they are parsed, and checked against their schemas."""

import json

import pytest

from chargru import documents
from chargru.errors import DamagedRunError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "it is nested too deeply"),
        ("[" + "[]," * 100_000 + "1]", "it has more than the 100,000 lists and objects that are read"),
        ("[" + "{}," * 100_000 + "1]", "it has more than the 100,000 lists and objects that are read"),
        ("[" * 40 + "]" * 40, "it is nested too deeply"),
        ('{"x": ' * 40 + "1" + "}" * 40, "it is nested too deeply"),
        (f'{{"x": {"9" * 21}}}', "it holds a whole number of 21 digits"),
        (f'{{"x": {"9" * 5000}}}', "it holds a whole number of 5,000 digits"),
        ('{"x": Infinity}', "it holds Infinity, which is not a finite number"),
        ('{"x": -1e999}', "it holds -1e999, which is not a finite number"),
        (
            f'{{"x": 1{"0" * 5000}.0}}',
            "it holds 100000000000000000...0000000000000000.0, which is not a finite",
        ),
        ('{"x": NaN}', "it holds NaN"),
        ('"' + "a" * documents.LONGEST + '"', "it has 33,554,434 characters, more than the 33,554,432 that are read"),
        ("", "Expecting value"),
    ],
)
def test_json_that_is_not_taken_says_why(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        documents.parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150


def test_json_is_taken_with_lone_surrogates_and_as_deep_as_allowed():
    written = {"\ud800": ["\udfff", 1, 1.5, None, True, -(2**63)]}
    assert documents.parse(json.dumps(written)) == written
    deepest = "[" * documents.DEEPEST + "]" * documents.DEEPEST
    assert json.dumps(documents.parse(deepest)) == deepest


MODEL = {"vocabulary": ["a", None, "\ud800"], "hidden_size": 3, "layers": 1, "reset": "after"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vocabulary": "abc"}, "vocabulary is 'abc', which is not a list"),
        ({"vocabulary": ["a", "bc"]}, "vocabulary[1] is 'bc', which is not one character"),
        ({"vocabulary": ["a", ""]}, "vocabulary[1] is '', which is not one character"),
        ({"vocabulary": [3]}, "vocabulary[0] is 3, which is not a string"),
        ({"layers": 1.0}, "layers is 1.0, which is not a whole number"),
        ({"layers": -1}, "layers is -1, which is less than 0"),
        ({"layers": 2**63}, "layers is 9223372036854775808, which is more than 9.22337e+18"),
        ({"reset": "x" * 99}, "reset is 'xxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxx', which is unknown"),
        ({"forced": ["r=1", None]}, "forced[1] is None, which is not a string"),
        ({"trained": {"val_nats": "x"}}, "trained.val_nats is 'x', which is not a number"),
        (
            {"trained": {"val_nats": 10**400}},
            "trained.val_nats is 100000000000000000...000000000000000000, which is too",
        ),
        ({"trained": {"settings": {"seed": [1]}}}, "trained.settings.seed is [1], which is not a whole number"),
        ({"trained": {"trace_h": [[0.5], [0.5, "x"]]}}, "trained.trace_h[1][1] is 'x', which is not a number"),
        ({"trained": {"text": {"paths": {}}}}, "trained.text.paths is {}, which is not a string or a list"),
        ({"trained": {"text": {"split": True}}}, "trained.text.split is True, which is not a whole number"),
        ({"trained": {"weights_sha256": 5}}, "trained.weights_sha256 is 5, which is not a string"),
    ],
)
def test_an_entry_of_another_kind_is_named(change, said):
    with pytest.raises(DamagedRunError) as caught:
        documents.check(MODEL | change, documents.Model)
    assert f"its document says {said}" in caught.value.message


def test_half_of_a_surrogate_pair_in_a_name_is_said():
    with pytest.raises(DamagedRunError, match="a lone surrogate in the name of an entry"):
        documents.check({**MODEL, "\ud800": 1}, documents.Model)


def test_what_a_later_version_adds_is_left_alone():
    documents.check({**MODEL, "new": [], "trained": {"settings": {"colour": {}}}}, documents.Model)


def test_only_a_whole_part_must_have_all():
    documents.check({"unit": "updates"}, documents.Budget, "budget")
    with pytest.raises(DamagedRunError, match=r"its document lacks budget\.amount"):
        documents.check({"unit": "updates"}, documents.Budget, "budget", whole=True)
    with pytest.raises(DamagedRunError, match="its document lacks vocabulary"):
        documents.check({}, documents.Model)
    with pytest.raises(DamagedRunError, match=r"its document says budget is \[\], which is not an object"):
        documents.check([], documents.Budget, "budget")
