"""The worked calculation as lines: what is displayed holds for the numbers displayed, in every convention."""

import re

import pytest
from calculations import plain
from displayed import equations, evaluated, half_digit, holds, parts
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CONVENTIONS, TORCH
from chargru.insight.trace import trace
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
    return unit, plain(unit)


@settings(max_examples=80, deadline=None)
@given(**anything)
def test_every_displayed_equation_holds_on_the_displayed_numbers(**case):
    unit, text = displayed(**case)
    found = equations(text)
    assert [name for name, _ in found] == [str(unit.symbol(quantity)) for quantity in ("r", "z", "n", "h")]
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
    assert text.count("      the other 1 unit together: ") == len(parts(text)) // 5
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


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_lines_fit_80_columns(convention, reset):
    _, text = displayed(convention=convention, reset=reset, layer=1, terms=True)
    assert max(map(len, text.splitlines())) <= 80
