"""How far a command has come, on stderr, if it takes more than a second."""

import os
import sys
import time
from typing import TYPE_CHECKING, Self

from chargru.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress

SILENCE = 1.0
"""Seconds in which nothing need be said."""

INTERVAL = 10.0
"""Seconds between plain lines."""


class Steps:
    """Counts `total` steps: a live bar on a terminal, a plain line now and then elsewhere, nothing if it is quick."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._say_at = time.monotonic() + SILENCE
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, steps: int = 1) -> None:
        """So many steps are done."""
        self._done += steps
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=self._done)
        elif time.monotonic() >= self._say_at:
            self._say()

    def more(self, steps: int) -> None:
        """So many steps are to be done beside the `total`."""
        self._total += steps
        if self._bar:
            self._bar.update(self._bar.task_ids[0], total=self._total)

    def _say(self) -> None:
        if sys.stderr.isatty() and os.environ.get("TERM") not in (None, "dumb"):
            self._start_bar()
            return
        self._say_at = time.monotonic() + INTERVAL
        terminal.note(f"{self._what}: {min(1.0, self._done / max(1, self._total)):.0%}")

    def _start_bar(self) -> None:
        from rich.progress import Progress

        self._bar = Progress(console=terminal.console(stderr=True), transient=True)
        self._bar.add_task(self._what, total=self._total, completed=self._done)
        self._bar.start()
