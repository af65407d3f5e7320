"""A value of a gate as one of ten levels: a sign that can be read without colour, and a colour for all eyes.

r and z go from 0 to 1, so the lowest level is z < 0.1 and the highest z >= 0.9; n and h go from -1 to 1. The
colours are cividis and ColorBrewer's PuOr, which colour-blind eyes tell apart. Each is a background with a text colour
of its own, so that it is the same on a light and on a dark terminal.
"""

import numpy as np
from numpy.typing import NDArray

from chargru.gru.weights import Array

SIGNS = ".12345678#"
"""By level, from the lowest."""

CELL = 5
"""Cells of a level in the legend."""

_DARK, _LIGHT = "#000000", "#ffffff"
_CIVIDIS = [
    "#00204d",
    "#05366e",
    "#39486b",
    "#575c6d",
    "#707173",
    "#8a8779",
    "#a69d75",
    "#c4b56c",
    "#e4cf5b",
    "#ffea46",
]
_PUOR = ["#7f3b08", "#b35806", "#e08214", "#fdb863", "#fee0b6", "#d8daeb", "#b2abd2", "#8073ac", "#542788", "#2d004b"]
_COLOURS = {
    "r": (_CIVIDIS, 5 * [_LIGHT] + 5 * [_DARK]),
    "n": (_PUOR, 2 * [_LIGHT] + 6 * [_DARK] + 2 * [_LIGHT]),
}

MEANING = {
    "z": "z multiplies the old state: # keeps it, . takes the candidate instead. The course's gamma_u is 1 - z.",
    "r": "r lets the candidate see the old state: # all of it, . nothing. It is the course's gamma_r.",
    "n": "n is the candidate, what would be written; it is the course's c~.",
    "h": "h is the state after the step; it is the course's c.",
}


def lower_edges(gate: str) -> Array:
    """Where each level of a gate begins, (10)."""
    return np.arange(10) / 10.0 if gate in ("r", "z") else np.arange(-5, 5) / 5.0


def levels(gate: str, values: Array) -> NDArray[np.int64]:
    """The level of each value, 0 to 9."""
    return np.asarray(np.searchsorted(lower_edges(gate)[1:], values, side="right"), dtype=np.int64)


def colours(gate: str) -> list[tuple[str, str]]:
    """Text and background of each level."""
    grounds, texts = _COLOURS["r" if gate in ("r", "z") else "n"]
    return list(zip(texts, grounds, strict=True))


def legend(gate: str) -> list[str]:
    """The signs, and below each where its level begins."""
    edges = [f"{edge:.1f}" for edge in lower_edges(gate)]
    rows = (gate, SIGNS), ("from", edges)
    return [f"{name:<5}{''.join(f'{cell:>{CELL}}' for cell in cells)}" for name, cells in rows]
