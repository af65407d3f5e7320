"""A run that was trained, in words: how well it predicts, when it was best, its curve in one line, what it writes."""

from math import log2

from rich.text import Text

from chargru.bundled import called
from chargru.run_summary import Report, TrainingSummary
from chargru.show.columns import WIDTH, wrapped
from chargru.show.curves.terminal import known
from chargru.show.data import as_json as as_document
from chargru.show.sparkline import sparkline
from chargru.show.view import View
from chargru.shown import one_line

CURVE_WIDTH = 24
SAMPLE_LINES = 3


def as_json(found: TrainingSummary, _: View | None = None) -> str:
    """The document of its report, chargru.train/1."""
    return as_document(found.report)


def render(found: TrainingSummary, view: View | None = None) -> Text:
    """About a dozen lines, no wider than the terminal or 80 columns."""
    width = min((view or View()).width or WIDTH, WIDTH)
    parts = [_network(found), _score(found), _course(found.report)]
    lines = [line for part in parts for line in wrapped(part, width)]
    shown = _curve(found, width)
    lines += ["", shown] if shown else []
    sample = _sample(found.sample, width)
    return Text("\n".join([*lines, *(["", "It writes:", *sample] if sample else [])]), no_wrap=True)


def _network(found: TrainingSummary) -> str:
    size = f"{found.layers} layer{'s' * (found.layers != 1)} of {found.hidden_size:,} units"
    return f"{one_line(called(found.report.checkpoint))}: {size}, {found.report.parameters:,} parameters"


def _score(found: TrainingSummary) -> str:
    """How well it predicts, beside what a guess needs and what the network needed that it began from."""
    report, guess = found.report, f"a uniform guess among its {found.characters:,} characters would need"
    if report.val_bpc is None:
        return "How well it predicts is not known: no part of the text was kept to score it on."
    said = f"{report.val_bpc:.3f} bits per character on text it had not seen; {guess} {log2(found.characters):.3f}."
    before = (report.init_from or {}).get("val_bpc")
    if before is None:
        return said
    return f"{said} Before training it needed {before:.3f}."


def _course(report: Report) -> str:
    best = f"update {report.best_update:,} of {report.updates:,}"
    if report.val_bpc is None or report.best_update == report.updates:
        best = f"update {report.updates:,}, the last"
    passes = f"{report.epochs:,.{1 if report.epochs < 100 else 0}f} epochs in {_time(report.seconds)}"
    word = "It holds" if report.val_bpc is None else "Best at"
    return f"{word} {best}; {passes}, {_rounded(report.chars_per_second)} characters a second."


def _rounded(number: float) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def _curve(found: TrainingSummary, width: int) -> str:
    """The validation losses from the first to the last; empty if there are fewer than two, or no room for them."""
    points = known(found.curve, "val_bpc") if found.curve is not None else []
    if len(points) < 2:
        return ""
    (first_update, first), (last_update, last) = points[0], points[-1]
    start, end = f"validation {first:.3f} ", f" {last:.3f}"
    line = start + sparkline([loss for _, loss in points], min(CURVE_WIDTH, width - len(start + end))) + end
    updates = f", update {first_update:,} to {last_update:,}"
    return line + updates if len(line + updates) <= width else line


def _sample(text: str, width: int) -> list[str]:
    """The first lines of it, indented."""
    lines = [
        line
        for row in text.splitlines()
        if row.strip()
        for line in wrapped(one_line(row), width, indent="  ", further="  ")
    ]
    return lines[:SAMPLE_LINES]
