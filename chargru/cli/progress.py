"""How far a command has come, on stderr, if it takes more than a second."""

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from chargru.cli import terminal
from chargru.training.progress import duration

if TYPE_CHECKING:
    from rich.console import RenderableType

    from chargru.show.live import Live

SILENCE = 1.0
"""Seconds in which nothing need be said."""

INTERVAL = 10.0
"""Seconds between plain lines."""


class Steps:
    """Counts `total` steps: a live bar on a terminal, a plain line now and then elsewhere, nothing if it is quick.

    Where the total is 0, nobody knows how many there will be: then it says how many are done, in words by `amount`.
    """

    def __init__(self, what: str, total: int, amount: Callable[[int], str] = "{:,}".format) -> None:
        self._what, self._total, self._done, self._amount = what, total, 0, amount
        self._began = time.monotonic()
        self._say_at = self._began + SILENCE
        self._bar: Live | None = None

    def __enter__(self) -> Self:
        terminal.doing(self._what)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, steps: int = 1) -> None:
        """So many steps are done."""
        self._done += steps
        if self._bar is None and time.monotonic() >= self._say_at:
            self._say()

    def more(self, steps: int) -> None:
        """So many steps are to be done beside the `total`."""
        self._total += steps

    def _say(self) -> None:
        if sys.stderr.isatty() and os.environ.get("TERM") not in (None, "dumb"):
            self._start_bar()
            return
        self._say_at = time.monotonic() + INTERVAL
        terminal.note(f"{self._what}: {f'{self._share:.0%}' if self._total else self._amount(self._done)}")

    def _start_bar(self) -> None:
        from chargru.show.live import Live

        self._bar = Live(terminal.console(stderr=True), self._picture)
        self._bar.start()

    def _picture(self, width: int) -> "RenderableType":
        from rich.text import Text

        from chargru.show.live import bar

        if not self._total:
            return Text(f"{self._what}: {self._amount(self._done)}")
        return bar(self._share, self._words, width)

    @property
    def _share(self) -> float:
        return min(1.0, self._done / max(1, self._total))

    @property
    def _words(self) -> str:
        """What is done, and about how long it will take."""
        share = self._share
        left = (time.monotonic() - self._began) * (1 - share) / share if share else None
        return self._what if left is None else f"{self._what}, {duration(left)} left"
