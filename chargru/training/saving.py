"""Saving a run on a disk that may refuse: it is said, tried again while training goes on, and waited for at the end."""

import errno
import math
import time
from collections.abc import Callable
from pathlib import Path

from chargru.errors import RunError, named
from chargru.run import METRICS
from chargru.shown import counted
from chargru.tensorfile import NotFlushedError
from chargru.training.metrics import Metrics
from chargru.training.progress import Progress, duration
from chargru.training.schedule import SAVE_EVERY
from chargru.training.signals import Stop

TRY_EVERY = 5.0
"""Seconds between the attempts at the end, when nothing else is left to do."""

REMIND_EVERY = 600.0
"""Seconds after which a refusal that lasts is said again."""

FOLDER_GONE = (errno.ENOENT, errno.ENOTDIR)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


class Saving:
    """Saves a run by calling functions that write; what the disk refuses is said through `shown`."""

    def __init__(self, run: Path, shown: Progress, update: int) -> None:
        self._run, self._shown = run, shown
        self._told, self._told_at = "", 0.0
        self._rows_told = False
        self._unflushed: NotFlushedError | None = None
        self.update = update
        """The update of the last save."""

    def attempt(self, write: Callable[[], None], update: int) -> None:
        """Write, or say that it was refused and that training goes on; what is refused stays to be written."""
        try:
            self._write(write, update)
        except RunError as error:
            self._tell(error, f"training goes on, and saving is tried again every {SAVE_EVERY:g} s", update)

    def insist(self, write: Callable[[], None], update: int, stop: Stop) -> None:
        """Write; if it is refused, wait and try again for as long as whoever is told has patience.

        Raises RunError after that time, unless all is written and only not flushed. Ctrl-C gives up at once
        (`Stop.waiting`).
        """
        began = time.perf_counter()
        patience = self._shown.patience
        limit = "" if math.isinf(patience) else f" for {duration(patience)}"
        while True:
            try:
                return self._write(write, update)
            except RunError as error:
                over = time.perf_counter() - began >= patience
                if over and isinstance(error, NotFlushedError):
                    lost = "a loss of power could undo that"
                    return self._shown.note(f"saved at update {update:,}; {error.message}; {lost}")
                if over:
                    hint = f"{self._run} holds what it held at update {self.update}; {_cure(error, self._run)}, "
                    raise RunError(error.message, f"{hint}then {named('resume=True')}") from error
                what = f"saving is tried again every {TRY_EVERY:g} s{limit}; Ctrl-C gives up"
                self._shown.waiting()
                self._tell(error, what, update)
            with stop.waiting():
                time.sleep(min(TRY_EVERY, patience))

    def put(self, write: Callable[[], None]) -> None:
        """Write a file. One that is only not flushed is there: the others are written, too, before that is said."""
        try:
            write()
        except NotFlushedError as error:
            self._unflushed = error

    def write_rows(self, metrics: Metrics) -> None:
        """Append the rows that wait. What the disk refuses is said once: without rows a run is whole, and saved."""
        try:
            metrics.write()
        except RunError as error:
            if not self._rows_told:
                again = "its rows are tried again with every save"
                self._shown.note(f"{error.message}; {_cure(error, self._run)}; the run is saved, and {again}")
            self._rows_told = True
        else:
            self._rows_told = False

    def say_missing(self, metrics: Metrics) -> None:
        """At the end: say how many rows the disk refused to the last."""
        if metrics.waiting:
            self._shown.note(f"{counted(metrics.waiting, 'row')} of {self._run / METRICS} could not be written")

    def _write(self, write: Callable[[], None], update: int) -> None:
        self._unflushed = None
        write()
        self.update = update
        if self._unflushed is not None:
            raise self._unflushed
        if self._told:
            self._shown.note(f"saved again, at update {update:,}")
        self._told = ""

    def _tell(self, error: RunError, what: str, update: int) -> None:
        """Say once what was refused, and again if it is something else or lasts."""
        saved = "saved, but not safely," if isinstance(error, NotFlushedError) else "not saved"
        now, said = time.perf_counter(), saved + _cure(error, self._run) + what
        if said != self._told or now - self._told_at >= REMIND_EVERY:
            self._told, self._told_at = said, now
            self._shown.note(f"{saved} at update {update:,}: {error.message}; {_cure(error, self._run)}; {what}")


def _cure(error: RunError, run: Path) -> str:
    """What to do about a refusal."""
    number = error.__cause__.errno if isinstance(error.__cause__, OSError) else None
    if number in NO_ROOM:
        return "make room on that disk"
    if number in FOLDER_GONE:  # not made anew here: it may lie on a disk that was taken out, or be unwanted
        return f"put {run} back, or make that folder"
    if number in NOT_ALLOWED:
        return "allow writing there"
    return "check that disk"
