"""The losses of runs by update as a drawing in a notebook: SVG in the notebook's own colours, without scripts."""

from collections.abc import Iterator
from html import escape
from itertools import cycle

import numpy as np

from chargru.run_curves import Curve, Curves
from chargru.show.curves.terminal import COLOURS, figures, known, name
from chargru.show.notebook.fragment import fragment, title
from chargru.show.plot import Line, Plotted, in_columns, nice_ticks, vertical
from chargru.show.view import View

WIDTH, HEIGHT = 540, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 24, 8, 40
"""Around the drawing, in its own units; the labels of the axes stand there."""

POINTS = 300
"""Of a longer curve the means of so many pieces are drawn."""

DOTS = 60
"""So many validations have a dot each."""


def render(found: Curves, _: View | None = None) -> str:
    """A fragment: the drawing, and below it what each line is, with its lowest value."""
    whose = f" of {name(found.runs[0])}" if len(found.runs) == 1 else ""
    return fragment(title(f"Loss{whose} by update, in bits per character"), drawing(found))


def drawing(found: Curves) -> str:
    """The drawing and its legend."""
    lines = list(_lines(found))
    return f"{_svg(lines)}{''.join(_legend(found))}"


def _lines(found: Curves) -> Iterator[tuple[str, str, Plotted]]:
    """Colour, kind and points of each line; validation after training, so that it is drawn above it."""
    for column in ("train_bpc", "val_bpc"):
        for one, colour in zip(found.runs, cycle(COLOURS), strict=False):
            points = _points(one.curve, column)
            if points:
                alone = len(found.runs) == 1 and column == "train_bpc"
                yield ("currentColor" if alone else colour), column, points


def _points(curve: Curve, column: str) -> Plotted:
    points = known(curve, column)
    if len(points) <= POINTS:
        return [(float(update), loss) for update, loss in points]
    updates, losses = zip(*points, strict=True)
    last = float(updates[-1])
    means = in_columns(Line("", "", updates, losses), last, POINTS)
    places = np.flatnonzero(~np.isnan(means))
    return [(last * float(place) / (POINTS - 1), float(means[place])) for place in places]


def _svg(lines: list[tuple[str, str, Plotted]]) -> str:
    last = max(points[-1][0] for _, _, points in lines) or 1.0
    ticks, digits = vertical([points for _, _, points in lines])
    low, high = ticks[0], ticks[-1]
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] / last * wide, (high - point[1]) / (high - low) * tall

    rows = "".join(_row(TOP + at((0, tick))[1], f"{tick:.{digits}f}") for tick in ticks)
    updates = (tick for tick in nice_ticks(0.0, last, 6)[0] if tick <= last)
    columns = "".join(_column(LEFT + at((tick, low))[0], f"{tick:,.6g}") for tick in updates)
    drawn = "".join(_line(colour, column, [at(point) for point in points]) for colour, column, points in lines)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" style="max-width:100%;height:auto" role="img" '
        'aria-label="Loss by update, in bits per character" fill="currentColor" font-size="12" '
        f'font-family="system-ui,sans-serif">{rows}{columns}'
        f'<text x="{LEFT + wide / 2:g}" y="{HEIGHT - 4}" text-anchor="middle">update</text>'
        f'<svg x="{LEFT}" y="{TOP}" width="{wide}" height="{tall}" overflow="hidden" fill="none">{drawn}</svg></svg>'
    )


def _row(y: float, label: str) -> str:
    """A line across, and its value."""
    return (
        f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".2"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    )


def _column(x: float, label: str) -> str:
    foot = HEIGHT - BOTTOM
    return (
        f'<path d="M{x:.1f} {foot}v4" stroke="currentColor"/>'
        f'<text x="{x:.1f}" y="{foot + 17}" text-anchor="middle">{label}</text>'
    )


def _line(colour: str, column: str, points: Plotted) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    training = column == "train_bpc"
    stroke = 'stroke-width="1.5" stroke-dasharray="2 4" stroke-opacity=".8"' if training else 'stroke-width="2"'
    dots = "" if training or len(points) > DOTS else "".join(map(_dot, points))
    return f'<g stroke="{colour}"><polyline points="{path}" {stroke}/><g fill="{colour}">{dots}</g></g>'


def _dot(point: tuple[float, float]) -> str:
    return f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2"/>'


def _legend(found: Curves) -> Iterator[str]:
    alone = len(found.runs) == 1
    for one, colour in zip(found.runs, cycle(COLOURS), strict=False):
        for column, what, sign in (("val_bpc", "validation", "━"), ("train_bpc", "training", "┅")):
            drawn = "inherit" if alone and column == "train_bpc" else colour
            words = what if alone else f"{name(one)}, {what}"
            said = f"{escape(words)}: {figures(known(one.curve, column))}"
            yield f'<p><span style="color:{drawn}" aria-hidden="true">{sign}{sign}</span> {said}</p>'
