"""Symbols as plain text, and formulas with numbers put in."""

import pytest

from chargru.conventions.expression import Operation, Symbol, with_numbers


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        (Symbol("W", "ir"), "W_ir"),
        (Symbol("U"), "U"),
        (Symbol("h", time=0), "h_0"),
        (Symbol("h", tilde=True, time=34, index=0), "h~_34[0]"),
        (Symbol("gamma", "u", time=34, angled=True, index=9), "gamma_u<34>[9]"),
        (Symbol("c", tilde=True), "c~"),
    ],
)
def test_as_text(symbol, text):
    assert str(symbol) == text


def test_numbers_are_put_in_and_values_worked_out():
    """1 - z stays as it is written; what is a value is one number, added up from the left."""
    z, n = Symbol("z"), Symbol("n")
    rest = Operation("1 -", (z,))
    product = Operation("*", (rest, n, 2.0))
    numbers = {z: 0.25, n: 3.0}
    put = Operation("*", (Operation("1 -", (0.25,)), 3.0, 2.0))
    assert with_numbers(Operation("tanh", (product,)), numbers) == Operation("tanh", (put,))
    assert with_numbers(Operation("tanh", (Operation("value", (product,)),)), numbers) == Operation("tanh", (4.5,))
    tenths = {Symbol(name): 0.1 for name in "abc"}
    left = Operation("+", tuple(tenths))
    right = Operation("+", (Symbol("a"), Operation("+", (Symbol("b"), Symbol("c")))))
    assert with_numbers(Operation("value", (left,)), tenths) == 0.1 + 0.1 + 0.1
    assert with_numbers(Operation("value", (right,)), tenths) == 0.1 + (0.1 + 0.1)


def test_a_value_is_of_sums_and_products():
    with pytest.raises(ValueError, match="tanh is not worked out here"):
        with_numbers(Operation("value", (Operation("tanh", (1.0,)),)), {})
