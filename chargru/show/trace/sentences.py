"""What one can see in a step, in sentences made from its numbers.

A sentence says only what holds for the unrounded numbers, however few digits are shown of them.
"""

from collections import Counter

import numpy as np

from chargru.show.trace.calculation import Unit
from chargru.show.trace.salient import DECIDES_FROM, happened


def sentences(unit: Unit) -> list[str]:
    """What happened to one index: its state, then its candidate."""
    return [*of_state(unit), _candidate(unit)]


def of_state(unit: Unit) -> list[str]:
    """What became of the old value and of the candidate; and if they are all but the same, that it hardly matters."""
    old, new = (unit.values.h_prev[unit.position, unit.index], unit.values.n[unit.position, unit.index])
    if abs(old - new) >= DECIDES_FROM:
        return [_state(unit)]
    return [_state(unit), f"Old and candidate are less than {DECIDES_FROM:g} apart, so this hardly matters."]


def _short(unit: Unit, name: str) -> str:
    return unit.view.short(unit.quantity(name))


def _named(unit: Unit, name: str) -> str:
    """The symbol with its number, e.g. n_34[9] = -0.12."""
    return f"{unit.symbol(name)} = {_short(unit, name)}"


def _state(unit: Unit) -> str:
    z = float(unit.values.z[unit.position, unit.index])
    word = happened(z)
    start = f"{word.capitalize()}: {_named(unit, 'z')}, so "
    if share(z) == "0%":
        return start + (
            f"{unit.symbol('h')} becomes the candidate {_named(unit, 'n')} and carries over nothing of its old "
            f"{_named(unit, 'h_prev')}."
        )
    if share(1.0 - z) == "0%":
        return start + (
            f"{unit.symbol('h')} stays at the old {_named(unit, 'h_prev')}; nothing of the candidate "
            f"{_named(unit, 'n')} comes in."
        )
    taken = "over 99%" if share(z) == "under 1%" else share(1.0 - z)  # 1 - z may round to 1
    parts = [f"{taken} the candidate {_named(unit, 'n')}", f"{share(z)} the old {_named(unit, 'h_prev')}"]
    if word == "kept":
        parts.reverse()
    return start + f"{unit.symbol('h')} is {parts[0]} and {parts[1]}: it becomes {_short(unit, 'h')}."


def share(part: float) -> str:
    """A part of one in percent: 0% is nothing at all, and what only rounds to none or all says so."""
    percent = round(100 * part)
    if percent == 0 and part > 0:
        return "under 1%"
    if percent == 100 and part < 1:
        return "over 99%"
    return f"{percent}%"


def _candidate(unit: Unit) -> str:
    convention, short = unit.view.convention, unit.view.short
    r = unit.quantity("r")
    if unit.trace.model.architecture.reset == "before":
        return (
            f"Every candidate of this step sees {share(r)} of {_named(unit, 'h_prev')}, because "
            f"{_named(unit, 'r')} multiplies it before the product."
        )
    new = unit.addend("Wx", "n") + unit.addend("bx", "n")
    old = unit.addend("Wh", "n") + unit.addend("bh", "n")
    W, h, b = convention.tensor("Wh", "n"), convention.symbol("h", unit.step - 1), convention.tensor("bh", "n")
    return (
        f"Its candidate sees {share(r)} of what the old states say: {_named(unit, 'r')} times "
        f"({W} {h} + {b})[{unit.index}] = {short(old)} gives {short(r * old)}; the input and its bias add "
        f"{short(new)}; the tanh of the sum is {_named(unit, 'n')}."
    )


def overview(unit: Unit) -> str:
    """How many units of the layer were replaced, kept, mixed at this step (whatever the unit's index)."""
    words = Counter(happened(z) for z in unit.values.z[unit.position])
    counts = ", ".join(f"{words[word]} {word}" for word in ("replaced", "kept", "mixed"))
    units = words.total()
    return f"Of {units} unit{'s' * (units != 1)}: {counts}."


def undecided(unit: Unit) -> str:
    """In how many units of the layer z decides next to nothing, since old and candidate agree; empty for none."""
    cell, at = unit.values, unit.position
    agree = np.abs(cell.h_prev[at] - cell.n[at]) < DECIDES_FROM
    if not agree.any():
        return ""
    old, new = unit.view.convention.symbol("h", unit.step - 1), unit.view.convention.symbol("n", unit.step)
    return (
        f"In {np.count_nonzero(agree)} of them {old} and {new} are less than {DECIDES_FROM:g} apart, so the update "
        "gate decides next to nothing there."
    )


def first_step(unit: Unit) -> str:
    """What is special about step 1; empty for every other step."""
    if unit.step != 1:
        return ""
    convention = unit.view.convention
    old, r = convention.symbol("h", 0), convention.symbol("r", 1)
    start = f"Before the first character {old} is 0 everywhere, so every product with it is 0"
    if unit.trace.model.architecture.reset == "before" or not unit.values.terms["b_hn"][unit.position].any():
        return f"{start}, and {r} changes nothing yet."
    return f"{start}; {r} still acts, through {convention.tensor('bh', 'n')} alone."
