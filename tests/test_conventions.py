"""The letters and formulas of each convention, and what turns one into another."""

from typing import get_args

import numpy as np
import pytest

from chargru.gru import cell, conventions
from chargru.gru.conventions import CONVENTIONS, COURSE, TORCH

RNG = np.random.default_rng(5)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def test_every_name_has_its_convention():
    assert {name: convention.name for name, convention in CONVENTIONS.items()} == {
        name: name for name in get_args(conventions.Name)
    }


@pytest.mark.parametrize(
    ("convention", "reset", "formulas"),
    [
        (
            TORCH,
            "after",
            [
                "r_34 = sigmoid(W_ir x_34 + b_ir + W_hr h_33 + b_hr)",
                "z_34 = sigmoid(W_iz x_34 + b_iz + W_hz h_33 + b_hz)",
                "n_34 = tanh(W_in x_34 + b_in + r_34 * (W_hn h_33 + b_hn))",
                "h_34 = (1 - z_34) * n_34 + z_34 * h_33",
            ],
        ),
        (
            COURSE,
            "before",
            [
                "gamma_r<34> = sigmoid(W_rx x<34> + b_rx + W_rc c<33> + b_rc)",
                "gamma_u<34> = sigmoid(W_ux x<34> + b_ux + W_uc c<33> + b_uc)",
                "c~<34> = tanh(W_cx x<34> + b_cx + W_cc (gamma_r<34> * c<33>) + b_cc)",
                "c<34> = gamma_u<34> * c~<34> + (1 - gamma_u<34>) * c<33>",
            ],
        ),
    ],
)
def test_formulas_are_those_of_the_authors(convention, reset, formulas):
    assert [convention.formula(quantity, 34, reset) for quantity in conventions.QUANTITIES] == formulas


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_formula_gives_the_cell_s_values(convention, reset):
    """The templates, evaluated in float64 on the convention's own numbers, are the network's equations."""
    terms = {gate: dict(zip(("Wx", "bx", "Wh", "bh"), RNG.normal(size=(4, 50)), strict=True)) for gate in "rzn"}
    h_prev = np.tanh(RNG.normal(size=50))
    r, z = (sigmoid(sum(terms[gate].values())) for gate in "rz")
    parts = terms["n"]
    n = np.tanh(parts["Wx"] + parts["bx"] + (parts["Wh"] + parts["bh"]) * (r if reset == "after" else 1))
    expected = {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h_prev}
    values = {name: convention.value(name, value) for name, value in expected.items()} | {"h_prev": h_prev}
    for quantity in conventions.QUANTITIES:
        addends = {kind: convention.addend(quantity, part) for kind, part in terms.get(quantity, {}).items()}
        source = convention.template(quantity, reset).replace("{", "").replace("}", "")
        found = eval(source, {"sigmoid": cell.sigmoid, "tanh": np.tanh}, values | addends)
        assert np.abs(found - values[quantity]).max() < 1e-15


def test_the_course_needs_the_z_rows_negated():
    """Taking gamma_u = z instead of 1 - z, the formula alone swapped, is another calculation."""
    z, n, h_prev = sigmoid(RNG.normal(size=50)), np.tanh(RNG.normal(size=50)), np.tanh(RNG.normal(size=50))
    h = (1 - z) * n + z * h_prev
    gamma_u = COURSE.value("z", z)
    assert np.abs(gamma_u * n + (1 - gamma_u) * h_prev - h).max() < 1e-15
    assert np.abs(z * n + (1 - z) * h_prev - h).max() > 0.15


def test_the_other_reset_placement_is_named_another_network():
    assert "Another network: the course resets before the product" in COURSE.another_network("after")
    assert "gamma_r * (W_cc c + b_cc)" in COURSE.another_network("after")
    assert COURSE.another_network("before") == ""
    assert "PyTorch resets after the product" in TORCH.another_network("before")
    assert TORCH.another_network("after") == ""


def test_word_rules_follow_the_meaning_of_the_update_gate():
    assert TORCH.word_rules(0.1, 0.9) == "replaced where z < 0.1, kept where z > 0.9, else mixed"
    assert COURSE.word_rules(0.1, 0.9) == "kept where gamma_u < 0.1, replaced where gamma_u > 0.9, else mixed"
