"""metrics.jsonl: one row a point of the run."""

import contextlib
import json
import os
from collections import deque
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from chargru import tensorfile
from chargru.errors import DamagedRunError, RunError, named
from chargru.run import METRICS
from chargru.run_curves import rows
from chargru.training.progress import Status

KEPT = 10_000
"""So many rows wait for a disk that refuses; of more the oldest are dropped."""


@dataclass(frozen=True)
class Point:
    """What is known at an update. Losses are bits per character; val_bpc is None where nothing was validated."""

    update: int
    epoch: float
    seconds: float
    train_bpc: float | None
    val_bpc: float | None
    learning_rate: float
    grad_norm: float
    chars_per_second: float

    @classmethod
    def of(
        cls, status: Status, val_bpc: float | None, seconds: float, learning_rate: float, grad_norm: float
    ) -> "Point":
        """Where a run stands, in as many decimals as a reader needs."""
        return cls(
            update=status.update,
            epoch=round(status.epoch, 4),
            seconds=round(seconds, 3),
            train_bpc=status.train_bpc,
            val_bpc=val_bpc,
            learning_rate=learning_rate,
            grad_norm=grad_norm,
            chars_per_second=round(status.chars_per_second, 1),
        )


class Metrics:
    """Appends points to a run's metrics.jsonl."""

    def __init__(self, run: Path, updates: int, validated: int) -> None:
        """Go on after `updates`, the last validation at update `validated`.

        Later rows, of a process that died before it saved, are dropped: what they tell of is done again. Raises
        DamagedRunError if something else than a file has the name.
        """
        self._path = run / METRICS
        if os.path.lexists(self._path) and not self._path.is_file():  # to write into a FIFO waits for ever
            raise DamagedRunError(f"{self._path} is not a file", "move it away; the run then begins a new one")
        self._waiting: deque[str] = deque(maxlen=KEPT)
        self._end: int | None = None  # where the file's rows end while more may stand there, of a write that failed
        self.validations: list[float] = []
        """What the validations scored until then, in bits per character."""
        if self._path.is_file():
            last = {True: updates, False: validated}
            kept = [(line, row) for line, row in rows(self._path) if row.update <= last[row.val_bpc is None]]
            tensorfile.write_atomically(self._path, b"".join(line + b"\n" for line, _ in kept))
            self.validations = [row.val_bpc for _, row in kept if row.val_bpc is not None]

    @property
    def waiting(self) -> int:
        """How many rows the disk refused until now."""
        return len(self._waiting)

    def add(self, point: Point) -> None:
        """Append a row. If the disk refuses, it waits for the next one, or for `write`, which says why."""
        self._waiting.append(json.dumps(asdict(point)) + "\n")
        with contextlib.suppress(RunError):
            self.write()

    def write(self) -> None:
        """Append the rows that wait: all of them or none. Raises RunError if the disk refuses."""
        if not self._waiting:
            return
        try:
            with self._path.open("ab", buffering=0) as file:
                self._append(file, "".join(self._waiting).encode())
        except OSError as error:
            hint = f"make room, then {named('resume=True')}"
            raise RunError(f"cannot write {self._path}: {error.strerror}", hint) from error
        self._waiting.clear()
        self._end = None

    def _append(self, file: FileIO, rows: bytes) -> None:
        """Append to a file, which on a full disk is cut back to what it was, now or by the next call. Raises OSError.

        A network's file system may refuse only when the file is closed; then nobody knows what of it is there.
        """
        end, written = file.seek(0, os.SEEK_END), 0
        self._end = end if self._end is None else min(self._end, end)
        if self._end < end:
            file.truncate(self._end)
        try:
            while written < len(rows):
                written += file.write(rows[written:])
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(self._end)
            raise
