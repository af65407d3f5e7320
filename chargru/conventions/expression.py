"""Symbols and formulas as data: what an author writes, before any format lays it out."""

from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "+", "*", "@", "1 -", "sigmoid", "tanh"]
"""`*` multiplies numbers unit by unit, `@` a matrix and a vector; `1 -`, sigmoid and tanh have one operand."""


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
