"""Characters made visible, and the stretch of text around a step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chargru.show.characters import alone, excerpt


@pytest.mark.parametrize(
    ("char", "shown"),
    [
        ("e", "'e'"),
        (" ", "' '"),
        ("\n", "'⏎'"),
        ("\t", "'⇥'"),
        ("\x1b", "'\\x1b'"),
        ("猫", "'猫'"),
        ("\u0301", "'\\u0301'"),
        ("\u200d", "'\\u200d'"),
        ("\ud800", "'\\ud800'"),
        ("\xa0", "'\\xa0'"),
    ],
)
def test_a_character_alone(char, shown):
    assert alone(char) == shown


def test_a_short_text_is_shown_whole():
    assert excerpt("The cat\nsat", 8, 40) == ("The cat", "⏎", "sat")


def test_a_long_text_is_cut_on_both_sides():
    assert excerpt("abcdefghijklmnopqrstuvwxyz", 14, 12) == ("…ghijklm", "n", "op…")


def test_the_start_leaves_its_room_to_what_follows():
    assert excerpt("abcdefghijklmnopqrstuvwxyz", 2, 12) == ("a", "b", "cdefghijk…")


@given(st.text(min_size=1), st.data(), st.integers(20, 90))
def test_an_excerpt_fits_and_shows_the_step_s_character(text, data, width):
    step = data.draw(st.integers(1, len(text)))
    before, at, after = excerpt(text, step, width)
    assert cell_len(before + at + after) <= width
    assert at == alone(text[step - 1])[1:-1]
    assert (before + at + after).isprintable()
