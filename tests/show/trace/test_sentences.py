"""The sentences say what the numbers say."""

import re
from dataclasses import replace

import numpy as np
import pytest
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import COURSE, TORCH
from chargru.insight.trace import trace
from chargru.show.trace import sentences
from chargru.show.trace.calculation import Unit
from chargru.show.view import View

NUMBER = r"= (-?\d+\.\d+)"


def unit_with(z, n, h_prev, convention=TORCH, step=34, digits=None):
    """Index 3 with these values."""
    traced = trace(model(), steps=[step])
    cell = traced.layers[0]
    values = {name: getattr(cell, name).copy() for name in ("z", "n", "h_prev", "h")}
    for name, value in (("z", z), ("n", n), ("h_prev", h_prev), ("h", (1 - z) * n + z * h_prev)):
        values[name][0, 3] = value
    return Unit(replace(traced, layers=(replace(cell, **values),)), 0, 0, 3, View(convention, digits))


def said(*values, **how):
    return sentences.sentences(unit_with(*values, **how))[0]


def test_replaced_as_in_the_forum():
    assert said(0.0, -0.12, 0.19) == (
        "Replaced: z_34[3] = 0.00, so h_34[3] becomes the candidate n_34[3] = -0.12 and carries over nothing of its "
        "old h_33[3] = 0.19."
    )


def test_kept_as_in_the_forum():
    assert said(0.94, 0.5, 0.84) == (
        "Kept: z_34[3] = 0.94, so h_34[3] is 94% the old h_33[3] = 0.84 and 6% the candidate n_34[3] = 0.50: "
        "it becomes 0.82."
    )


def test_kept_wholly():
    assert said(1.0, 0.5, 0.84) == (
        "Kept: z_34[3] = 1.00, so h_34[3] stays at the old h_33[3] = 0.84; nothing of the candidate n_34[3] = 0.50 "
        "comes in."
    )


@pytest.mark.parametrize("z", [0.0, 0.4, 0.97, 1.0])
@pytest.mark.parametrize(("old", "new"), [(1.0, 0.9999), (0.42, 0.51), (-0.39, -0.3)])
def test_where_old_and_candidate_agree_it_is_said_that_z_hardly_matters(z, old, new):
    said = "Old and candidate are less than 0.1 apart, so this hardly matters."
    assert sentences.of_state(unit_with(z, new, old))[1:] == [said]
    assert said in sentences.sentences(unit_with(z, new, old))
    assert len(sentences.of_state(unit_with(z, new + 0.02, old - 0.12))) == 1


def test_mixed_in_the_course_s_letters():
    assert said(0.25, -0.4, 0.8, convention=COURSE) == (
        "Mixed: gamma_u<34>[3] = 0.75, so c<34>[3] is 75% the candidate c~<34>[3] = -0.40 and 25% the old "
        "c<33>[3] = 0.80: it becomes -0.10."
    )


def test_a_difference_that_shows_is_not_called_nothing():
    """z shows as 0.00, but what comes through changes the second digit."""
    assert "over 99% the candidate n_34[3] = -0.90 and under 1% the old h_33[3] = 1.00: it becomes -0.89" in said(
        0.004, -0.9, 1.0
    )


@pytest.mark.parametrize("digits", [1, 2, 4, 15])
@pytest.mark.parametrize(
    ("z", "old", "new"),
    [
        (0.952, "95%", "5%"),
        (0.9951, "over 99%", "under 1%"),
        (0.99999, "over 99%", "under 1%"),
        (1 - 2**-53, "over 99%", "under 1%"),
        (0.048, "5%", "95%"),
        (0.00001, "under 1%", "over 99%"),
        (5e-324, "under 1%", "over 99%"),
    ],
)
@pytest.mark.parametrize("convention", [TORCH, COURSE], ids=["torch", "course"])
def test_nothing_is_said_of_nothing_only(z, old, new, digits, convention):
    """What comes in or stays has its share, however few digits of z are shown, and even where h shows no difference."""
    sentence = said(z, 0.5, 0.5, convention=convention, digits=digits)
    assert "nothing" not in sentence
    assert f"{old} the old" in sentence
    assert f"{new} the candidate" in sentence


@pytest.mark.parametrize("digits", [1, 2, 4, 15])
@pytest.mark.parametrize("convention", [TORCH, COURSE], ids=["torch", "course"])
def test_nothing_at_all_is_nothing_at_any_digits(digits, convention):
    assert "; nothing of the candidate" in said(1.0, 0.5, 0.84, convention=convention, digits=digits)
    assert "carries over nothing of its old" in said(0.0, 0.5, 0.84, convention=convention, digits=digits)


@settings(max_examples=300, deadline=None)
@given(z=st.floats(0, 1), n=st.floats(-1, 1), h_prev=st.floats(-1, 1), convention=st.sampled_from([TORCH, COURSE]))
def test_no_sentence_contradicts_its_numbers(z, n, h_prev, convention):
    """The numbers in the sentence are those of the unit, and its shares of them give its result."""
    sentence = said(z, n, h_prev, convention=convention)
    h = (1 - z) * n + z * h_prev
    gate, *values = (float(value) for value in re.findall(NUMBER, sentence))
    assert abs(gate - (1 - z if convention is COURSE else z)) < 0.00501
    assert sorted(values) == sorted(float(f"{value:z.2f}") for value in (n, h_prev))
    assert sentence.startswith("Replaced" if z < 0.1 else "Kept" if z > 0.9 else "Mixed")
    if "becomes the candidate" in sentence:
        assert h == n
        assert z == 0
    elif "stays at the old" in sentence:
        assert h == h_prev
        assert z == 1
    else:
        shares = {word: share for share, word in re.findall(r"(\d+)% the (candidate|old)", sentence)}
        assert abs(int(shares["candidate"]) / 100 - (1 - z)) <= 0.0101
        assert abs(int(shares["old"]) / 100 - z) <= 0.0101
        assert sentence.endswith(f"it becomes {h:z.2f}.")


@pytest.mark.parametrize("reset", ["after", "before"])
def test_what_the_candidate_sees(reset):
    traced = trace(model(reset=reset), steps=[34])
    cell = traced.layers[0]
    sentence = sentences.sentences(Unit(traced, 0, 0, 2, View()))[-1]
    r, h_prev, n = cell.r[0, 2], cell.h_prev[0, 2], cell.n[0, 2]
    if reset == "before":
        assert sentence.startswith(f"Every candidate of this step sees {round(100 * r)}% of h_33[2] = {h_prev:.2f}")
        return
    old, new = (sum(cell.terms[name][0, 2] for name in names) for names in (("W_hn h", "b_hn"), ("W_in x", "b_in")))
    assert f"sees {round(100 * r)}% of what the old states say: r_34[2] = {r:.2f} times" in sentence
    assert f"= {old:z.2f} gives {r * old:z.2f}; the input and its bias add {new:z.2f}" in sentence
    assert sentence.endswith(f"n_34[2] = {n:z.2f}.")


def test_overview_counts_every_unit():
    unit = unit_with(0.5, 0.0, 0.0)
    z = unit.values.z[0]
    counts = np.sum(z < 0.1), np.sum(z > 0.9), np.sum((z >= 0.1) & (z <= 0.9))
    assert sentences.overview(unit) == "Of 6 units: {} replaced, {} kept, {} mixed.".format(*counts)


def test_step_1_says_what_r_does_there():
    def note(reset, step):
        traced = trace(model(reset=reset), steps=[step])
        return sentences.first_step(Unit(traced, 0, 0, 0, View()))

    assert note("after", 1).endswith("r_1 still acts, through b_hn alone.")
    assert note("before", 1).endswith("r_1 changes nothing yet.")
    assert note("after", 2) == ""


def test_step_1_without_b_hn_leaves_r_nothing_to_do():
    m = model()
    m.weights.layers[0].bias_hh[12:] = 0
    traced = trace(m, steps=[1])
    assert np.array_equal(traced.h, trace(m, steps=[1], force=["r=0"]).h)
    assert sentences.first_step(Unit(traced, 0, 0, 0, View())).endswith("r_1 changes nothing yet.")
