"""What an expression is worth: the oracle for formulas that are data."""

from functools import reduce

import numpy as np

from chargru.conventions.expression import Operation, Symbol


def evaluate(expression, of=None):
    """In float64; `of` gives the numbers or arrays of symbols."""
    if isinstance(expression, Symbol):
        return of[expression]
    if not isinstance(expression, Operation):
        return expression
    operands = [evaluate(operand, of) for operand in expression.operands]
    if expression.operator in ONE:
        (operand,) = operands
        return ONE[expression.operator](operand)
    return reduce(TWO[expression.operator], operands)


ONE = {"1 -": lambda a: 1 - a, "sigmoid": lambda a: (1 + np.tanh(a / 2)) / 2, "tanh": np.tanh}
TWO = {"+": lambda a, b: a + b, "*": lambda a, b: a * b, "@": lambda a, b: a @ b}
