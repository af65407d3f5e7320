"""Lines over an axis drawn in plain characters: each has a mark of its own, so that it can be told without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

ROWS = 14
"""About so many rows a plot has: as many as put every tick on a row of its own."""

TICKS = 6
"""About so many steps the vertical axis has."""

_MARGIN = 8
"""Cells before a plot: the label of a tick and the axis."""

_CUT_ABOVE = 3.0
"""How high a plot goes that is cut above: so many times as far from its foot as four fifths of what is drawn."""

_CUT_FROM = 2.0
"""A plot is cut above if that makes everything else so many times as high."""

_FLAT = 1e-9
"""What differs by less is drawn as a flat line."""

Floats = NDArray[np.float64]
Plotted = list[tuple[float, float]]
"""Points by increasing x."""


@dataclass(frozen=True)
class Line:
    """Points (N) by increasing x, drawn with `mark`, one cell wide, in a style of rich's."""

    mark: str
    style: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Plot:
    """The rows of a plot, and what is above its upper edge: the highest value, and at which x."""

    rows: list[Text]
    above: tuple[float, float] | None


def plot(lines: Sequence[Line], width: int) -> Plot:
    """Draw the lines, which have a point at least, in `width` columns, x from 0 on.

    Where lines meet in a cell, their marks take turns along the columns.
    """
    last = max(line.x[-1] for line in lines) or 1.0
    columns = width - _MARGIN
    curves = [in_columns(line, last, columns) for line in lines]
    ticks, digits = nice_ticks(*drawn_range(np.concatenate(curves)), TICKS)
    each = max(2, round(ROWS / (len(ticks) - 1)))
    cells = _canvas(curves, ticks[0], ticks[-1], each * (len(ticks) - 1) + 1)
    rows = []
    for number, row in enumerate(cells):
        tick, off = divmod(len(cells) - 1 - number, each)
        label = "" if off else f"{ticks[tick]:.{digits}f}"
        rows.append(_row(f"{label:>{_MARGIN - 2}} {'│' if off else '┤'}", row, lines))
    return Plot([*rows, *_axis(last, columns)], _above(lines, ticks[-1]))


def _row(start: str, cells: Sequence[Sequence[int]], lines: Sequence[Line]) -> Text:
    text = Text(start)
    for column, drawn in enumerate(cells):
        line = lines[drawn[column % len(drawn)]] if drawn else None
        text.append(" " if line is None else line.mark, "" if line is None else line.style)
    text.rstrip()
    return text


def in_columns(line: Line, last: float, columns: int) -> Floats:
    """The mean of the points in each column, (columns); between points a straight line, nan before and after them.

    Column c is as near to x = last * c / (columns - 1) as any.
    """
    x, y = np.array(line.x, np.float64), np.array(line.y, np.float64)
    places = np.rint(x / last * (columns - 1)).astype(np.int64)
    counts = np.bincount(places, minlength=columns)
    sums = np.bincount(places, y, columns)
    between = np.interp(np.arange(columns) * last / max(columns - 1, 1), x, y)
    curve = np.where(counts > 0, sums / np.maximum(counts, 1), between)
    curve[: places[0]] = curve[places[-1] + 1 :] = np.nan
    return curve


def drawn_range(values: Floats) -> tuple[float, float]:
    """From what to what the plot goes: a fall from a great height is cut above, so that the rest has room."""
    known = values[~np.isnan(values)]
    low, high = float(known.min()), float(known.max())
    room = _CUT_ABOVE * (float(np.quantile(known, 0.8)) - low)
    return low, low + room if _FLAT < _CUT_FROM * room < high - low else high


def vertical(lines: Sequence[Plotted]) -> tuple[list[float], int]:
    """The ticks of the vertical axis under these lines, and the digits of their labels."""
    return nice_ticks(*drawn_range(np.array([y for points in lines for _, y in points])), TICKS)


def nice_ticks(low: float, high: float, about: int) -> tuple[list[float], int]:
    """Round numbers, evenly spaced, from at or below low to at or above high; and the digits after the point."""
    span = next((one for one in (high - low, abs(high) / 10) if one > _FLAT), 1.0)
    size = 10.0 ** floor(log10(span / about))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= span / about * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [number * step for number in range(first, last + 1)], max(0, -floor(log10(step) + 1e-9))


def _canvas(curves: Sequence[Floats], bottom: float, top: float, rows: int) -> list[list[list[int]]]:
    """Which curves pass through each cell, the top row first; a steep part fills its column."""
    columns = len(curves[0])
    cells: list[list[list[int]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    for number, curve in enumerate(curves):
        before = None
        for column, value in enumerate(curve):
            if np.isnan(value):
                before = None
                continue
            row = max(-1, round((top - value) / (top - bottom) * (rows - 1)))
            for at in _passed(before, row):
                cells[at][column].append(number)
            before = row
    return cells


def _passed(before: int | None, row: int) -> range:
    """The rows within the plot from the row of the column before, left out, to this one; -1 is above the plot."""
    if before is None or before == row:
        return range(max(row, 0), row + 1)
    return range(before + 1, row + 1) if before < row else range(max(row, 0), before)


def _axis(last: float, columns: int) -> list[Text]:
    """The horizontal axis, and below it the numbers of its ticks as far as there is room."""
    ticks, _ = nice_ticks(0.0, last, max(2, columns // 12))
    line, labels = ["─"] * columns, ""
    for tick in ticks:
        column, label = round(tick / last * (columns - 1)), f"{tick:,.6g}"
        start = _MARGIN + min(column - len(label) // 2, columns - len(label))
        if column < columns and start > len(labels):
            line[column] = "┬"
            labels = labels.ljust(start) + label
    return [Text(f"{'└':>{_MARGIN}}{''.join(line)}"), Text(labels)]


def _above(lines: Sequence[Line], top: float) -> tuple[float, float] | None:
    highest, at = max((max(zip(line.y, line.x, strict=True)) for line in lines), default=(top, 0.0))
    return (highest, at) if highest > top else None
