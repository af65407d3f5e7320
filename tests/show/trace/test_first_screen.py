"""The first screen of a trace: few lines, what one can see first, three units, one calculation."""

import re

import numpy as np
import pytest
from displayed import equations, holds
from drawn import TEXT, model
from rich.cells import cell_len
from rich.color import Color

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.insight.trace import trace
from chargru.show.trace import blocks
from chargru.show.trace import terminal as trace_table
from chargru.show.view import View

ROW = re.compile(r"^ +(\d+) +" + r"(-?\d\.\d+) +" * 5 + r"(\w+)$", re.MULTILINE)


def screen(traced, **view):
    return trace_table.render(traced, View(**view)).plain


def decided(traced, layer=0):
    """{word: the unit of it in which most was decided}, by the states before and after alone."""
    cell, best = traced.layers[layer], {}
    for index in range(cell.h.shape[1]):
        z, old, new, h = (float(getattr(cell, name)[-1, index]) for name in ("z", "h_prev", "n", "h"))
        word, size = ("kept", abs(h - new)) if z > 0.9 else ("replaced", abs(h - old))
        if 0.1 <= z <= 0.9:
            word, size = "mixed", min(abs(h - new), abs(h - old))
        if size >= 0.1 and size > best.get(word, (0, 0))[0]:
            best[word] = size, index
    return {word: best[word][1] for word in ("kept", "replaced", "mixed") if word in best}


@pytest.mark.parametrize("seed", range(12))
def test_it_is_about_forty_lines_of_eighty_columns(seed):
    lines = screen(trace(model(TEXT * 6, units=48, seed=seed), steps=[34])).splitlines()
    assert 30 <= len(lines) <= 46
    assert max(map(cell_len, lines)) <= 80


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("convention", [TORCH, COURSE], ids=["torch", "course"])
def test_its_units_are_those_in_which_most_was_decided(seed, convention):
    traced = trace(model(units=48, seed=seed), steps=[34])
    text, expected = screen(traced, convention=convention), decided(traced)
    rows = ROW.findall(text)
    assert [(row[-1], int(row[0])) for row in rows] == list(expected.items())
    seen = text[text.index("What you can see") : text.index("\n\n  index")]
    assert [int(index) for index in re.findall(r"^- \w+: \S+\[(\d+)\] = ", seen, re.MULTILINE)] == [*expected.values()]
    assert re.findall(r"^Index (\d+) worked out$", text, re.MULTILINE) == [rows[0][0]]


def test_a_kept_unit_whose_numbers_are_all_one_is_not_shown():
    traced = trace(model(units=48), steps=[34])
    cell = traced.layers[0]
    cell.z[0, :40], cell.h_prev[0, :40], cell.n[0, :40], cell.h[0, :40] = 0.999, 1.0, 1.0, 1.0
    text = screen(traced)
    assert all(int(row[0]) >= 40 for row in ROW.findall(text))
    near = np.count_nonzero(np.abs(cell.h_prev - cell.n) < 0.1)
    assert near >= 40
    assert f"In {near} of them h_33 and n_34 are less than 0.1 apart" in " ".join(text.split())


def test_the_sentences_stand_above_the_numbers_and_more_is_named_last():
    traced = trace(model(units=48), steps=[33, 34])
    text, kept = screen(traced), decided(traced)["kept"]
    parts = ("likeliest next:", "What you can see", "what happened", "worked out")
    for start in re.finditer(r"^Step 3[34] of", text, re.MULTILINE):
        places = [text.index(part, start.start()) for part in parts]
        assert places == sorted(places)
    assert text.splitlines()[-1] == (
        f"More: --all (the whole), --index {kept}, --convention course, --back 20 (its past)"
    )
    assert text.count("More:") == 1


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(convention, reset, width):
    traced = trace(model(TEXT * 6, units=40, layers=2, reset=reset), steps=[34, 480], force=["r[3]=0.5"])
    lines = screen(traced, convention=convention, width=width).splitlines()
    assert max(map(cell_len, lines)) <= max(width, 80)
    prose = [line for line in lines if line.startswith(("- ", "More", "Another", "What holding"))]
    assert max(map(len, prose[:2])) <= width


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("digits", [None, 1, 7])
@pytest.mark.parametrize("terms", [False, True])
def test_the_calculation_holds_on_the_numbers_shown(convention, digits, terms):
    for step in (1, 34, 70):
        text = screen(trace(model(layers=2), steps=[step]), convention=convention, digits=digits, terms=terms)
        found = equations("\n".join(re.findall(r"^Index \d+ worked out\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)))
        assert len(found) == 2 * 4
        assert all(holds(expression, chain[-1]) for _, chain in found for expression in chain[:-1])


def test_terms_say_where_each_addend_comes_from():
    traced = trace(model(units=8), steps=[34])
    assert "summed over 8 units j" not in screen(traced)
    assert screen(traced, terms=True).count("summed over 8 units j") == 3


def test_what_a_held_gate_changed_is_shown_and_shorter():
    traced = trace(model(units=20), steps=[34], force=["r=1"])
    short, whole = screen(traced), screen(traced, whole=True)
    change = np.abs(traced.h[0] - traced.original.h[0])
    rows = re.findall(r"^ {4}( +\d+)( +-?\d\.\d\d){3}$", short[short.index("What holding") :], re.MULTILINE)
    assert [int(index) for index, _ in rows] == sorted(np.argsort(-change)[:3])
    assert len(re.findall(r"^ {4}( +\d+)( +-?\d\.\d\d){3}$", whole[whole.index("What holding") :], re.MULTILINE)) == 12


def test_chosen_indices_are_shown_whole_without_asking():
    traced = trace(model(), steps=[34], indices=[2, 4])
    assert screen(traced) == screen(traced, whole=True)
    assert re.findall(r"^Index (\d) worked out$", screen(traced), re.MULTILINE) == ["2", "4"]


@pytest.mark.parametrize("units", [1, 2])
def test_a_small_layer_has_a_unit_to_show(units):
    for step in (1, 2, 34):
        assert 1 <= len(ROW.findall(screen(trace(model(units=units), steps=[step])))) <= units


def luminance(style):
    """Relative luminance by WCAG 2."""
    colour = (part / 255 for part in Color.parse(style).get_truecolor())
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("style", [style for style in blocks.STYLES.values() if style])
def test_a_colour_can_be_read_on_white_and_on_black(style):
    """4.5 to 1 on one and on the other cannot be passed by much: the best of all colours has 4.58 on both.

    Colours 0 to 15 are whatever the terminal's theme says.
    """
    assert Color.parse(style).number >= 16
    assert 1.05 / (luminance(style) + 0.05) > 4.3
    assert (luminance(style) + 0.05) / 0.05 > 4.3


@pytest.mark.parametrize("whole", [False, True])
def test_no_formula_is_dim(whole):
    text = trace_table.render(trace(model(), steps=[34]), View(whole=whole))
    dim = [text.plain[span.start : span.end] for span in text.spans if "dim" in str(span.style)]
    assert dim
    assert [part for part in dim if "=" in part or "sigmoid" in part] == []
