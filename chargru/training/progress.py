"""What a person sees on stderr while a run trains: here plain lines, on a terminal the picture of `live.LiveProgress`.

`Progress` itself shows nothing and has the same interface.
"""

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from chargru.shown import megabytes, one_line, readable

PLAIN_INTERVAL = 10.0
"""Seconds between plain lines."""

SAMPLE_WIDTH = 78

TRAINING = "training"
WAITING = "waiting for the disk; Ctrl-C gives up"


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

    doing = "loading torch"
    """What is done before the first update, for whoever interrupts it."""

    patience = 60.0
    """Seconds for which a save that the disk refuses is tried again at the end: not many where nobody is told."""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *exc: object) -> None:
        return None

    def note(self, text: str) -> None:
        """Say something once."""

    def reading(self, what: str) -> None:
        """Something begins, before the first update, that may take more than a second."""
        self.doing = what

    def read_so_far(self, n_bytes: int, of: int) -> None:
        """So many bytes of the text were read by now; `of` is 0 where nobody knows how many there are."""

    def earlier(self, scores: Sequence[float]) -> None:
        """What the validations of the run had scored before this session, in bits per character."""

    def validating(self) -> None:
        """A validation begins."""

    def updated(self, status: Status) -> None:
        """An update is done."""

    def validated(self, status: Status, sample: str) -> None:
        """A validation is done; `sample` is a line of text that the model just wrote."""

    def wrote(self, sample: str) -> None:
        """A line of text that the model just wrote, beside those of the validations."""

    def stopping(self, what: str) -> None:
        """A signal to stop has come, and sets `what` going. A signal's handler calls this: it must not wait."""

    def waiting(self) -> None:
        """A save at the end was refused, and is tried again."""


@dataclass
class Reading:
    """Counts the bytes of a text, and tells the progress."""

    shown: Progress
    done: int = 0
    total: int = 0

    def more(self, n_bytes: int) -> None:
        """So many bytes are to be read besides."""
        self.total += n_bytes

    def advance(self, n_bytes: int) -> None:
        """So many more were read."""
        self.done += n_bytes
        self.shown.read_so_far(self.done, self.total)


def amount_read(n_bytes: int, of: int) -> str:
    """How much of the text was read."""
    return f"reading the text: {megabytes(n_bytes, of)}"


def figures(status: Status) -> str:
    """The status as one plain line."""
    parts = [f"update {status.update}", f"epoch {status.epoch:.2f}"]
    losses = (("train", status.train_bpc), ("val", status.val_bpc), ("best", status.best_bpc))
    parts += [f"{name} {loss:.3f}" for name, loss in losses if loss is not None]
    if any(loss is not None for _, loss in losses):
        parts[-1] += " bits/char"
    parts.append(pace(status))
    if status.seconds_left is not None:
        parts.append(f"{duration(status.seconds_left)} left")
    return ", ".join(parts)


def in_bits(nats: float | None) -> float | None:
    """Nats as bits."""
    return None if nats is None else nats / math.log(2)


def duration(seconds: float) -> str:
    """Seconds as 0:07, 12:30 or 3:05:00."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def visible(sample: str) -> str:
    """A sample as one line: line ends shown as ⏎, other control characters escaped."""
    return one_line(sample.replace("\n", "⏎"))


class PlainProgress(Progress):
    """One plain line an interval."""

    patience = 3600.0

    def __init__(self, stream: TextIO, interval: float = PLAIN_INTERVAL) -> None:
        self._stream, self._interval = stream, interval
        self._next = 0.0
        self._read_at = 0.0

    def note(self, text: str) -> None:
        """Print it; a reader that has gone does not end a training."""
        with contextlib.suppress(OSError):
            print(readable(text), file=self._stream, flush=True)

    def reading(self, what: str) -> None:
        """Print it, with an ellipsis."""
        super().reading(what)
        self.note(f"{what} ...")
        self._read_at = time.monotonic() + self._interval

    def read_so_far(self, n_bytes: int, of: int) -> None:
        """Print it if the interval is over."""
        if time.monotonic() >= self._read_at:
            self.reading(amount_read(n_bytes, of))

    def updated(self, status: Status) -> None:
        """Print the figures if the interval is over."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._interval
            self.note(figures(status))

    def validated(self, status: Status, sample: str) -> None:  # noqa: ARG002 -- a line an interval, no more
        """Print the figures if the interval is over."""
        self.updated(status)

    def stopping(self, what: str) -> None:
        """Print it, unless the stream is being written to at this very moment, or is gone."""
        with contextlib.suppress(RuntimeError, OSError, ValueError):
            self.note(what)


def pace(status: Status) -> str:
    """Characters a second, in thousands where they are many."""
    rate = status.chars_per_second
    return f"{rate / 1000:,.0f}k chars/s" if rate >= 10_000 else f"{rate:,.0f} chars/s"
