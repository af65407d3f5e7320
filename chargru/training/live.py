"""What a person sees on a terminal while a run trains, and which progress suits a stream."""

import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from chargru.shown import MEGABYTE, readable
from chargru.training.picture import Picture
from chargru.training.progress import WAITING, PlainProgress, Progress, Status, amount_read


class LiveProgress(Progress):
    """A bar with the figures, the curve and the latest sample below it; notes scroll by above."""

    patience = math.inf  # a person can press Ctrl-C

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console

        from chargru.show.live import Live, shows_blocks

        self._console = Console(file=stream, markup=False, emoji=False, highlight=False)
        self._picture = Picture()
        blocks = shows_blocks(stream)
        self._live = Live(self._console, lambda width: self._picture.drawn(width, blocks=blocks))

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def note(self, text: str) -> None:
        """Print it above the bar; a terminal that was closed does not end a training."""
        with suppress(OSError):
            self._console.print(readable(text))

    def reading(self, what: str) -> None:
        """Show it in the place of the time left."""
        super().reading(what)
        self._picture.working = what

    def read_so_far(self, n_bytes: int, of: int) -> None:
        """Show it in the place of the time left, once it is a megabyte."""
        if n_bytes >= MEGABYTE:
            self._picture.working = amount_read(n_bytes, of)

    def earlier(self, scores: Sequence[float]) -> None:
        """Begin the curve with them."""
        self._picture.curve[:0] = scores

    def validating(self) -> None:
        """Show that."""
        self._picture.working = "validating"

    def updated(self, status: Status) -> None:
        """Show the status."""
        self._picture.status, self._picture.working = status, ""

    def validated(self, status: Status, sample: str) -> None:
        """Show the status with a longer curve, and keep the sample."""
        self.updated(status)
        self._picture.sample = sample
        if status.val_bpc is not None:
            self._picture.curve.append(status.val_bpc)

    def wrote(self, sample: str) -> None:
        """Keep it as the sample."""
        self._picture.sample = sample

    def stopping(self, what: str) -> None:
        """Show it in the place of the sample, from the next drawing on."""
        self._picture.stopping = what

    def waiting(self) -> None:
        """Show it in the place of the sample."""
        self._picture.stopping = WAITING


def for_stream(stream: TextIO | None = None) -> Progress:
    """The progress that suits a stream (stderr): live on a terminal that can, plain elsewhere."""
    stream = sys.stderr if stream is None else stream
    live = stream.isatty() and os.environ.get("TERM") not in ("dumb", None)
    return LiveProgress(stream) if live else PlainProgress(stream)
