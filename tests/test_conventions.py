"""The letters and formulas of each convention, and what turns one into another."""

from typing import get_args

import numpy as np
import pytest

from chargru.gru import cell, conventions
from chargru.gru.convention import QUANTITIES
from chargru.gru.conventions import CHO, CHUNG, CONVENTIONS, COURSE, D2L, KERAS, LECTURE, ONNX, TABLE, TORCH
from chargru.gru.weights import LayerWeights
from chargru.insight import convention_list

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
        (
            CHO,
            "before",
            [
                "r_34 = sigmoid(W_r x_34 + b_ir + U_r h_33 + b_hr)",
                "z_34 = sigmoid(W_z x_34 + b_iz + U_z h_33 + b_hz)",
                "h~_34 = tanh(W x_34 + b_in + U (r_34 * h_33) + b_hn)",
                "h_34 = (1 - z_34) * h~_34 + z_34 * h_33",
            ],
        ),
        (
            CHUNG,
            "before",
            [
                "r_34 = sigmoid(W_r x_34 + b_ir + U_r h_33 + b_hr)",
                "z_34 = sigmoid(W_z x_34 + b_iz + U_z h_33 + b_hz)",
                "h~_34 = tanh(W x_34 + b_in + U (r_34 * h_33) + b_hn)",
                "h_34 = z_34 * h~_34 + (1 - z_34) * h_33",
            ],
        ),
        (
            KERAS,
            "after",
            [
                "r_34 = sigmoid(W_r x_34 + b0_r + U_r h_33 + b1_r)",
                "z_34 = sigmoid(W_z x_34 + b0_z + U_z h_33 + b1_z)",
                "hh_34 = tanh(W_h x_34 + b0_h + r_34 * (U_h h_33 + b1_h))",
                "h_34 = (1 - z_34) * hh_34 + z_34 * h_33",
            ],
        ),
        (
            ONNX,
            "before",
            [
                "r_34 = sigmoid(W_r x_34 + Wb_r + R_r H_33 + Rb_r)",
                "z_34 = sigmoid(W_z x_34 + Wb_z + R_z H_33 + Rb_z)",
                "h_34 = tanh(W_h x_34 + Wb_h + R_h (r_34 * H_33) + Rb_h)",
                "H_34 = (1 - z_34) * h_34 + z_34 * H_33",
            ],
        ),
        (
            LECTURE,
            "after",
            [
                "r_34 = sigmoid(W_r x_34 + b_ir + U_r h_33 + b_hr)",
                "z_34 = sigmoid(W_z x_34 + b_iz + U_z h_33 + b_hz)",
                "h~_34 = tanh(W x_34 + b_in + r_34 * (U h_33 + b_hn))",
                "h_34 = (1 - z_34) * h~_34 + z_34 * h_33",
            ],
        ),
        (
            D2L,
            "before",
            [
                "R_34 = sigmoid(W_xr x_34 + b_xr + W_hr H_33 + b_hr)",
                "Z_34 = sigmoid(W_xz x_34 + b_xz + W_hz H_33 + b_hz)",
                "H~_34 = tanh(W_xh x_34 + b_xh + W_hh (R_34 * H_33) + b_hh)",
                "H_34 = (1 - Z_34) * H~_34 + Z_34 * H_33",
            ],
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_formulas_are_those_of_the_authors(convention, reset, formulas):
    assert [convention.formula(quantity, 34, reset) for quantity in QUANTITIES] == formulas


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
    for quantity in QUANTITIES:
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


def test_who_is_another_network():
    """By the manuals and papers: which placements each can give; lecture, cho and chung have no biases."""
    renamings = {
        "after": {"torch", "keras", "onnx", "lecture"},
        "before": {"course", "cho", "chung", "keras", "onnx", "d2l"},
    }
    for reset, names in renamings.items():
        assert {name for name, one in CONVENTIONS.items() if not one.another_network(reset, b_hn=False)} == names
        with_b_hn = {name for name, one in CONVENTIONS.items() if not one.another_network(reset)}
        assert with_b_hn == names - {"lecture"}
        above = {name for name, one in CONVENTIONS.items() if not one.another_network(reset, b_hn=False, above=True)}
        assert above == names - {"lecture", "cho", "chung"}
    assert "the lecture has no b_hn" in LECTURE.another_network("after")


def test_the_table_agrees_with_the_conventions():
    for row in TABLE:
        if row.name is not None:
            convention = CONVENTIONS[row.name]
            assert (row.z_multiplies == "candidate") == convention.takes
            assert row.reset in (*convention.resets, "either")
            for reset in ("after", "before"):
                if not convention.another_network(reset, b_hn=False) and row.reset in (reset, "either"):
                    expected = "sign" if convention.takes else "b_hn" if row.name == "lecture" else "same"
                    assert row.on(reset) == expected
                else:
                    assert row.on(reset) == "other"


def test_the_list_says_where_biases_decide():
    """The rows without biases, and no others, lead to the note on layers above the first."""
    marked = {row.name for row in TABLE if "3)" in row.who}
    assert marked == {row.name for row in TABLE if row.biases == "none"} == {"lecture", "cho", "chung"}
    assert {name for name, one in CONVENTIONS.items() if one.biases == "none"} == marked
    assert "a network of more layers is another one unless its biases there are 0" in conventions.NOTES[-1]
    assert max(map(len, convention_list.lines())) <= 80
    assert convention_list.document()["notes"] == list(conventions.NOTES)


def test_every_convention_stands_in_the_table():
    assert {row.name for row in TABLE} - {None} == set(CONVENTIONS)
    assert len(TABLE) == 13


def test_onnx_by_its_reference_formulas():
    """The manual's Zt, Rt, ht, Ht with linear_before_reset = 1, on weights packed z, r, h."""
    H, V = 5, 7
    W, R = RNG.normal(size=(3 * H, V)), RNG.normal(size=(3 * H, H))
    Wb, Rb, x, h = RNG.normal(size=3 * H), RNG.normal(size=3 * H), RNG.normal(size=V), np.tanh(RNG.normal(size=H))
    z = sigmoid(W[:H] @ x + R[:H] @ h + Wb[:H] + Rb[:H])
    r = sigmoid(W[H : 2 * H] @ x + R[H : 2 * H] @ h + Wb[H : 2 * H] + Rb[H : 2 * H])
    candidate = np.tanh(W[2 * H :] @ x + r * (R[2 * H :] @ h + Rb[2 * H :]) + Wb[2 * H :])
    order = [*range(H, 2 * H), *range(H), *range(2 * H, 3 * H)]
    found = cell.step(LayerWeights(W[order], R[order], Wb[order], Rb[order]), x, h)
    assert np.abs(found.h - ((1 - z) * candidate + z * h)).max() < 1e-15
    assert ONNX.value("z", found.z) is found.z
