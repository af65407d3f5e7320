"""Reads a worked calculation as a person does: from its text alone. Nothing here knows how it was made.

An equation is a line like `r_34[9] = sigmoid(0.1 - 0.2) = 0.4750`, gone on with by lines that start with `=`. Every
expression is evaluated on the numbers shown, with the error that their rounding allows: half a unit of the last digit
of every number with a decimal point, carried through the expression to first order.
"""

import ast
import math
import re
from collections import defaultdict

EQUATION = re.compile(r"^ +(\S+\[\d+\]) = (.+)$")
FURTHER = re.compile(r"^ +(= .+)$")
PART = re.compile(r"^ +unit \d+ +(.+ = .+)$")
FUNCTIONS = {
    "sigmoid": (lambda a: (1 + math.tanh(a / 2)) / 2, lambda y: y * (1 - y)),
    "tanh": (math.tanh, lambda y: 1 - y * y),
}


def equations(text):
    """Name and chain of expressions of every equation, in the order of the text."""
    found = []
    for line in text.splitlines():
        if match := EQUATION.match(line):
            found.append((match[1], match[2].split(" = ")))
        elif (match := FURTHER.match(line)) and found:
            found[-1][1].extend(match[1].removeprefix("= ").split(" = "))
    return found


def parts(text):
    """The equations of the listed parts of products, e.g. ["0.5 * 0.1", "0.05"]."""
    return [match[1].split(" = ") for line in text.splitlines() if (match := PART.match(line))]


def evaluated(expression):
    """Value, and the largest error to first order. The two z in (1 - z) * n + z * h_prev are one number, so that
    their errors go against each other.
    """
    twice = re.search(r"\(1 - ([\d.]+)\)", expression)
    z = twice[1] if twice and expression.count(twice[1]) == 2 else None
    value, derivatives = _walk(ast.parse(expression, mode="eval").body, expression, z)
    return value, sum(abs(slope) * half_digit(shown) for (shown, _), slope in derivatives.items())


def half_digit(shown):
    return 0.5 * 10.0 ** -len(shown.partition(".")[2]) if "." in shown else 0.0


def _walk(node, source, z):
    """Value, and slope by each number shown, told apart by its place unless it is z."""
    if isinstance(node, ast.Constant):
        shown = ast.get_source_segment(source, node)
        return float(node.value), {(shown, None if shown == z else node.col_offset): 1.0}
    if isinstance(node, ast.UnaryOp):
        value, derivatives = _walk(node.operand, source, z)
        return -value, {shown: -slope for shown, slope in derivatives.items()}
    if isinstance(node, ast.Call):
        function, derivative = FUNCTIONS[node.func.id]
        value, derivatives = _walk(node.args[0], source, z)
        result = function(value)
        return result, {shown: slope * derivative(result) for shown, slope in derivatives.items()}
    return _combined(node, _walk(node.left, source, z), _walk(node.right, source, z))


def _combined(node, left, right):
    (a, slopes_a), (b, slopes_b) = left, right
    value, by_a, by_b = {
        ast.Add: (a + b, 1.0, 1.0),
        ast.Sub: (a - b, 1.0, -1.0),
        ast.Mult: (a * b, b, a),
    }[type(node.op)]
    derivatives = defaultdict(float)
    for own, slope_by in ((slopes_a, by_a), (slopes_b, by_b)):
        for shown, slope in own.items():
            derivatives[shown] += slope * slope_by
    return value, derivatives


def holds(expression, shown):
    """Whether an expression gives the number shown, within what the digits of both allow."""
    value, error = evaluated(expression)
    return abs(value - float(shown)) <= error + half_digit(shown) + 1e-12
