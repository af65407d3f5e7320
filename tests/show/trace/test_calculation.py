"""The worked calculation as data: its values are those of the weights, its expressions and its formulas give them."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from drawn import model
from expressions import evaluate
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.conventions.expression import Operation, Symbol
from chargru.insight import other_network
from chargru.insight.trace import trace
from chargru.show.trace.calculation import Unit, equations, input_note
from chargru.show.view import View

anything = {
    "seed": st.integers(0, 10_000),
    "step": st.integers(1, 84),
    "index": st.integers(0, 5),
    "layer": st.integers(0, 1),
    "reset": st.sampled_from(["after", "before"]),
    "convention": st.sampled_from(list(CONVENTIONS.values())),
    "scale": st.sampled_from([3.0, 30.0]),
    "force": st.sampled_from([(), ("r=1",), ("z[3]=0.25@20-50", "2:r=0")]),
}


def worked(*, seed=0, step=34, index=3, layer=0, reset="after", convention=TORCH, scale=3.0, force=(), terms=False):
    traced = trace(model(layers=2, reset=reset, seed=seed, scale=scale), steps=[step], force=force)
    unit = Unit(traced, 0, layer, index, View(convention, terms=terms))
    return unit, equations(unit)


def by_hand(unit):
    """What r, z, n, h are of the layer, by the weights and the recorded h_{t-1} and input: the plain equations.

    Keyed by the symbols of the unit's convention, whose update gate may be 1 - z with its rows negated.
    """
    convention, t, reset = unit.view.convention, unit.step, unit.trace.model.architecture.reset
    weights = unit.trace.weights_at(0).layers[unit.layer]
    rows = {
        "Wx": np.split(weights.weight_ih, 3),
        "bx": np.split(weights.bias_ih, 3),
        "Wh": np.split(weights.weight_hh, 3),
        "bh": np.split(weights.bias_hh, 3),
    }
    below = unit.trace.layers[0].h[0] if unit.layer else np.eye(weights.weight_ih.shape[1])[unit.trace.ids[0]]
    of = {convention.symbol("x", t): below, convention.symbol("h", t - 1): unit.values.h_prev[0]}
    x, h = of.values()
    sums = []
    for number, gate in enumerate("rzn"):
        sign = -1 if gate == "z" and convention.takes else 1
        for kind, three in rows.items():
            of[convention.tensor(kind, gate)] = sign * three[number]
        carried = h if gate != "n" else sums[0] * h if reset == "before" else h
        product = rows["Wh"][number] @ carried + rows["bh"][number]
        new = rows["Wx"][number] @ x + rows["bx"][number]
        if gate == "n":
            sums.append(np.tanh(new + (sums[0] * product if reset == "after" else product)))
        else:
            sums.append(np.exp(-np.logaddexp(0, -new - product)))
    r, z, n = sums
    values = {"r": r, "z": 1 - z if convention.takes else z, "n": n, "h": (1 - z) * n + z * h}
    return values, of | {convention.symbol(name, t): values[name] for name in "rzn"}


@settings(max_examples=60, deadline=None)
@given(**anything)
def test_every_expression_and_formula_gives_the_value_by_the_weights(**case):
    """Numbers and letters alike: the expressions as they stand, the formula on the layer's tensors."""
    unit, found = worked(**case)
    values, of = by_hand(unit)
    for quantity, equation in zip("rznh", found, strict=True):
        expected = values[quantity][unit.index]
        left, right = equation.formula.operands
        given = [equation.value, *map(evaluate, equation.expressions), evaluate(right, of)[unit.index]]
        assert np.abs(np.array(given) - expected).max() < 1e-12
        assert left == case["convention"].symbol(quantity, case["step"])
        assert equation.left == unit.symbol(quantity)
        assert (equation.left.letter, equation.left.index) == (left.letter, unit.index)


@settings(max_examples=60, deadline=None)
@given(**anything)
def test_addends_are_what_their_names_say(**case):
    unit, found = worked(**case)
    _, of = by_hand(unit)
    *gates, state = found
    assert state.addends == ()
    for equation in gates:
        expected = [evaluate(addend.name, of)[unit.index] for addend in equation.addends]
        assert np.abs(np.array([addend.value for addend in equation.addends]) - expected).max() < 1e-10
        named = [isinstance(addend.name, Operation) for addend in equation.addends]
        assert named == [True, False, True, False] == [bool(addend.source) for addend in equation.addends]
        assert not any(addend.parts or addend.others for addend in equation.addends)


@settings(max_examples=60, deadline=None)
@given(**anything)
def test_parts_are_the_largest_and_add_up(**case):
    unit, found = worked(**case, terms=True)
    addends = [addend for equation in found for addend in equation.addends]
    products = [addend for addend in addends if addend.parts]
    assert len(products) == (6 if unit.layer else 3)
    for addend in products:
        for part in addend.parts:
            product, total = part[1].operands
            assert abs(evaluate(product) - total) < 1e-12
        sizes = [abs(equation.operands[1]) for _, equation in addend.parts]
        assert sizes == sorted(sizes, reverse=True)
        assert addend.others == 1
        assert abs(addend.others_value) <= sizes[-1]
        assert len({part[0] for part in addend.parts}) == 5
        total = sum(equation.operands[1] for _, equation in addend.parts) + addend.others_value
        assert abs(total - addend.value) < 1e-10


@pytest.mark.parametrize(("reset", "takes_part"), [("after", 2), ("before", 3)])
def test_the_factors_of_a_part(reset, takes_part):
    """Reset before, r is one of them in the candidate."""
    unit, (*_, n, _) = worked(reset=reset, terms=True)
    addend = n.addends[2]
    W, r, h = unit.trace.weights.layers[0].W_h("n")[3], unit.values.r[0], unit.values.h_prev[0]
    for j, equation in addend.parts:
        factors = equation.operands[0].operands
        assert factors == ((W[j], h[j]) if reset == "after" else (W[j], r[j], h[j]))
        assert len(factors) == takes_part


def test_equations_are_plain_data():
    """They go through JSON and back unchanged: strings, numbers, lists and objects alone."""
    _, found = worked(layer=1, terms=True, convention=COURSE)
    for equation in map(asdict, found):
        document = json.loads(json.dumps(equation, allow_nan=False))
        assert document["left"] == equation["left"]
        assert document["formula"]["operands"][1]["operator"] == equation["formula"]["operands"][1]["operator"]
        assert [addend["value"] for addend in document["addends"]] == [
            addend["value"] for addend in equation["addends"]
        ]


def test_an_expression_is_as_long_as_its_quantity_needs():
    """From the one with a number for each letter to the shortest; the candidate's has one more where r multiplies."""
    for reset, lengths in (("after", [2, 2, 3, 2]), ("before", [2, 2, 2, 2])):
        _, found = worked(reset=reset)
        assert [len(equation.expressions) for equation in found] == lengths
        r, *_ = found
        assert [expression.operator for expression in r.expressions] == ["sigmoid", "sigmoid"]
        assert r.expressions[0].operands[0] == Operation("+", tuple(addend.value for addend in r.addends))
        assert isinstance(r.expressions[1].operands[0], float)


def test_the_one_hot_product_is_the_picked_column():
    unit, (r, *_) = worked()
    id_ = unit.trace.ids[0]
    assert r.addends[0].name == Operation("@", (Symbol("W", "ir"), Symbol("x", time=34)))
    assert r.addends[0].value == np.float64(dict(unit.trace.model.weights.named())["gru.weight_ih_l0"][3, id_])
    assert r.addends[0].source == f"the one-hot x_34 picks W_ir[3, {id_}]"


def test_biases_stand_apart():
    unit, found = worked()
    tensors = dict(unit.trace.model.weights.named())
    for equation, gate, row in zip(found, "rzn", (3, 9, 15), strict=False):
        biases = {addend.name: addend.value for addend in equation.addends if isinstance(addend.name, Symbol)}
        assert biases == {
            Symbol("b", f"i{gate}"): tensors["gru.bias_ih_l0"][row],
            Symbol("b", f"h{gate}"): tensors["gru.bias_hh_l0"][row],
        }


def test_the_course_s_gate_has_negated_rows():
    torch_z, course_z = (worked(convention=convention)[1][1] for convention in (TORCH, COURSE))
    assert [addend.value for addend in course_z.addends] == [-addend.value for addend in torch_z.addends]
    assert course_z.left == Symbol("gamma", "u", time=34, angled=True, index=3)
    assert course_z.value == 1 - torch_z.value


def test_a_layer_above_reads_the_state_below():
    unit, (r, *_) = worked(layer=1)
    assert r.addends[0].source == "W_ir[3, j] * x_34[j] summed over 6 units j"
    assert input_note(unit) == "x_34 is h_34 of layer 1."
    assert input_note(worked()[0]).startswith("x_34 is one-hot: 1 at id ")


def test_the_parts_of_another_network_s_step_above_add_up():
    """Its layer above reads what this network's layer below gave, not what its own would have."""
    traced = trace(model(layers=2, reset="after", scale=3.0), steps=[34])
    other = other_network.their_trace(traced, COURSE)
    assert np.abs(other.layers[0].h - traced.layers[0].h).max() > 1e-3
    for index in range(6):
        for equation in equations(Unit(other, 0, 1, index, View(COURSE, terms=True)))[:3]:
            for addend in (one for one in equation.addends if one.parts):
                total = sum(part.operands[1] for _, part in addend.parts) + addend.others_value
                assert abs(total - addend.value) < 1e-12
