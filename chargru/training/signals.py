"""Ctrl-C and SIGTERM: the first asks the run to save and stop, the second stops it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from chargru import host


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Before there is anything to save, SIGTERM ends a command as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in host.END_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Stop:
    """While entered, remembers in `requested` that a signal asked to stop.

    One within another takes over what came before it, and hands on what came too late for it. Outside the main thread
    (a library call) signals cannot be caught, and nothing is ever requested.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, *host.END_SIGNALS):
                self._before[number] = signal.signal(number, self._on_signal)
        self.requested = any(outer.requested for outer in self._outer())
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for outer in self._outer():
            outer.requested = outer.requested or self.requested

    def _outer(self) -> list["Stop"]:
        owners = (getattr(handler, "__self__", None) for handler in self._before.values())
        return [owner for owner in owners if isinstance(owner, Stop)]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- as signal calls it
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
