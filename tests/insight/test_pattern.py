"""Patterns mean what they mean to Python's re, and none takes for ever, or the machine's memory."""

import random
import re
import warnings

import pytest

from chargru.errors import SettingError
from chargru.insight import pattern

PIECES = [
    *"abe{}[]()|*+?.^$,1<=:-&~ ",
    *(
        "\\",
        "(?:",
        "(?=",
        "(?!",
        "(?<=",
        "(?P<n>",
        "(?P=n)",
        "(?>",
        "++",
        "(?i:",
        "(?s:",
        "(?x:",
        "[^",
        "[[",
        "--",
        "&&",
    ),
    *("{e}", "{e<=1}", "{1,2}", "{,2}", "{}", "{,}", "{ 1}", "\\{", "[:alpha:]", "\\w", "\\b", "\\1", "\\N{DIGIT ONE}"),
]
READABLE = "abe1 \n{}-[:<=,.&|"


def by_re(written, text):
    """The ends of its matches as re finds them; None if it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [found.end() for found in re.finditer(written, text) if found.end() > found.start()]
        except (re.error, OverflowError):
            return None


def test_a_pattern_means_what_it_means_to_re():
    rng, compared = random.Random(3), 0
    for _ in range(4000):
        written = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 9)))
        text = "".join(rng.choice(READABLE) for _ in range(40))
        expected = by_re(written, text)
        if expected is None:
            with pytest.raises(SettingError):
                pattern.ends(written, text, "at")
        else:
            assert pattern.ends(written, text, "at") == expected, written
            compared += bool(expected)
    assert compared > 200


@pytest.mark.parametrize("written", ["(a|aa)+$", "(?:a?){3000}y|b"])
def test_what_takes_too_long_is_stopped(written, monkeypatch):
    monkeypatch.setattr(pattern, "SECONDS", 0.2)
    with pytest.raises(SettingError, match=r"takes more than 0.2 seconds on the text of 4,001 characters") as refused:
        pattern.ends(written, "a" * 4000 + "b", "at")
    assert refused.value.hint == "give a simpler one, without a repeat inside a repeat, or a shorter `text`"


def test_the_limit_is_for_all_matches_together(monkeypatch):
    monkeypatch.setattr(pattern, "SECONDS", 0.2)
    with pytest.raises(SettingError, match="takes more than"):
        pattern.ends("(a|aa)+c|b", ("a" * 22 + "b") * 400 + "c", "at")


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("(" * 1_000, "is too complicated to be read"),
        ("(" * 100_000, "has 100,000 characters, more than the 1,000 that a pattern may have"),
        ("a" * 1_001, "has 1,001 characters"),
        ("a{1000000}{1000}", "its counts in braces, multiplied, are more than 100,000"),
        ("((a{1000}){1000}){1000}", "its counts in braces, multiplied, are more than 100,000"),
        ("a{" + "9" * 900 + "}", "its counts in braces, multiplied, are more than 100,000"),
        ("a{0,100001}", "its counts in braces, multiplied, are more than 100,000"),
        ("(?R)", "is not a regular expression: unknown extension"),
        ("\\y", "is not a regular expression: bad escape"),
        ("*", "is not a regular expression: nothing to repeat"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(written, wrong):
    with pytest.raises(SettingError) as refused:
        pattern.ends(written, "abc", "at")
    assert wrong in refused.value.message
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 300


def test_the_longest_pattern_and_the_most_repeats_are_taken():
    assert pattern.ends("a" * pattern.LONGEST, "a" * pattern.LONGEST, "at") == [pattern.LONGEST]
    assert pattern.ends("(?:a{1000}){100}", "a" * pattern.REPEATS, "at") == [pattern.REPEATS]
    assert pattern.ends("a{00002}", "aaaa", "at") == [2, 4]
