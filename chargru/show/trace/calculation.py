"""The worked calculation as data: r, z, n and h of one index, each with its formula and with every number put in.

An equation holds between its numbers, which are unrounded; a format rounds them and lays them out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from chargru.conventions.convention import NAMES
from chargru.conventions.expression import Expression, Operation, Symbol, with_numbers
from chargru.gru import cell
from chargru.gru.weights import GATES, Array
from chargru.insight.trace import Trace
from chargru.show.characters import alone
from chargru.show.view import View

PARTS = 5
"""How many parts of a product are listed one by one."""

KINDS = ("Wx", "bx", "Wh", "bh")
"""The addends of a gate, as a convention calls them."""


@dataclass(frozen=True)
class Addend:
    """One addend of a gate: its name in letters, its value, and where it comes from, empty for a bias.

    If the parts of a product are asked for, `parts` holds the largest, each as its unit and an equation, factors =
    product; the `others` units together add `others_value`.
    """

    name: Expression
    value: float
    source: str
    parts: tuple[tuple[int, Operation], ...] = ()
    others: int = 0
    others_value: float = 0.0


@dataclass(frozen=True)
class Equation:
    """One quantity of one index: `left`, e.g. r_34[9], is each of `expressions` in turn, and `value`.

    `formula` is the same in letters, of all indices at once. The expressions are in numbers, from the one that has a
    number for each letter to the shortest. `addends` are those of a gate; the state has none.
    """

    left: Symbol
    formula: Operation
    addends: tuple[Addend, ...]
    expressions: tuple[Expression, ...]
    value: float


@dataclass(frozen=True)
class Unit:
    """One index of one layer (0-based) at one of the trace's steps (by position), to be shown as `view` says."""

    trace: Trace
    position: int
    layer: int
    index: int
    view: View

    @property
    def step(self) -> int:
        """The step, 1-based."""
        return self.trace.steps[self.position]

    @property
    def values(self) -> cell.CellStep:
        """The layer's arrays, (S, H)."""
        return self.trace.layers[self.layer]

    def quantity(self, name: str) -> float:
        """r, z, n, h or h_prev of this index, as the convention counts it."""
        value = getattr(self.values, name)[self.position, self.index]
        return float(self.view.convention.value(name, value))

    def symbol(self, name: str) -> Symbol:
        """The letter with its step and place, e.g. z_34[9], or h_33[9] for h_prev."""
        quantity, t = ("h", self.step - 1) if name == "h_prev" else (name, self.step)
        return replace(self.view.convention.symbol(quantity, t), index=self.index)

    def addend(self, kind: str, gate: str) -> float:
        """Wx, bx, Wh or bh of a gate at this index, as the convention counts it."""
        keys = {"Wx": f"W_i{gate} x", "bx": f"b_i{gate}", "bh": f"b_h{gate}"}
        keys["Wh"] = cell.product_name(gate, self.trace.model.architecture.reset)
        value = self.values.terms[keys[kind]][self.position, self.index]
        return float(self.view.convention.addend(gate, value))


def equations(unit: Unit) -> list[Equation]:
    """The whole calculation of one index: r, z, n and h."""
    return [*(_gate_equation(unit, gate) for gate in GATES), _state_equation(unit)]


def _gate_equation(unit: Unit, gate: str) -> Equation:
    """r, z or n."""
    names = unit.view.convention.names(gate, unit.step, unit.trace.model.architecture.reset)
    addends = tuple(_addend(unit, gate, kind, names[kind]) for kind in KINDS)
    numbers = {kind: addend.value for kind, addend in zip(KINDS, addends, strict=True)} | {"r": unit.quantity("r")}
    return _equation(unit, gate, addends, numbers)


def _state_equation(unit: Unit) -> Equation:
    """The new state."""
    return _equation(unit, "h", (), {name: unit.quantity(name) for name in ("z", "n", "h_prev")})


def _equation(unit: Unit, quantity: str, addends: tuple[Addend, ...], numbers: dict[str, float]) -> Equation:
    convention, reset = unit.view.convention, unit.trace.model.architecture.reset
    put = {NAMES[name]: number for name, number in numbers.items()}
    expressions = tuple(with_numbers(one, put) for one in convention.chain(quantity, reset))
    formula = convention.formula(quantity, unit.step, reset)
    return Equation(unit.symbol(quantity), formula, addends, expressions, unit.quantity(quantity))


def _addend(unit: Unit, gate: str, kind: str, name: Expression) -> Addend:
    value = unit.addend(kind, gate)
    if kind in ("bx", "bh"):
        return Addend(name, value, source="")
    if kind == "Wx" and unit.layer == 0:
        x, W = unit.view.convention.symbol("x", unit.step), unit.view.convention.tensor(kind, gate)
        return Addend(name, value, f"the one-hot {x} picks {W}[{unit.index}, {unit.trace.ids[unit.position]}]")
    letters, factors = zip(*_factors(unit, gate, kind), strict=True)
    units = len(factors[0])
    addend = Addend(name, value, f"{' * '.join(letters)} summed over {units} unit{'s' * (units != 1)} j")
    return _with_parts(addend, np.array(factors)) if unit.view.terms else addend


def _factors(unit: Unit, gate: str, kind: str) -> Iterator[tuple[str, Array]]:
    """What is multiplied in each part of a product, as letters and as the numbers of all units j, (units,)."""
    convention, p = unit.view.convention, unit.position
    weights = unit.trace.weights_at(p).layers[unit.layer]
    row = (weights.W_i(gate) if kind == "Wx" else weights.W_h(gate))[unit.index]
    yield f"{convention.tensor(kind, gate)}[{unit.index}, j]", convention.addend(gate, row)
    if kind == "Wx":
        x = unit.trace.input(unit.layer)[p] if unit.layer else np.eye(1, len(row), unit.trace.ids[p])[0]
        yield f"{convention.symbol('x', unit.step)}[j]", x
        return
    if gate == "n" and unit.trace.model.architecture.reset == "before":
        yield f"{convention.symbol('r', unit.step)}[j]", unit.values.r[p]
    yield f"{convention.symbol('h', unit.step - 1)}[j]", unit.values.h_prev[p]


def _with_parts(addend: Addend, factors: Array) -> Addend:
    """With the largest parts of a product, its factors being (factors, units)."""
    products = factors.prod(axis=0)
    largest = np.argsort(-np.abs(products), kind="stable")[:PARTS].tolist()
    pairs = ((Operation("*", tuple(factors[:, j].tolist())), float(products[j])) for j in largest)
    parts = tuple((j, Operation("=", pair)) for j, pair in zip(largest, pairs, strict=True))
    rest = np.delete(products, largest)
    return replace(addend, parts=parts, others=len(rest), others_value=float(rest.sum()))


def input_note(unit: Unit) -> str:
    """What x_t is in this layer."""
    convention = unit.view.convention
    x = convention.symbol("x", unit.step)
    if unit.layer:
        return f"{x} is {convention.symbol('h', unit.step)} of layer {unit.layer}."
    id_ = unit.trace.ids[unit.position]
    return (
        f"{x} is one-hot: 1 at id {id_}, which is {alone(unit.trace.char(unit.position))}, 0 elsewhere. "
        f"So a product with it picks column {id_}."
    )
