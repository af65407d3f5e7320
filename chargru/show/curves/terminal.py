"""The losses of runs by update as a plot of plain characters; without colour it says the same."""

from collections.abc import Iterator
from itertools import cycle

from rich.text import Text

from chargru.bundled import called
from chargru.errors import SettingError
from chargru.run_curves import Curve, Curves, RunCurve
from chargru.show.columns import WIDTH, prose
from chargru.show.plot import Line, plot
from chargru.show.view import View
from chargru.shown import one_line

NARROWEST, WIDEST = 40, 110
VALIDATION, TRAINING = "o", "·"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Okabe and Ito's, which colour-blind eyes tell apart, and which can be seen on black and on white; taken in turn."""

_HEADING = "bold"


def render(found: Curves, view: View | None = None) -> Text:
    """The plot and its legend, 40 columns wide at least. Raises SettingError for more runs than there are letters."""
    wide = (view or View()).width or WIDTH
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(found, min(max(wide, NARROWEST), WIDEST)))


def _lines(found: Curves, width: int) -> Iterator[Text]:
    if len(found.runs) > len(LETTERS):
        message = f"{len(found.runs)} runs are too many for one plot"
        raise SettingError(message, f"plot at most {len(LETTERS)} at once")
    alone = len(found.runs) == 1
    marks = [(VALIDATION, TRAINING)] if alone else [(letter, letter.lower()) for letter in LETTERS]
    runs = list(zip(found.runs, marks, cycle(COLOURS), strict=False))
    yield from prose(_title(found), width, _HEADING)
    for one, (upper, lower), colour in runs:
        yield from _legend(one, upper, lower, colour, width, alone=alone)
    # Validation over training, as far as one of them hides the other.
    lines = [line for one, (_, mark), colour in runs for line in _line(mark, "" if alone else colour, one, "train_bpc")]
    lines += [line for one, (mark, _), colour in runs for line in _line(mark, colour, one, "val_bpc")]
    drawn = plot(lines, width)
    yield from drawn.rows
    if drawn.above is not None:
        value, at = drawn.above
        yield from prose(f"Above the plot: up to {value:.2f} at update {at:,.0f}.", width)


def _title(found: Curves) -> str:
    if len(found.runs) == 1:
        return f"Loss of {name(found.runs[0])} by update, in bits per character"
    return "Loss by update, in bits per character: capitals validation, small letters training"


def _line(mark: str, style: str, one: RunCurve, name: str) -> Iterator[Line]:
    points = known(one.curve, name)
    if points:
        updates, losses = zip(*points, strict=True)
        yield Line(mark, style, updates, losses)


def known(curve: Curve, name: str) -> list[tuple[int, float]]:
    """Update and loss, train_bpc or val_bpc, where there is one; by update, each once, as it was written last."""
    written = zip(curve.update, getattr(curve, name), strict=True)
    return sorted({update: value for update, value in written if value is not None}.items())


def _legend(one: RunCurve, upper: str, lower: str, colour: str, width: int, *, alone: bool) -> Iterator[Text]:
    """What the marks of a run mean, and its figures."""
    validation, training = (figures(known(one.curve, name)) for name in ("val_bpc", "train_bpc"))
    said = [(upper, colour, f"validation: {validation}"), (lower, "", f"training: {training}")]
    if not alone:
        said = [(upper, colour, f"{name(one)}: {validation}")]
    for mark, style, words in said:
        for row, line in enumerate(prose(words, width - 2)):
            yield Text.assemble(" " if row else (mark, style), " ", line)


def figures(points: list[tuple[int, float]]) -> str:
    """The lowest value, and the last where that is another; of points (update, loss)."""
    if not points:
        return "none yet"
    (_, last), (best, lowest) = points[-1], min(points, key=lambda point: point[1])
    end = f", {last:.4f} at the end" if f"{last:.4f}" != f"{lowest:.4f}" else ""
    return f"lowest {lowest:.4f} at update {best:,}{end}"


def name(one: RunCurve) -> str:
    """What a run is called, on one line."""
    return one_line(called(one.checkpoint))
