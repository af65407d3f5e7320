"""What a person sees in a notebook while a run trains: a bar with the figures, the curve and the latest sample.

It is HTML that is shown once and then replaced, by IPython alone: rich's own bar needs ipywidgets in a notebook.
"""

import math
import sys
import time
from collections.abc import Sequence
from html import escape
from typing import Any

from chargru.errors import SettingError, named
from chargru.training.live import for_stream
from chargru.training.progress import WAITING, Progress, Status, duration, figures, visible

INTERVAL = 0.25
"""Seconds between two pictures, at least."""

NOTES = 6
"""So many of the latest notes stand below the bar."""


_GAP = "&emsp;"
_WHOLE = "font:13px/1.6 system-ui,sans-serif;font-variant-numeric:tabular-nums;max-width:680px;color:inherit"
_TRACK = "flex:1;height:8px;border-radius:4px;overflow:hidden;background:rgba(127,127,127,.3)"
_DONE = "height:100%;background:#0072b2"
_SAMPLE = "font:12px/1.6 ui-monospace,Menlo,Consolas,monospace;white-space:pre;overflow:hidden;text-overflow:ellipsis"
_WIDE, _HIGH = 120, 16
"""Of the curve, in pixels."""


def chosen(progress: Progress | bool | None) -> Progress:
    """The progress that `chargru.train` was asked for; without a choice one where a person waits for it.

    That is a notebook's kernel, or a Python prompt on a terminal. Raises SettingError for anything else.
    """
    if isinstance(progress, Progress):
        return progress
    if progress not in (None, True, False):
        what = f"{named('progress')} is of type {type(progress).__name__}, but it must be true or false"
        raise SettingError(what, "or give a Progress of chargru.training.progress")
    waiting = in_notebook() or at_prompt()
    if not (waiting if progress is None else progress):
        return Progress()
    return NotebookProgress() if in_notebook() else for_stream()


def in_notebook() -> bool:
    """Whether this process is a notebook's kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def at_prompt() -> bool:
    """Whether a person types at Python's prompt, or IPython's, in a terminal."""
    return hasattr(sys, "ps1") and sys.stderr is not None and sys.stderr.isatty()


class NotebookProgress(Progress):
    """A bar that replaces itself, at most once in INTERVAL; the last picture stays."""

    patience = math.inf  # a person can interrupt the kernel

    def __init__(self) -> None:
        self._shown: Any = None
        self._drawn = 0.0
        self._doing = "preparing"
        self._status: Status | None = None
        self._curve: list[float] = []
        self._sample = ""
        self._notes: list[str] = []

    def __exit__(self, *exc: object) -> None:
        self._doing = "done" if exc[0] is None else "stopped"
        self._draw(now=True)

    def note(self, text: str) -> None:
        """Show it below the bar, with the latest ones; what goes on for a while, in the place of the time left."""
        if text.endswith(" ..."):
            self._doing = text.removesuffix(" ...")
        else:
            self._notes = [*self._notes, text][-NOTES:]
        self._draw(now=True)

    def reading(self, what: str) -> None:
        """Show it in the place of the time left."""
        super().reading(what)
        self._doing = what
        self._draw(now=True)

    def earlier(self, scores: Sequence[float]) -> None:
        """Begin the curve with what the validations of the run had scored before this session."""
        self._curve[:0] = scores

    def validating(self) -> None:
        """Show that."""
        self._doing = "validating"
        self._draw()

    def updated(self, status: Status) -> None:
        """Show the status."""
        self._status, self._doing = status, ""
        self._draw()

    def validated(self, status: Status, sample: str) -> None:
        """Show the status with a longer curve, and the sample."""
        self._sample = sample
        if status.val_bpc is not None:
            self._curve.append(status.val_bpc)
        self.updated(status)

    def wrote(self, sample: str) -> None:
        """Keep it as the sample."""
        self._sample = sample

    def stopping(self, what: str) -> None:
        """Show it from the next picture on: a signal's handler, which calls this, must not wait."""
        self._doing = what

    def waiting(self) -> None:
        """Show it in the place of the time left."""
        self._doing = WAITING
        self._draw()

    def _draw(self, *, now: bool = False) -> None:
        if not now and time.monotonic() - self._drawn < INTERVAL:
            return
        from IPython.display import display  # type: ignore[import-not-found, unused-ignore]

        data = {"text/html": self.picture(), "text/plain": self._plain()}
        show: Any = display
        if self._shown is None:
            self._shown = show(data, raw=True, display_id=True)
        else:
            self._shown.update(data, raw=True)
        self._drawn = time.monotonic()

    def _plain(self) -> str:
        """The picture where there is no HTML."""
        return figures(self._status) if self._status else self._doing

    def picture(self) -> str:
        """The present picture as HTML in the notebook's own colours; all text is escaped."""
        status = self._status
        rows = [self._bar(status)]
        if status is not None:
            rows += [self._losses(status), _counts(status)]
        if self._sample:
            rows.append(f'<div style="{_SAMPLE}">{escape(visible(self._sample))}</div>')
        rows += [f'<div style="opacity:.75">{escape(text)}</div>' for text in self._notes]
        return f'<div style="{_WHOLE}">{"".join(rows)}</div>'

    def _bar(self, status: Status | None) -> str:
        percent = round(100 * min(1.0, status.share)) if status else 0
        left = self._doing or f"{duration((status and status.seconds_left) or 0)} left"
        values = f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}"'
        return (
            f'<div style="display:flex;gap:10px;align-items:center"><div role="progressbar" aria-label="training" '
            f'{values} style="{_TRACK}"><div style="{_DONE};width:{percent}%"></div></div>'
            f"<span>{percent}% {escape(left)}</span></div>"
        )

    def _losses(self, status: Status) -> str:
        named = (("validation", status.val_bpc), ("best", status.best_bpc), ("training", status.train_bpc))
        parts = [_named(name, f"{bits:.3f}") for name, bits in named if bits is not None]
        if len(self._curve) > 1 and status.val_bpc is not None:
            parts[0] = f"{_named('validation', f'{self._curve[0]:.3f}')} {_sparkline(self._curve)} {status.val_bpc:.3f}"
        return f"<div>{_GAP.join(parts)}{' bits per character' if parts else ''}</div>"


def _counts(status: Status) -> str:
    pace = f"{status.chars_per_second:,.0f} characters a second"
    counts = (("update", f"{status.update:,}"), ("epoch", f"{status.epoch:.2f}"), ("pace", pace))
    return f"<div>{_GAP.join(_named(name, value) for name, value in counts)}</div>"


def _named(name: str, value: str) -> str:
    return f'<span style="opacity:.75">{name}</span> {value}'


def _sparkline(curve: Sequence[float]) -> str:
    """The curve as a line of a few pixels' height, its lowest point at the foot."""
    high, span = max(curve), max(curve) - min(curve) or 1.0
    points = (
        f"{at / (len(curve) - 1) * _WIDE:.1f},{1 + (high - bits) / span * (_HIGH - 2):.1f}"
        for at, bits in enumerate(curve)
    )
    return (
        f'<svg width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}" style="vertical-align:middle" '
        'aria-hidden="true" fill="none" stroke="#0072b2" stroke-width="2">'
        f'<polyline points="{" ".join(points)}"/></svg>'
    )
