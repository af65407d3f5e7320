"""Ctrl-C, SIGTERM and SIGHUP: a run saves and stops, and once more stops it at once; any other command ends."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

from chargru import host
from chargru.errors import Interrupted

ONE_WISH = 1.0
"""Seconds after the first signal in which others mean the same: a double press, a shell that sends it twice."""

HELD_DOWN = 0.3
"""Seconds between the signals of a key that is held down, at most."""

STOPPING = "stopping: finishing this update, then saving ..."
AGAIN = "stopping: saving; press Ctrl-C again to stop without"
WRITING = "stopping: saving, which is not left half done ..."


class _Signals:
    """While entered, Ctrl-C and SIGTERM come to `_come`. Outside the main thread signals cannot be caught: none comes.

    One within another takes over what came before it, and hands on what came too late for it.
    """

    def __init__(self) -> None:
        self.requested = False
        self.first = self.latest = 0.0  # when signals came, by the monotonic clock
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in filter(self._hears, (signal.SIGINT, *host.END_SIGNALS)):
                self._before[number] = signal.signal(number, self._on_signal)
        for outer in self._outer():
            self.requested = self.requested or outer.requested
            self.first, self.latest = outer.first, outer.latest
        return self

    def __exit__(self, kind: object = None, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for outer in self._outer():
            outer.requested = outer.requested or self.requested
            outer.first, outer.latest = max(outer.first, self.first), max(outer.latest, self.latest)

    def _hears(self, number: int) -> bool:
        return host.may_be_heard(number)

    def _outer(self) -> list["_Signals"]:
        owners = (getattr(handler, "__self__", None) for handler in self._before.values())
        return [owner for owner in owners if isinstance(owner, _Signals)]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- as signal calls it
        now = time.monotonic()
        first = not self.requested
        self.first = now if first else self.first
        another = now - self.first > ONE_WISH and now - self.latest > HELD_DOWN
        self.requested, self.latest = True, now
        self._come(first=first, another=another)

    def _come(self, *, first: bool, another: bool) -> None:
        """The first signal, or `another` wish than the first; neither if it is a repetition."""
        raise NotImplementedError


class Ends(_Signals):
    """While entered, Ctrl-C and SIGTERM raise KeyboardInterrupt; the repetitions of one do not.

    One that the process was started to ignore, as a shell's script does for what it runs beside, stays ignored.
    """

    def _hears(self, number: int) -> bool:
        return signal.getsignal(number) is not signal.SIG_IGN

    def _come(self, *, first: bool, another: bool) -> None:
        if first or another:
            raise KeyboardInterrupt


class Stop(_Signals):
    """While entered, remembers in `requested` that a signal asked to stop.

    Another one, more than a second later, raises KeyboardInterrupt, unless something is being written; what leaves then
    is `kept()`, if it is given. `acknowledge` is called with what happens; it must not wait.
    """

    def __init__(
        self, acknowledge: Callable[[str], None] = lambda _: None, kept: Callable[[], Interrupted] | None = None
    ) -> None:
        super().__init__()
        self._acknowledge, self._kept = acknowledge, kept
        self._is_writing = self._is_waiting = False

    def __exit__(self, kind: object = None, *exc: object) -> None:
        super().__exit__()
        if kind is KeyboardInterrupt and self.requested and self._kept is not None:
            raise self._kept() from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Within it no signal interrupts."""
        before, self._is_writing = self._is_writing, True
        try:
            yield
        finally:
            self._is_writing = before

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within it the first signal ends the waiting, as another wish does elsewhere."""
        self._is_waiting = True
        try:
            yield
        finally:
            self._is_waiting = False

    def _come(self, *, first: bool, another: bool) -> None:
        if self._is_waiting and (first or another):
            raise KeyboardInterrupt
        if first:
            self._acknowledge(STOPPING)
        elif self._is_writing:
            self._acknowledge(WRITING)
        elif not another:
            self._acknowledge(AGAIN)
        else:
            raise KeyboardInterrupt
