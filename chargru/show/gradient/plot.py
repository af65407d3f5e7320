"""Curves over lag as a plot of plain characters, for a terminal of 80 columns."""

from collections.abc import Mapping

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.gradient import GradientReport

WIDTH = 66
HEIGHT = 15
MARKS = {
    "candidate only": "c",
    "without shortcut": "x",
    "shortcut only": "s",
    "gates frozen": "f",
    "untrained": "u",
    "against": "a",
    "whole": "w",
}
"""In the order of drawing: where curves meet, a later mark stands above an earlier one."""

_SCALES = ("whole", "untrained", "against")


def lines(report: GradientReport) -> list[str]:
    """The plot: mean log10 of the relative size over lags 0 to the largest, with a legend."""
    columns, lags = report.columns, range(report.whole.log10.shape[1])
    curves = {name: np.array([columns[name].mean(lag) for lag in lags]) for name in MARKS if name in columns}
    bottom, top = _range(curves)
    found = ["log10 of the size by lag, mean over positions", _legend(curves)]
    canvas = _drawn(curves, bottom, top)
    for row, marks in enumerate(canvas):
        level = top - (top - bottom) * row / (HEIGHT - 1)
        label = f"{level:z8.1f}" if row % 7 == 0 else " " * 8
        found.append(f"{label} |{''.join(marks)}".rstrip())
    last = str(report.lags[-1])
    found += [f"{'':8} +{'-' * WIDTH}", f"{'lag':>8}  0{last:>{WIDTH - 1}}"]
    if any(np.nanmin(curve, initial=0.0) < bottom for curve in curves.values()):
        found.append(f"What leaves the plot at its lower edge is below 10^{bottom:.1f}.")
    return found


def _legend(curves: dict[str, Array]) -> str:
    short = {
        "shortcut only": "shortcut",
        "without shortcut": "without it",
        "candidate only": "candidate",
        "gates frozen": "frozen",
    }
    return ", ".join(f"{MARKS[name]} {short.get(name, name)}" for name in reversed(curves))


def _range(curves: Mapping[str, Array]) -> tuple[float, float]:
    """Lowest and highest level: all of the wholes, and of the parts what is not far below."""
    lowest = min(float(np.nanmin(curve, initial=0.0)) for curve in curves.values())
    main = min(float(np.nanmin(curves[name], initial=0.0)) for name in _SCALES if name in curves)
    highest = max(float(np.nanmax(curve, initial=0.0)) for curve in curves.values())
    return min(max(lowest, 2 * main), -1.0), highest


def _drawn(curves: Mapping[str, Array], bottom: float, top: float) -> list[list[str]]:
    canvas = [[" "] * WIDTH for _ in range(HEIGHT)]
    for name, curve in curves.items():
        for column in range(WIDTH):
            value = curve[round(column * (len(curve) - 1) / (WIDTH - 1))]
            if value >= bottom:
                canvas[round((top - value) / (top - bottom) * (HEIGHT - 1))][column] = MARKS[name]
    return canvas
