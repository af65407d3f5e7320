"""How expressions are written: signs, brackets, chains."""

import pytest

from chargru.conventions.expression import Operation, Symbol
from chargru.show.notation import Notation

PLAIN = Notation(lambda value: f"{value:z.1f}")
W, h, r = Symbol("W"), Symbol("h"), Symbol("r")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (Operation("+", (-1.0, -2.0, 3.0)), "-1.0 - 2.0 + 3.0"),
        (Operation("+", (1.0, -0.01)), "1.0 + 0.0"),
        (Operation("*", (-1.0, 2.0, -3.0)), "(-1.0) * 2.0 * (-3.0)"),
        (Operation("*", (2.0, Operation("+", (1.0, -3.0)))), "2.0 * (1.0 - 3.0)"),
        (Operation("+", (1.0, Operation("*", (-2.0, 3.0)))), "1.0 + (-2.0) * 3.0"),
        (Operation("*", (Operation("1 -", (r,)), h)), "(1 - r) * h"),
        (Operation("@", (W, h)), "W h"),
        (Operation("@", (W, Operation("*", (r, h)))), "W (r * h)"),
        (Operation("tanh", (Operation("+", (Operation("@", (W, h)), -1.0)),)), "tanh(W h - 1.0)"),
        (Operation("=", (h, Operation("sigmoid", (r,)))), "h = sigmoid(r)"),
    ],
)
def test_written(expression, text):
    assert PLAIN.write(expression) == text


def test_another_notation():
    other = Notation(str, lambda symbol: f"<{symbol}>", {"sigmoid": "S"}, "x")
    assert other.write(Operation("sigmoid", (Operation("*", (r, h)),))) == "S(<r> x <h>)"
    assert other.write(Operation("tanh", (r,))) == "tanh(<r>)"


def test_a_chain_has_the_value_beside_its_last_expression():
    assert PLAIN.chain([Operation("+", (1.0, -3.0)), -2.0], -2.0) == ["1.0 - 3.0", "-2.0 = -2.0"]
