"""One convention: its letters and formulas, and what turns it into another."""

import numpy as np
import pytest
from drawn import model
from expressions import evaluate

from chargru.conventions.authors import CHO, CHUNG, CONVENTIONS, COURSE, D2L, KERAS, LECTURE, ONNX, TORCH
from chargru.conventions.convention import NAMES, QUANTITIES
from chargru.conventions.expression import with_numbers
from chargru.gru import cell
from chargru.show.notation import Notation


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


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
    assert [Notation().write(convention.formula(quantity, 34, reset)) for quantity in QUANTITIES] == formulas


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_formula_gives_the_cell_s_values(convention, reset):
    """The formulas, made of the convention's own numbers in float64, are the network's equations."""
    draw = np.random.default_rng(5).normal
    terms = {gate: dict(zip(("Wx", "bx", "Wh", "bh"), draw(size=(4, 50)), strict=True)) for gate in "rzn"}
    h_prev = np.tanh(draw(size=50))
    r, z = (sigmoid(sum(terms[gate].values())) for gate in "rz")
    parts = terms["n"]
    n = np.tanh(parts["Wx"] + parts["bx"] + (parts["Wh"] + parts["bh"]) * (r if reset == "after" else 1))
    expected = {"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h_prev}
    values = {name: convention.value(name, value) for name, value in expected.items()} | {"h_prev": h_prev}
    for quantity in QUANTITIES:
        addends = {kind: convention.addend(quantity, part) for kind, part in terms.get(quantity, {}).items()}
        assert (
            np.abs(evaluate(convention.right_side(quantity, reset, values | addends)) - values[quantity]).max() < 1e-15
        )


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_expression_of_a_chain_gives_the_formula_s_value(convention, reset):
    """From the formula down to one number in brackets, or two products; each shorter than the one before."""
    values = np.random.default_rng(7).uniform(size=len(NAMES)).tolist()
    numbers = dict(zip(NAMES.values(), values, strict=True))
    of = dict(zip(NAMES, values, strict=True))
    for quantity in QUANTITIES:
        expected = evaluate(convention.right_side(quantity, reset, of))
        chain = [with_numbers(one, numbers) for one in convention.chain(quantity, reset)]
        assert chain[0] == convention.right_side(quantity, reset, of)
        assert max(abs(evaluate(one) - expected) for one in chain) < 1e-15
        lengths = [len(Notation("{:.4f}".format).write(one)) for one in chain]
        assert lengths == sorted(lengths, reverse=True)
        assert len(chain) == (3 if quantity == "n" and reset == "after" else 2)


def test_the_shortest_expressions_by_hand():
    """n = tanh(1 + 2 + 0.5 * (3 + 4)) = tanh(6.5); h = 0.25 * 8 + 0.75 * 6 where z takes."""
    numbers = {NAMES[name]: value for name, value in zip(NAMES, (1.0, 2.0, 3.0, 4.0, 0.5, 0.25, 8.0, 6.0), strict=True)}
    whole, summed, shortest = (Notation().write(with_numbers(one, numbers)) for one in TORCH.chain("n", "after"))
    assert whole == "tanh(1.0 + 2.0 + 0.5 * (3.0 + 4.0))"
    assert summed == "tanh(1.0 + 2.0 + 0.5 * 7.0)"
    assert shortest == "tanh(6.5)"
    assert Notation().write(with_numbers(COURSE.chain("h", "before")[-1], numbers)) == "2.0 + 4.5"
    assert Notation().write(with_numbers(TORCH.chain("h", "after")[-1], numbers)) == "6.0 + 1.5"


def test_the_course_needs_the_z_rows_negated():
    """Its formulas on the rows as they are, only z and 1 - z exchanged, are another calculation."""
    ids = np.arange(20)
    h_prev = np.tanh(np.random.default_rng(5).normal(size=(20, 6)))
    done = cell.step(model(reset="before").weights.astype(np.float64).layers[0], ids, h_prev, "before")
    names = {"Wx": "W_iz x", "bx": "b_iz", "Wh": "W_hz h", "bh": "b_hz"}
    apart = []
    for addend in (COURSE.addend, lambda _, value: value):
        addends = {kind: addend("z", done.terms[name]) for kind, name in names.items()}
        gamma_u = evaluate(COURSE.right_side("z", "before", addends))
        found = evaluate(COURSE.right_side("h", "before", {"z": gamma_u, "n": done.n, "h_prev": h_prev}))
        apart.append(np.abs(found - done.h).max())
    assert apart[0] < 1e-15
    assert apart[1] > 0.15


def test_the_other_reset_placement_is_named_another_network():
    assert "Another network: the course resets before the product" in COURSE.another_network("after")
    assert "gamma_r * (W_cc c + b_cc)" in COURSE.another_network("after")
    assert COURSE.another_network("before") == ""
    assert "PyTorch resets after the product" in TORCH.another_network("before")
    assert TORCH.another_network("after") == ""


def test_word_rules_follow_the_meaning_of_the_update_gate():
    assert TORCH.word_rules(0.1, 0.9) == "replaced where z < 0.1, kept where z > 0.9, else mixed"
    assert COURSE.word_rules(0.1, 0.9) == "kept where gamma_u < 0.1, replaced where gamma_u > 0.9, else mixed"
