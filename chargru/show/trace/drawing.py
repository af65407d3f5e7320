"""The drawing of one step of a unit, show/page/web/cell.svg, with its letters and numbers filled in."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree as ET

from chargru.conventions.expression import Symbol
from chargru.show.characters import alone
from chargru.show.trace.calculation import Unit
from chargru.show.view import number

DIGITS = 4
SMALL = 2
"""So many digits have the numbers on the way of the state, and those on the way to the candidate."""

_THIN, _THICK = 1, 10
_BELOW, _ABOVE = 4, -6

Piece = tuple[str, int]
"""Text, and how far below the line it stands."""


def drawing(unit: Unit) -> str:
    """The drawing as SVG markup, to be styled by `style`."""
    root = ET.fromstring(_read("cell.svg"))
    numbers, letters, keep = _numbers(unit), _letters(unit), _keep(unit)
    root.set("data-reset", unit.trace.model.architecture.reset)
    root.set("data-takes", "yes" if unit.view.convention.takes else "no")
    root.set("role", "img")
    root.set("aria-label", sentence(unit))
    for slot in root.iter():
        if name := slot.get("data-number"):
            slot.text = numbers[name]
        elif name := slot.get("data-letter"):
            slot.extend(_spans(letters[name]))
        elif name := slot.get("data-width"):
            slot.set("stroke-width", str(_THIN + _THICK * (keep if name == "keep" else 1.0 - keep)))
    return ET.tostring(root, encoding="unicode")


def style() -> str:
    """The drawing's style; it needs the variables of its colours and fonts."""
    return _read("cell.css")


def _read(name: str) -> str:
    return (files("chargru.show.page") / "web" / name).read_text(encoding="utf-8")


def sentence(unit: Unit) -> str:
    """What the drawing shows."""
    keep = _keep(unit)
    old, new, state = (f"{unit.symbol(name)} = {number(unit.quantity(name), DIGITS)}" for name in ("h_prev", "n", "h"))
    return (
        f"Step {unit.step} reads {alone(unit.trace.char(unit.position))}. {number(keep, DIGITS)} of {old} is kept and "
        f"{number(1.0 - keep, DIGITS)} of the candidate {new} is taken: {state}"
    )


def _keep(unit: Unit) -> float:
    """The share of the old value, whatever the convention's update gate multiplies."""
    z = unit.quantity("z")
    return 1.0 - z if unit.view.convention.takes else z


def _numbers(unit: Unit) -> dict[str, str]:
    keep, r, after = _keep(unit), unit.quantity("r"), unit.trace.model.architecture.reset == "after"
    Wx, bx, Wh, bh = (unit.addend(kind, "n") for kind in ("Wx", "bx", "Wh", "bh"))
    old, new = unit.quantity("h_prev"), unit.quantity("n")
    long = {name: unit.quantity(name) for name in ("h_prev", "r", "z", "n", "h")}
    long |= {"keep": keep, "take": 1.0 - keep, "kept": keep * old, "taken": (1.0 - keep) * new}
    small = {"fresh": Wx + bx, "said": Wh + bh, "heard": r * (Wh + bh if after else old)}
    small["sum"] = Wx + bx + (r if after else 1.0) * (Wh + bh)
    x = f"layer {unit.layer}" if unit.layer else alone(unit.trace.char(unit.position))
    written = {name: number(value, DIGITS) for name, value in long.items()}
    return {**written, **{name: number(value, SMALL) for name, value in small.items()}, "x": x}


def _letters(unit: Unit) -> dict[str, list[Piece]]:
    convention, t = unit.view.convention, unit.step
    found = {name: list(_pieces(convention.symbol(name, t))) for name in ("r", "z", "n", "h", "x")}
    found["h_prev"] = list(_pieces(convention.symbol("h", t - 1)))
    z = list(_pieces(convention.letters["z"]))
    rest = [("1 \N{MINUS SIGN} ", 0), *z]
    found["keep"], found["take"] = (rest, z) if convention.takes else (z, rest)
    for name, kinds in (("said", ("Wh", "bh")), ("fresh", ("Wx", "bx"))):
        matrix, bias = (_pieces(convention.tensor(kind, "n")) for kind in kinds)
        found[name] = [*matrix, (" · + ", 0), *bias]
    return found


def _pieces(symbol: Symbol) -> Iterator[Piece]:
    letter = replace(symbol, letter="γ") if symbol.letter == "gamma" else symbol
    yield letter.letter + "\N{COMBINING TILDE}" * symbol.tilde, 0
    if symbol.subscript:
        yield symbol.subscript, _BELOW
    if symbol.time is not None:
        yield (f"<{symbol.time}>", _ABOVE) if symbol.angled else (str(symbol.time), _BELOW)


def _spans(pieces: Iterable[Piece]) -> Iterator[ET.Element]:
    line = 0
    for text, place in pieces:
        kind = "small" if place else "upright" if text[0] in " 1" else ""
        span = ET.Element("tspan", {"class": kind} if kind else {})
        if place != line:
            span.set("dy", str(place - line))
        span.text, line = text, place
        yield span
