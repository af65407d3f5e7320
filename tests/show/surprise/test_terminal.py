"""The surprise of a text in a terminal: with colours, and without."""

import dataclasses

import numpy as np
import pytest
from rich.cells import cell_len

from chargru.errors import SettingError
from chargru.show.surprise import levels
from chargru.show.surprise.terminal import render
from chargru.show.view import View


def below(shown, start):
    """The line that starts so, and the one after it."""
    rows = shown.splitlines()
    at = next(number for number, row in enumerate(rows) if row.startswith(start))
    return rows[at], rows[at + 1]


def test_without_colour_the_bits_stand_below_the_characters(found):
    shown = str(found)
    assert below(shown, "The cat") == ("The cat⏎", "    3412")
    line, signs = below(shown, "was")
    assert line == r"was 猫 <b>&\x1b[2J⇥[/b] é"
    assert signs == "#9  8 65#713   21" + " " * 7 + "?"
    assert cell_len(line[:5]) == 6  # so the 6 below < is in its column


def test_what_it_says(found):
    rows = str(found).splitlines()
    scored = np.array([bits for bits in found.bits if not np.isnan(bits)])
    assert rows[:2] == [
        "Surprise by character: a.txt, read by checkpoints/novel",
        f"{scored.mean():.4f} bits per character over 27 characters. Half of all bits fall on 19% of",
    ]
    assert "1 that the model does not know is left out." in " ".join(rows)
    assert np.sort(scored)[-5:].sum() >= scored.sum() / 2 > np.sort(scored)[-4:].sum()  # 5 of 27
    words = [row.split() for row in rows[rows.index("Hardest words: those that take most bits, on average") + 2 :]]
    assert words[:2] == [["was", "20.5", "6.83", "1", "20.5"], ["cat", "9.0", "3.00", "1", "9.0"]]
    assert not any(word[0] in ("The", "é") for word in words)


def test_with_colour_each_character_has_the_background_of_its_level(found):
    shown = render(found, View(colour=True))
    start = shown.plain.index("The cat⏎")
    for at in range(len("The cat⏎")):
        ground = levels.LIGHT[np.searchsorted([1, 2, 3, 4, 6, 8], np.nan_to_num(found.bits[at]), side="right")][1]
        assert ground in styled(shown, start + at)
    assert [int(level) for level in levels.levels(found.bits[:9])] == [0, 0, 0, 0, 3, 4, 1, 2, 6]
    assert "strike" in styled(shown, shown.plain.index("é"))
    legend = next(row for row in shown.plain.splitlines() if row.startswith("bits of a character:"))
    assert legend.split(":")[1].split() == ["below", "1", "1", "2", "3", "4", "6", "8", "or", "more"]


def styled(shown, at):
    return " ".join(str(span.style) for span in shown.spans if span.start <= at < span.end)


def test_the_colours_are_even_in_lightness_and_can_be_read():
    for scale, sign in ((levels.LIGHT, -1), (levels.DARK, 1)):
        grounds = [luminance(ground) for _, ground in scale]
        assert (sign * np.diff(grounds) > 0).all()
        for letters, ground in scale:
            high, low = sorted((luminance(letters), luminance(ground)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5


def luminance(colour):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_it_fits_and_nothing_is_lost(made, width, colour):
    text = "猫がいる。" * 20 + "word " * 40 + "x" * 130 + "\n" + "naïve\u0301 " * 9
    found = made(text, np.full(len(text), 2.5))
    rows = render(found, View(width=width, colour=colour)).plain.splitlines()
    assert max(map(cell_len, rows)) <= min(width, 100)
    joined = "".join(row.rstrip(" ") for row in rows).replace(" ", "")
    for part in text.replace("\n", "⏎").split(" "):
        assert part[:4] in joined
    assert "猫がいる。" * 3 in joined


def test_a_long_text_says_how_much_of_it_is_shown(made):
    found = made("abcdefghij" * 200, np.full(2000, 0.5))
    said = "The first {} of 2,000 characters; --characters N shows more."
    assert said.format("1,000") in str(found)
    shown = render(found, View(characters=25)).plain
    assert said.format("25") in shown
    assert "abcdefghijabcdefghijabcde\n" in shown
    assert "--characters" not in render(found, View(characters=2000)).plain
    with pytest.raises(SettingError, match="`characters` is 0, but it must be at least 1"):
        View(characters=0)


def test_names_cannot_steer_the_terminal(found):
    evaluation = dataclasses.replace(found.evaluation, text="a\x1b[2J", checkpoint="b\x1b[2J", forced=("r=1",))
    shown = str(dataclasses.replace(found, evaluation=evaluation))
    assert "\x1b" not in shown
    assert r"a\x1b[2J, read by b\x1b[2J" in shown
    assert "with r=1 held" in shown
