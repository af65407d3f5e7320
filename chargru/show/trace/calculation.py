"""The worked calculation: r, z, n and h of one index, with every number put in, as lines of plain text.

Each line that starts with a symbol and a place, like r_34[9] = ..., is an equation between the numbers shown; it
holds within the rounding that their digits allow.
"""

import re
from dataclasses import dataclass

import numpy as np

from chargru.gru import cell
from chargru.gru.weights import Array
from chargru.insight.trace import Trace
from chargru.show.characters import alone
from chargru.show.view import View

WIDTH = 80
"""Where a line is broken, as far as it can be."""

PARTS = 5
"""How many parts of a product are listed one by one."""


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

    def shown(self, name: str) -> str:
        """The same as calculations show it."""
        return self.view.long(self.quantity(name))

    def symbol(self, name: str) -> str:
        """The letter with its step and place, e.g. z_34[9] or h_33[9]."""
        t = self.step - 1 if name == "h_prev" else self.step
        return f"{self.view.convention.symbol('h' if name == 'h_prev' else name, t)}[{self.index}]"

    def addend(self, kind: str, gate: str) -> float:
        """Wx, bx, Wh or bh of a gate at this index, as the convention counts it."""
        keys = {"Wx": f"W_i{gate} x", "bx": f"b_i{gate}", "bh": f"b_h{gate}"}
        keys["Wh"] = cell.product_name(gate, self.trace.model.architecture.reset)
        value = self.values.terms[keys[kind]][self.position, self.index]
        return float(self.view.convention.addend(gate, value))


def lines(unit: Unit) -> list[str]:
    """The whole calculation of one index."""
    return [*gate_lines(unit, "r"), *gate_lines(unit, "z"), *gate_lines(unit, "n"), *state_lines(unit)]


def gate_lines(unit: Unit, gate: str) -> list[str]:
    """r, z or n: its formula, where each addend comes from, and the calculation."""
    convention, reset = unit.view.convention, unit.trace.model.architecture.reset
    names = convention.names(gate, unit.step, reset)
    rows = [(names[kind], unit.view.long(unit.addend(kind, gate))) for kind in _KINDS]
    wide, long = (max(len(row[side]) for row in rows) for side in (0, 1))
    found = [f"  {convention.formula(gate, unit.step, reset)}"]
    for kind, (name, value) in zip(_KINDS, rows, strict=True):
        row, source = f"    {name:<{wide}}  {value:>{long}}", _source(unit, gate, kind)
        found += [f"{row}  {source}".rstrip()] if len(row) + len(source) + 2 <= WIDTH else [row, f"      {source}"]
        found += _part_lines(unit, gate, kind)
    return [*found, *_chain(unit.symbol(gate), _gate_expressions(unit, gate), unit.shown(gate))]


_KINDS = ("Wx", "bx", "Wh", "bh")


def _gate_expressions(unit: Unit, gate: str) -> list[str]:
    """The formula with the numbers in, from the longest form to the one with a single number."""
    reset = unit.trace.model.architecture.reset
    addends = {kind: unit.addend(kind, gate) for kind in _KINDS}
    numbers = {name: unit.view.long(value) for name, value in addends.items()} | {"r": unit.shown("r")}
    whole = tidy(unit.view.convention.template(gate, reset).format(**numbers))
    old, new = addends["Wh"] + addends["bh"], addends["Wx"] + addends["bx"]
    if gate != "n" or reset == "before":
        function = "tanh" if gate == "n" else "sigmoid"
        return [whole, f"{function}({unit.view.long(new + old)})"]
    r = unit.quantity("r")
    gated = f"tanh({numbers['Wx']} + {numbers['bx']} + {numbers['r']} * {_factor(unit.view.long(old))})"
    return [whole, tidy(gated), f"tanh({unit.view.long(new + r * old)})"]


def state_lines(unit: Unit) -> list[str]:
    """The new state: its formula and the calculation."""
    convention, reset = unit.view.convention, unit.trace.model.architecture.reset
    values = {name: unit.quantity(name) for name in ("z", "n", "h_prev")}
    numbers = {name: _factor(unit.view.long(value)) for name, value in values.items()}
    take = values["z"] if convention.takes else 1.0 - values["z"]
    parts = [take * values["n"], (1.0 - take) * values["h_prev"]]
    products = tidy(" + ".join(unit.view.long(part) for part in parts))
    expressions = [convention.template("h", reset).format(**numbers), products]
    return [f"  {convention.formula('h', unit.step, reset)}", *_chain(unit.symbol("h"), expressions, unit.shown("h"))]


def _chain(left: str, expressions: list[str], value: str) -> list[str]:
    """An equation, left = expression = expression = value, one expression a line, the value beside the last."""
    indent = " " * (4 + len(left))
    *above, last = expressions
    rows = [*above, f"{last} = {value}"]
    return [f"    {left} = {rows[0]}", *(f"{indent} = {row}" for row in rows[1:])]


def _source(unit: Unit, gate: str, kind: str) -> str:
    """Where an addend comes from."""
    convention = unit.view.convention
    name = convention.tensor(kind, gate)
    if kind in ("bx", "bh"):
        return ""
    if kind == "Wx" and unit.layer == 0:
        return (
            f"the one-hot {convention.at('x', unit.step)} picks {name}[{unit.index}, {unit.trace.ids[unit.position]}]"
        )
    units = unit.values.h.shape[-1]
    part = " * ".join(f"{letters}j]" for letters, _ in _factors(unit, gate, kind))
    return f"{part} summed over {units} unit{'s' * (units != 1)} j"


def _factors(unit: Unit, gate: str, kind: str) -> list[tuple[str, Array]]:
    """What is multiplied in one part of a product, as letters and as numbers of every unit j, (H)."""
    convention, p = unit.view.convention, unit.position
    weights = unit.trace.weights_at(p).layers[unit.layer]
    row = (weights.W_i(gate) if kind == "Wx" else weights.W_h(gate))[unit.index]
    factors = [(f"{convention.tensor(kind, gate)}[{unit.index}, ", convention.addend(gate, row))]
    if kind == "Wx":
        return [*factors, (f"{convention.at('x', unit.step)}[", unit.trace.layers[unit.layer - 1].h[p])]
    if gate == "n" and unit.trace.model.architecture.reset == "before":
        factors.append((f"{convention.symbol('r', unit.step)}[", unit.values.r[p]))
    return [*factors, (f"{convention.symbol('h', unit.step - 1)}[", unit.values.h_prev[p])]


def _part_lines(unit: Unit, gate: str, kind: str) -> list[str]:
    """The largest parts of a product by unit, if they are asked for."""
    if not unit.view.terms or kind in ("bx", "bh") or (kind == "Wx" and unit.layer == 0):
        return []
    factors = [values for _, values in _factors(unit, gate, kind)]
    parts = np.prod(factors, axis=0)
    largest = np.argsort(-np.abs(parts), kind="stable")[:PARTS]
    long = unit.view.long
    found = []
    for j in largest:
        product = " * ".join(_factor(long(values[j])) for values in factors)
        found.append(f"      unit {j:<{len(str(len(parts)))}}  {product} = {long(parts[j])}")
    rest = len(parts) - len(largest)
    if rest:
        others = long(float(np.delete(parts, largest).sum()))
        found.append(f"      the other {rest} unit{'s' * (rest != 1)} together: {others}")
    return found


def input_note(unit: Unit) -> str:
    """What x_t is in this layer."""
    convention = unit.view.convention
    x = convention.at("x", unit.step)
    if unit.layer:
        return f"{x} is {convention.symbol('h', unit.step)} of layer {unit.layer}."
    id_ = unit.trace.ids[unit.position]
    return (
        f"{x} is one-hot: 1 at id {id_}, which is {alone(unit.trace.char(unit.position))}, 0 elsewhere. "
        f"So a product with it picks column {id_}."
    )


def _factor(shown: str) -> str:
    """A number as a factor: a negative one in brackets."""
    return f"({shown})" if shown.startswith("-") else shown


def tidy(expression: str) -> str:
    """The same expression with `+ -0.5` written `- 0.5`."""
    return re.sub(r"\+ -(?=\d)", "- ", expression)
