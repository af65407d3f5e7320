"""Symbols and formulas as data: what an author writes, before any format lays it out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

Operator = Literal["=", "+", "*", "@", "1 -", "sigmoid", "tanh", "value"]
"""`*` multiplies numbers unit by unit, `@` a matrix and a vector; the last four have one operand.

`value` is the one number that its operand, of numbers, comes to.
"""


@dataclass(frozen=True)
class Symbol:
    """A letter and what stands around it; str() gives it as plain text, e.g. gamma_u<34>[9] or h~_34.

    `angled` says that the time stands in angle brackets, above the letter when it is set, instead of below.
    """

    letter: str
    subscript: str = ""
    tilde: bool = False
    time: int | None = None
    angled: bool = False
    index: int | None = None

    def __str__(self) -> str:
        letter = self.letter + "~" * self.tilde + (f"_{self.subscript}" if self.subscript else "")
        time = "" if self.time is None else f"<{self.time}>" if self.angled else f"_{self.time}"
        return letter + time + ("" if self.index is None else f"[{self.index}]")


@dataclass(frozen=True)
class Operation:
    """An operator and what it is applied to."""

    operator: Operator
    operands: tuple["Expression", ...]


Expression = Symbol | float | Operation
"""A formula, in letters or with numbers put in."""


def with_numbers(expression: Expression, numbers: Mapping[Symbol, float]) -> Expression:
    """The expression with a number for each symbol, and with what stands in `value` worked out."""
    if isinstance(expression, Symbol):
        return numbers[expression]
    if isinstance(expression, float):
        return expression
    if expression.operator == "value":
        return _worked_out(expression.operands[0], numbers)
    return replace(expression, operands=tuple(with_numbers(one, numbers) for one in expression.operands))


def _worked_out(expression: Expression, numbers: Mapping[Symbol, float]) -> float:
    """What sums, products and `1 -` come to, operand by operand from the left."""
    if isinstance(expression, Symbol):
        return numbers[expression]
    if isinstance(expression, float):
        return expression
    first, *more = (_worked_out(one, numbers) for one in expression.operands)
    match expression.operator:
        case "+":
            return reduce(lambda a, b: a + b, more, first)
        case "*":
            return reduce(lambda a, b: a * b, more, first)
        case "1 -":
            return 1.0 - first
        case other:
            raise ValueError(f"{other} is not worked out here")
