"""How many threads NumPy's products use, for as long as one needs it.

A network makes thousands of small products a second, and two threads that meet after each of them wait for each
other. On two quiet cores they gain nothing below some 300 units and 1.5 times at 512; beside one other busy process
they were 5 to 50 times slower than one. So one is the rule, and `Pace` tries two where they can gain. NumPy has no
call for it, but the OpenBLAS in its wheels has; with another BLAS nothing changes.
"""

import ctypes
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

_NAMES = ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads64_",
          "openblas_{}_num_threads")  # fmt: skip


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Products use `count` threads inside, or as many as before if those are fewer; afterwards as before."""
    calls = _calls()
    if calls is None:
        yield
        return
    get, set_ = calls
    before = int(get())
    set_(min(count, before))
    try:
        yield
    finally:
        set_(before)


LARGE = 1 << 20
"""Bytes of weights that a step must read for a second thread to gain anything: what a core's own cache holds."""


_PAUSE = 64


class Pace:
    """Runs blocks of steps on one thread, or on two where that proves quicker.

    A block on two threads that was slower than the best on one sends the work back to one, for 64 blocks at first
    and twice as many after each failure, so that a busy machine costs little. Rows in multiples of 16 give the same
    bits on one thread and on two: each thread has whole groups of rows.
    """

    def __init__(self, size: int) -> None:
        """`size` is the bytes of weights that a step reads."""
        self._pause = _PAUSE
        self._rest: float = 1 if size >= LARGE else math.inf
        self._best = math.inf

    @contextmanager
    def block(self, steps: int) -> Iterator[None]:
        """So many steps run inside."""
        count = 2 if self._rest <= 0 else 1
        started = time.perf_counter()
        with threads(count):
            yield
        self._took(count, (time.perf_counter() - started) / max(1, steps))

    def _took(self, count: int, seconds: float) -> None:
        if count == 1:
            self._best = min(self._best, seconds)
            self._rest -= 1
        elif seconds > self._best:
            self._rest, self._pause = self._pause, min(2 * self._pause, 16 * _PAUSE)
        else:
            self._pause = _PAUSE


@cache
def _calls() -> tuple[Any, Any] | None:
    """OpenBLAS's functions to get and set the number, or None. The search goes through what NumPy links."""
    core = getattr(np, "_core", None) or getattr(np, "core", None)
    try:
        library = ctypes.CDLL(core._multiarray_umath.__file__)  # type: ignore[union-attr]  # noqa: SLF001
    except (AttributeError, OSError):
        return None
    for name in _NAMES:
        try:
            return getattr(library, name.format("get")), getattr(library, name.format("set"))
        except AttributeError:
            continue
    return None
