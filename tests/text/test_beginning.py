"""What stands before the first character that is written, for texts of every shape."""

import textwrap

import pytest

import chargru
from chargru.sampling import sample
from chargru.text.beginning import beginning

PROSE = (
    "The bread was on the table, and nobody had touched it since the morning. A boy of nine or ten, whose coat was far "
    "too large for him, looked at it as one looks at a window in which the sun stands. He did not move! "
)
WRAPPED = "\n".join(textwrap.wrap(PROSE * 2, 66))
PARAGRAPHS = f"{WRAPPED[:220]}\n\n{WRAPPED}"
CHINESE = "面包在桌子上，从早上起就没有人碰过它。一个九岁或十岁的男孩看着它！他没有动。"
GREEK = "Το ψωμί ήταν στο τραπέζι και κανείς δεν το είχε αγγίξει από το πρωί. Ένα παιδί το κοιτούσε. "
POEM = "The bread is white,\nthe table old and brown,\nand in the night\nthe snow comes down,\n\n"
CODE = "def bread(table):\n    if not table:\n        return None\n    return table[0]\n\n"
SHAPES = {
    "a paragraph a line": (f"{PROSE}\n{PROSE}\n", "\n"),
    "paragraphs a line, far apart": (PROSE * 3, "\n"),
    "broken lines and blank lines": (PARAGRAPHS, "\n\n"),
    "of Windows": (PARAGRAPHS.replace("\n", "\r\n"), "\r\n\r\n"),
    "lines of Windows": (f"{PROSE}\r\n{PROSE}\r\n", "\r\n"),
    "broken lines alone": (WRAPPED, ". "),
    "verses": (POEM * 5, "\n"),
    "code": (CODE * 6, "\n"),
    "words": ("bread\ntable\nboy\n" * 30, "\n"),
    "one line": (PROSE * 3, ". "),
    "one line of questions": ("“Bread?” he asked. “Now?” “Bread?” “Why?” “No.”" * 9, "?” "),
    "one line of Greek": (GREEK * 6, ". "),
    "Greek lines": ("\n".join(textwrap.wrap(GREEK * 5, 60)), ". "),
    "one line of Chinese": (CHINESE * 12, "。"),
    "Chinese paragraphs": (f"{CHINESE}\n" * 9, "\n"),
    "Chinese verses": ("面包在桌上，\n孩子不说话。\n窗外雪正下，\n天黑不回家。\n\n" * 9, "\n"),
    "broken lines of Chinese": ("\n".join(textwrap.wrap(CHINESE * 12, 31)), "。"),
    "numbers": ("3.14 and 2.72, 1.41 or so " * 20, ". "),
    "abbreviations": ("bread, e.g. white, i.e. not brown, " * 15, ". "),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_line_or_a_sentence_begins_there(shape):
    text, expected = SHAPES[shape]
    further = "\n" if shape == "paragraphs a line, far apart" else ""
    assert beginning(text[:512], sorted({*text, *further})) == expected


@pytest.mark.parametrize(
    ("characters", "expected"),
    [("\nab", "\n"), ("\n\rab", "\r\n"), (" .ab", ". "), ("。犬", "。"), (" ab", " "), ("犬猫", "犬")],
)
def test_without_a_text_the_characters_say_what_there_is(characters, expected):
    assert beginning("", list(characters)) == expected


def test_it_is_made_of_known_characters_only():
    assert beginning("One. Two. Three", [*"OneTwohr "]) == " "


@pytest.mark.parametrize("name", ["cats", "cats-rnn"])
def test_the_runs_that_ship_begin_after_a_line_end(name):
    model = chargru.load(name)
    assert sample(model, length=60, seed=2) == sample(model, length=60, seed=2, prime="\n")
    assert sample(model, length=60, seed=2)[:3] == "The"
