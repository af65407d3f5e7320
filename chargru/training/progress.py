"""What a person sees while a run trains, on stderr: a live bar on a terminal, a plain line now and then elsewhere.

`Progress` itself shows nothing and has the same interface.
"""

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

PLAIN_INTERVAL = 10.0
"""Seconds between plain lines."""

SAMPLE_WIDTH = 78


@dataclass(frozen=True)
class Status:
    """Where a run stands. Losses are in bits per character; None where nothing is known yet."""

    share: float
    update: int
    epoch: float
    train_bpc: float | None = None
    val_bpc: float | None = None
    best_bpc: float | None = None
    chars_per_second: float = 0.0
    seconds_left: float | None = None


class Progress:
    """Shows nothing; the interface of all."""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *exc: object) -> None:
        return None

    def note(self, text: str) -> None:
        """Say something once."""

    def reading(self, what: str) -> None:
        """Something begins, before the first update, that may take more than a second."""

    def validating(self) -> None:
        """A validation begins."""

    def updated(self, status: Status) -> None:
        """An update is done."""

    def validated(self, status: Status, sample: str) -> None:
        """A validation is done; `sample` is a line of text that the model just wrote."""


def figures(status: Status) -> str:
    """The status as one plain line."""
    parts = [f"update {status.update}", f"epoch {status.epoch:.2f}"]
    losses = (("train", status.train_bpc), ("val", status.val_bpc), ("best", status.best_bpc))
    parts += [f"{name} {loss:.3f}" for name, loss in losses if loss is not None]
    if any(loss is not None for _, loss in losses):
        parts[-1] += " bits/char"
    parts.append(_pace(status))
    if status.seconds_left is not None:
        parts.append(f"{duration(status.seconds_left)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as 0:07, 12:30 or 3:05:00."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def visible(sample: str) -> str:
    """A sample as one line: line ends shown as ⏎, other control characters escaped."""
    shown = sample.replace("\n", "⏎")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown)


class PlainProgress(Progress):
    """One plain line an interval."""

    def __init__(self, stream: TextIO, interval: float = PLAIN_INTERVAL) -> None:
        self._stream, self._interval = stream, interval
        self._next = 0.0

    def note(self, text: str) -> None:
        """Print it."""
        print(text, file=self._stream, flush=True)

    def reading(self, what: str) -> None:
        """Print it, with an ellipsis."""
        self.note(f"{what} ...")

    def updated(self, status: Status) -> None:
        """Print the figures if the interval is over."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._interval
            self.note(figures(status))

    def validated(self, status: Status, sample: str) -> None:  # noqa: ARG002 -- a line an interval, no more
        """Print the figures if the interval is over."""
        self.updated(status)


class LiveProgress(Progress):
    """A bar with the figures and the latest sample below it; notes scroll by above."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=stream, markup=False, emoji=False, highlight=False)
        self._status: Status | None = None
        self._sample = ""
        self._working = "preparing"
        self._live = Live(get_renderable=self._render, console=self._console, refresh_per_second=4, transient=True)

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def note(self, text: str) -> None:
        """Print it above the bar."""
        self._console.print(text, soft_wrap=True)

    def reading(self, what: str) -> None:
        """Show it in the place of the time left."""
        self._working = what

    def validating(self) -> None:
        """Show that."""
        self._working = "validating"

    def updated(self, status: Status) -> None:
        """Show the status."""
        self._status, self._working = status, ""

    def validated(self, status: Status, sample: str) -> None:
        """Show the status and keep the sample."""
        self.updated(status)
        self._sample = sample

    def _render(self) -> "Group":
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        status = self._status
        head = Table.grid(padding=(0, 1), expand=True)
        head.add_column(ratio=1)
        head.add_column(no_wrap=True, justify="right")
        left = self._working or f"{duration((status and status.seconds_left) or 0)} left"
        share = min(1.0, status.share) if status else 0.0
        head.add_row(ProgressBar(total=1.0, completed=share), Text(f"{share:4.0%} {left}"))
        rows: list[Table | Text] = [head]
        if status:
            rows.append(_lines(status))
        if self._sample:
            rows.append(Text(visible(self._sample), style="italic", no_wrap=True, overflow="ellipsis"))
        return Group(*rows)


def _pace(status: Status) -> str:
    rate = status.chars_per_second
    return f"{rate / 1000:,.0f}k chars/s" if rate >= 10_000 else f"{rate:,.0f} chars/s"


def _lines(status: Status) -> "Text":
    from rich.text import Text

    bits = ["-" if loss is None else f"{loss:.3f}" for loss in (status.train_bpc, status.val_bpc, status.best_bpc)]
    rows = (
        (("train", bits[0]), ("validation", bits[1]), ("best", f"{bits[2]} bits per character")),
        (("update", f"{status.update:,}"), ("epoch", f"{status.epoch:.2f}"), ("pace", _pace(status))),
    )
    words = [[Text.assemble((f"{name} ", "dim"), value) for name, value in row] for row in rows]
    return Text("\n").join(Text("   ").join(row) for row in words)


def for_stream(stream: TextIO | None = None) -> Progress:
    """The progress that suits a stream (stderr): live on a terminal that can, plain elsewhere."""
    stream = sys.stderr if stream is None else stream
    live = stream.isatty() and os.environ.get("TERM") not in ("dumb", None)
    return LiveProgress(stream) if live else PlainProgress(stream)
