"""How expressions are written out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chargru.conventions.expression import Expression, Operation, Symbol


@dataclass(frozen=True)
class Notation:
    """What one format writes for numbers, symbols, functions (by their names, where they differ) and the product."""

    number: Callable[[float], str] = str
    symbol: Callable[[Symbol], str] = str
    functions: Mapping[str, str] = field(default_factory=dict)
    times: str = "*"

    def write(self, expression: Expression) -> str:
        """An expression on one line."""
        if isinstance(expression, Symbol):
            return self.symbol(expression)
        if isinstance(expression, float):
            return self.number(expression)
        operands = expression.operands
        match expression.operator:
            case "=":
                return " = ".join(map(self.write, operands))
            case "+":
                first, *more = map(self.write, operands)
                return first + "".join(f" - {one[1:]}" if one.startswith("-") else f" + {one}" for one in more)
            case "*":
                return f" {self.times} ".join(map(self._factor, operands))
            case "@":
                return " ".join(map(self._factor, operands))
            case "1 -":
                return f"1 - {self._factor(operands[0])}"
            case function:
                return f"{self.functions.get(function, function)}({self.write(operands[0])})"

    def chain(self, expressions: Sequence[Expression], value: float) -> list[str]:
        """What stands on the right of an equation, one expression a line, the value beside the last."""
        *above, last = map(self.write, expressions)
        return [*above, f"{last} = {self.number(value)}"]

    def _factor(self, expression: Expression) -> str:
        """In brackets where it is an operation or a negative number."""
        written = self.write(expression)
        return f"({written})" if isinstance(expression, Operation) or written.startswith("-") else written
