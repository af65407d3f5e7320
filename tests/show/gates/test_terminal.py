"""The map and the table as they are read at a terminal: signs, columns, rows and sentences against a GRU of our own."""

import re
from itertools import pairwise

import numpy as np
import pytest
from drawn import TEXT, model
from handmade import by_hand
from rich.cells import cell_len
from rich.color import Color, ColorSystem

from chargru.insight.gates import gates
from chargru.show.gates import terminal
from chargru.show.gates.levels import SIGNS, colours, levels
from chargru.show.view import View

ODD = "猫はα\u0301\x1b\n" * 12
"""Characters that are shown 2, 2, 1, 6, 4 and 1 cells wide."""


def shown(found, **view):
    return terminal.render(found, View(**view)).plain.split("\n")


def maps(lines):
    """Of each block: ruler, characters and {index: row of signs}."""
    found = []
    for at, line in enumerate(lines):
        if line.startswith("step   "):
            below = lines[at + 2 :]
            below = below[1:] if re.fullmatch(r"[ ^]+", below[0]) else below
            rows = {}
            for row in below:
                if not re.match(r" *\d+  [.1-8# ]+$", row):
                    break
                rows[int(row[:5])] = row[7:]
            found.append((line[7:], lines[at + 1][7:], rows))
    return found


def sign(gate, value):
    """By the words of the legend."""
    edges = [k / 10 for k in range(1, 10)] if gate in "rz" else [k / 5 for k in range(-4, 5)]
    return ".12345678#"[sum(value >= edge for edge in edges)]


def prose(lines):
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("gate", ["z", "r", "n", "h"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_cell_of_the_map(gate, width):
    values = by_hand(model(), TEXT)[gate][0]
    lines = shown(gates(model(), gate=gate, steps=range(1, 85)), width=width)
    assert max(map(cell_len, lines)) <= width
    blocks = maps(lines)
    assert len(blocks) == -(-84 // (width - 7))
    assert "".join(characters for _, characters, _ in blocks) == TEXT.replace("\n", "⏎")
    for index in range(6):
        row = "".join(rows[index] for _, _, rows in blocks)
        assert row == "".join(sign(gate, value) for value in values[:, index])


@pytest.mark.parametrize(
    ("gate", "values", "signs"),
    [
        ("z", [0.0, 0.0999, 0.1, 0.3, 0.5, 0.7, 0.8999, 0.9, 1.0], "..13578##"),
        ("h", [-1.0, -0.801, -0.8, -0.001, 0.0, 0.199, 0.2, 0.8, 1.0], "..1455" + "6##"),
    ],
)
def test_a_level_begins_where_the_legend_says(gate, values, signs):
    assert "".join(SIGNS[level] for level in levels(gate, np.array(values))) == signs


def test_all_ten_signs_occur():
    row = "".join(maps(shown(gates(model())))[0][2].values())
    assert set(row) == set(".12345678#")


def test_a_map_begins_with_one_block_that_says_what_it_leaves_out():
    lines = shown(gates(model()))
    assert len(maps(lines)) == 1
    assert "Map of z at 73 steps from 1 to 73 of 84. Others with --step 74-last, everything with --all." in prose(lines)


def test_columns_are_as_wide_as_their_characters():
    found = gates(model(ODD), steps=range(1, len(ODD) + 1))
    lines = shown(found, width=60)
    assert max(map(cell_len, lines)) <= 60
    assert len(maps(lines)) > 3
    blocks = maps(lines)
    wide = {"猫": 2, "は": 2, "α": 1, "\u0301": 6, "\x1b": 4, "\n": 1}
    assert "".join(characters for _, characters, _ in blocks) == ODD.replace("\n", "⏎").replace(
        "\u0301", "\\u0301"
    ).replace("\x1b", "\\x1b")
    values = by_hand(model(ODD), ODD)["z"][0]
    for index in range(6):
        row = "".join(rows[index] for _, _, rows in blocks)
        assert row == "".join(sign("z", value) * wide[char] for char, value in zip(ODD, values[:, index], strict=True))
    for _, characters, rows in blocks:
        assert {cell_len(characters)} == {len(row) for row in rows.values()}


def test_a_ruler_counts_the_steps():
    lines = shown(gates(model(TEXT * 3), steps=range(95, 130)))
    ((ruler, characters, _),) = maps(lines)
    text = (TEXT * 3).replace("\n", "⏎")
    assert ruler.split() == ["95", "100", "110", "120"]
    assert ruler.startswith("95")
    assert [characters[: ruler.index(label) + 3] for label in ("100", "110", "120")] == [
        text[94:t] for t in (100, 110, 120)
    ]


def test_steps_apart_have_a_gap_between_them():
    found = gates(model(), steps=[3, 4, 18, 32])
    ((ruler, characters, rows),) = maps(shown(found))
    assert characters == "e  e e"[:1] + TEXT[3] + " " + TEXT[17] + " " + TEXT[31]
    assert ruler == "3  18"
    z = by_hand(model(), TEXT)["z"][0]
    assert rows[2] == "{}{} {} {}".format(*(sign("z", z[step - 1, 2]) for step in (3, 4, 18, 32)))


def test_gaps_take_room_too():
    lines = shown(gates(model(TEXT * 4), steps=range(1, 337, 2)), width=60)
    assert max(map(cell_len, lines)) <= 60
    assert "".join(characters for _, characters, _ in maps(lines)).replace(" ", "") == "".join(
        (TEXT * 4)[::2].replace("\n", "⏎").split(" ")
    )


def test_long_memory_comes_first():
    found = gates(model())
    order = [int(line[:5]) for line in shown(found) if re.match(r" {4}\d  [.1-8#]", line)]
    ages = found.layers[0].age
    assert sorted(order) == list(range(6))
    assert all(ages[a] >= ages[b] for a, b in pairwise(order))
    by_index = shown(gates(model(), order="index"))
    assert [int(line[:5]) for line in by_index if re.match(r" {4}\d  [.1-8#]", line)] == list(range(6))


def test_of_many_units_the_telling_ones_have_rows():
    found = gates(model(units=40))
    lines = shown(found)
    layer = found.layers[0]
    longest = set(np.argsort(-layer.age)[:8].tolist())
    often = [index for index in np.argsort(-layer.rnn, kind="stable").tolist() if index not in longest][:4]
    assert set(maps(lines)[0][2]) == longest | set(often)
    assert "the 8 of 40 indices that hold longest, and 4 that are an RNN most often" in prose(lines)
    assert len(lines) <= 48
    chosen = gates(model(units=40), indices=[3, 39])
    assert set(maps(shown(chosen))[0][2]) == {3, 39}
    assert "2 of 40 indices, those chosen" in prose(shown(chosen))


def test_the_table_s_figures():
    found = gates(model())
    lines, layer = shown(found), found.layers[0]
    at = next(number for number, line in enumerate(lines) if line.startswith("index "))
    for line in lines[at + 1 : at + 7]:
        index, z, r, low, high, rnn, age, run, *_ = re.split(r" {2,}", line.strip())
        i = int(index)
        assert z == f"{layer.z_mean[i]:.2f} ±{layer.z_std[i]:.2f}"
        assert r == f"{layer.r_mean[i]:.2f} ±{layer.r_std[i]:.2f}"
        assert (low, high, rnn) == tuple(f"{share[i]:.0%}" for share in (layer.z_low, layer.z_high, layer.rnn))
        assert (age, run) == (f"{layer.age[i]:.1f}", f"{layer.run[i]:.1f}")


@pytest.mark.parametrize(
    ("force", "sentence"),
    [
        ((), "None of 6 units holds for more than 10 characters; index "),
        (
            ("z[4]=1",),
            "1 of 6 units holds for more than 10 characters; index 4 longest, 42 on average; it never changes.",
        ),
        (("z[4]=1",), "Long-memory (age above 10 steps): 4. Short-memory: the other 5."),
        (("z=1",), "6 of 6 units hold for more than 10 characters; index 0 longest, 42 on average; it never changes."),
        (("z=0", "r=1"), "a plain RNN (r > 0.9 and z < 0.1)? At 100.0% of its steps on average; index 0 most"),
        (("z=1",), "How often is a unit a plain RNN (r > 0.9 and z < 0.1)? At 0.0% of its steps on average. Map"),
    ],
)
def test_the_sentences(force, sentence):
    assert sentence in prose(shown(gates(model(), force=force)))


def test_where_the_longest_is_rewritten():
    found = gates(model(), force=["z[4]=0.95"])
    hand = by_hand(model().force("z[4]=0.95"), TEXT)
    change = np.abs(hand["h"] - hand["h_prev"])[0, :, 4]
    own = {char: [at for at, read in enumerate(TEXT) if read == char] for char in set(TEXT)}
    shares = {char: change[places].sum() / change.sum() for char, places in own.items()}
    best = sorted(shares, key=lambda char: -shares[char])[:3]
    named = [f"'{char}' ({shares[char]:.0%}" for char in best if shares[char] >= 0.1]
    text = prose(shown(found))
    assert (
        f"index 4 longest, {found.layers[0].age[4]:.0f} on average; it is rewritten at {named[0]} of its change)"
        in text
    )
    assert all(name in text for name in named)


def test_two_layers_each_have_a_map():
    found = gates(model(layers=2))
    lines = shown(found)
    assert [line for line in lines if line.startswith("Layer")] == ["Layer 1 of 2", "Layer 2 of 2"]
    assert len(maps(lines)) == 2
    assert len(maps(shown(found, layer=2))) == 1
    assert maps(shown(found, layer=2))[0] == maps(lines)[1]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("layers", [1, 2])
def test_it_fits_the_terminal(width, layers):
    found = gates(model(units=40, layers=layers, text=TEXT * 4), match="[.,]")
    lines = shown(found, width=width)
    assert max(map(cell_len, lines)) <= width
    assert (" run:" in prose(lines)) == ("±" in prose(lines)) == (width >= 80)


def test_what_a_match_says():
    found = gates(model(units=20), match="[ea]")
    lines, match = shown(found), found.match
    _, quantity, index = match.best()
    text = prose(lines)
    assert f"Which gates tell the {len(match.marks.steps)} of 84 places that end a match of '[ea]'?" in text
    assert f"Best is {quantity} of index {index}: {match.scores.max():.3f}." in text
    assert f"{match.telling.sum()} of 80 scores beat {match.chance:.3f}, the largest that" in text
    at = next(number for number, line in enumerate(lines) if line.startswith("index  best"))
    first = re.split(r" {2,}", lines[at + 1].strip())
    assert first[:2] == [str(index), quantity]
    expected = [
        f"{s:.3f}{'*' * bool(t)}" for s, t in zip(match.scores[0, :, index], match.telling[0, :, index], strict=True)
    ]
    assert first[2:6] == expected
    q = "rznh".index(quantity)
    assert first[6:] == [f"{match.inside[0, q, index]:.2f}", f"{match.outside[0, q, index]:.2f}"]
    marks = next(line for line in lines if re.fullmatch(r" +\^[ ^]*", line))
    first_line = [step for step in match.marks.steps if step <= 73]
    assert [at - 6 for at, char in enumerate(marks) if char == "^"] == first_line


def test_none_is_an_answer():
    found = gates(model(), match="[,.]")
    assert not found.match.telling.any()
    match = found.match
    _, quantity, index = match.best()
    said = f"None. The best is {quantity} of index {index}, {match.scores.max():.3f}; {match.chance:.3f} is the"
    assert said in prose(shown(found))


def test_what_was_compared_is_said(monkeypatch):
    text = prose(shown(gates(model(), match="e", among="[a-z]")))
    letters = sum(char.islower() for char in TEXT)
    assert f"Which gates tell the 8 of {letters} places that end a match of 'e', among those of '[a-z]'?" in text
    monkeypatch.setattr("chargru.insight.match.LONGEST", 4 * 6 * 50)
    text = prose(shown(gates(model(), match="e")))
    assert "the 4 of 50 places that end a match of 'e', in the first 50 of 84 characters?" in text


def luminance(colour):
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (one / 255 for one in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])
@pytest.mark.parametrize("gate", ["z", "n"])
def test_a_sign_can_be_read_on_its_colour(gate, system):
    for pair in colours(gate):
        low, high = sorted(luminance(Color.parse(one).downgrade(system).get_truecolor()) for one in pair)
        assert (high + 0.05) / (low + 0.05) > 3.5


def test_the_shades_of_z_grow_lighter():
    """So the order is seen by eyes that tell no colours apart."""
    shades = [luminance(Color.parse(ground).get_truecolor()) for _, ground in colours("z")]
    assert all(b > a * 1.2 for a, b in pairwise(shades))


def test_a_sign_has_the_colour_of_its_level():
    found = terminal.render(gates(model()))
    styles = {}
    for span in found.spans:
        if " on " in str(span.style):
            styles.setdefault(str(span.style), set()).update(found.plain[span.start : span.end])
    assert {style: "".join(signs).strip() for style, signs in styles.items()} == {
        f"{text} on {ground}": sign_ for sign_, (text, ground) in zip(".12345678#", colours("z"), strict=True)
    }
