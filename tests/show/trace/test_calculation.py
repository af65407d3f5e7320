"""The worked calculation: what is displayed holds for the numbers displayed, in every convention."""

import re

import numpy as np
import pytest
from displayed import equations, evaluated, half_digit, holds, parts
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.insight.trace import trace
from chargru.show.trace import calculation as worked
from chargru.show.trace.calculation import Unit
from chargru.show.view import View

anything = {
    "seed": st.integers(0, 10_000),
    "step": st.integers(1, 84),
    "index": st.integers(0, 5),
    "layer": st.integers(0, 1),
    "reset": st.sampled_from(["after", "before"]),
    "convention": st.sampled_from(list(CONVENTIONS.values())),
    "digits": st.sampled_from([None, 2, 3, 4, 7]),
}


def displayed(*, seed=0, step=34, index=3, layer=0, reset="after", convention=TORCH, digits=None, terms=False):
    traced = trace(model(layers=2, reset=reset, seed=seed), steps=[step])
    unit = Unit(traced, 0, layer, index, View(convention, digits, terms=terms))
    return unit, "\n".join(worked.lines(unit))


@settings(max_examples=80, deadline=None)
@given(**anything)
def test_every_displayed_equation_holds_on_the_displayed_numbers(**case):
    unit, text = displayed(**case)
    found = equations(text)
    assert [name for name, _ in found] == [unit.symbol(quantity) for quantity in ("r", "z", "n", "h")]
    for _, chain in found:
        for expression in chain[:-1]:
            assert holds(expression, chain[-1]), (expression, chain[-1])


@settings(max_examples=40, deadline=None)
@given(**anything)
def test_the_last_number_is_the_traced_value(**case):
    unit, text = displayed(**case)
    cell, convention = unit.values, case["convention"]
    for (_, chain), quantity in zip(equations(text), ("r", "z", "n", "h"), strict=True):
        exact = convention.value(quantity, getattr(cell, quantity)[0, case["index"]])
        assert abs(float(chain[-1]) - exact) <= half_digit(chain[-1]) + 1e-12


@settings(max_examples=40, deadline=None)
@given(**anything)
def test_listed_parts_hold_and_add_up(**case):
    _, text = displayed(**case, terms=True)
    assert len(parts(text)) == (15 if case["layer"] == 0 else 30)
    for expression, value in parts(text):
        assert holds(expression, value)
    assert [len(rows) for _, rows in products(text)] == [6] * (len(parts(text)) // 5)
    for total, rows in products(text):
        value, error = evaluated(" + ".join(rows))
        assert abs(value - float(total)) <= error + half_digit(total)


def products(text):
    """Each product's number with the numbers of its parts: five units and the others together."""
    found = []
    for line in text.splitlines():
        if match := re.match(r" {4}\S+ \S.*?  +(-?\d+\.\d+)(?:  |$)", line):
            found.append((match[1], []))
        elif match := re.match(r" {6}(?:unit .* = |the other .*: )(-?\d+\.\d+)$", line):
            found[-1][1].append(f"({match[1]})")
    return [(total, rows) for total, rows in found if rows]


def test_a_calculation_that_is_wrong_does_not_hold():
    """The reader of this file can fail: z and 1 - z changed places in the last formula, and one wrong digit."""
    _, text = displayed()
    _, chain = equations(text)[3]
    z = chain[0].split(")")[0].removeprefix("(1 - ")
    swapped = chain[0].replace(f"(1 - {z})", "Z").replace(z, f"(1 - {z})").replace("Z", z)
    assert holds(chain[0], chain[-1])
    assert not holds(swapped, chain[-1])
    assert not holds(chain[0], f"{float(chain[-1]) + 0.0004:.4f}")


def test_the_one_hot_product_is_the_picked_column():
    unit, text = displayed(index=3)
    W_ir = dict(unit.trace.model.weights.named())["gru.weight_ih_l0"][:6]
    id_ = unit.trace.ids[0]
    assert f"{W_ir[3, id_]:.4f}  the one-hot x_34 picks W_ir[3, {id_}]" in text


def test_biases_stand_apart():
    unit, text = displayed(index=3)
    tensors = dict(unit.trace.model.weights.named())
    for gate, row in (("r", 3), ("z", 9), ("n", 15)):
        assert f"b_i{gate}".ljust(9) in text
        rows = [line.split() for line in text.splitlines()]
        assert [f"b_i{gate}", f"{tensors['gru.bias_ih_l0'][row]:.4f}"] in rows
        assert [f"b_h{gate}", f"{tensors['gru.bias_hh_l0'][row]:.4f}"] in rows


def test_the_course_s_gate_has_negated_rows():
    torch_unit, torch_text = displayed(index=3)
    _, course_text = displayed(index=3, convention=COURSE)
    bias = dict(torch_unit.trace.model.weights.named())["gru.bias_ih_l0"][9]
    assert ["b_iz", f"{bias:.4f}"] in [line.split() for line in torch_text.splitlines()]
    assert ["b_ux", f"{-bias:.4f}"] in [line.split() for line in course_text.splitlines()]


@pytest.mark.parametrize(
    ("reset", "start"),
    [
        ("after", "n_34 = tanh(W_in x_34 + b_in + r_34 * ("),
        ("before", "n_34 = tanh(W_in x_34 + b_in + W_hn (r_34 * h_33)"),
    ],
)
def test_r_is_applied_where_the_network_applies_it(reset, start):
    _, text = displayed(reset=reset)
    assert start in text


def test_listed_parts_are_the_largest():
    unit, text = displayed(terms=True, index=3)
    weights = unit.trace.weights.layers[0]
    exact = np.abs(weights.W_h("r")[3] * unit.values.h_prev[0])
    listed = [int(line.split()[1]) for line in text.splitlines() if line.startswith("      unit ")][:5]
    assert listed == list(np.argsort(-exact)[:5])


def test_a_layer_above_reads_the_state_below():
    unit, text = displayed(layer=1)
    assert "W_ir[3, j] * x_34[j] summed over 6 units j" in text
    assert worked.input_note(unit) == "x_34 is h_34 of layer 1."


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_lines_fit_80_columns(convention, reset):
    _, text = displayed(convention=convention, reset=reset, layer=1, terms=True)
    assert max(map(len, text.splitlines())) <= 80
