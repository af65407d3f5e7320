"""What a gradient report says, in sentences made from its numbers and from nothing else."""

from collections.abc import Iterator
from math import isfinite

from chargru.insight.gradient import GradientReport, Sizes

NEAR = 0.5
"""Two sizes are near if their mean log10 differ by at most this, a factor of about 3."""

_VERDICTS = {
    "shortcut only": "So the shortcut z alone gives a gradient of this size here.",
    "without shortcut": "So the gradient has this size here even without the shortcut z.",
    "candidate only": "So the way through the candidate alone gives a gradient of this size here.",
    "gates frozen": "So shortcut and candidate together, the gates held still, give a gradient of this size here.",
}


def sentences(report: GradientReport) -> Iterator[str]:
    """The sentences, about the largest lag."""
    lag = report.lags[-1]
    yield (
        f"At lag {lag} the whole is {size(report.whole, lag)} (lag 0 is 1), mean of log10 over "
        f"{len(report.positions)} position{'s' * (len(report.positions) != 1)}."
    )
    yield from _parts(report, lag)
    yield f"The whole of the same network untrained: {_compared(report.untrained, report.whole, lag)}."
    if report.against is not None:
        yield f"The whole of the other model: {_compared(report.against, report.whole, lag)}."


def size(sizes: Sizes, lag: int) -> str:
    """A size in words, e.g. 10^-2.8."""
    mean = sizes.mean(lag)
    return f"10^{mean:z.1f}" if isfinite(mean) else "exactly zero"


def _parts(report: GradientReport, lag: int) -> Iterator[str]:
    """Which part comes nearest in size to the top layer's gradient, and what the shortcut is worth."""
    top = report.layers[-1]
    name = "the whole" if len(report.layers) == 1 else "the top layer's gradient"
    if not isfinite(top.mean(lag)):
        return
    if len(report.layers) > 1:
        yield f"The top layer's own share of it, which the parts split, is {size(top, lag)}."
    gaps = {part: abs(sizes.mean(lag) - top.mean(lag)) for part, sizes in report.parts.items()}
    finite = {part: gap for part, gap in gaps.items() if isfinite(gap)}
    if not finite:
        yield "Every part is exactly zero."
        return
    nearest = min(finite, key=finite.__getitem__)
    yield f"Of the parts, {nearest} comes nearest in size to {name}: {size(report.parts[nearest], lag)}. " + (
        _VERDICTS[nearest] if finite[nearest] <= NEAR else "No part alone is within a factor of 3 of it."
    )
    yield (
        f"Without the shortcut the size is {_compared(report.parts['without shortcut'], top, lag)}; "
        f"with the shortcut alone it is {_compared(report.parts['shortcut only'], top, lag)}."
    )


def _compared(sizes: Sizes, base: Sizes, lag: int) -> str:
    difference = round(sizes.mean(lag), 1) - round(base.mean(lag), 1)  # as shown, so that a reader can subtract
    if not isfinite(difference):
        return size(sizes, lag)
    shown = f"{abs(difference):.1f}"
    if shown == "0.0":
        return f"{size(sizes, lag)}, as large within a factor of 10^0.1"
    return f"{size(sizes, lag)}, {'larger' if difference > 0 else 'smaller'} by a factor of 10^{shown}"
