"""metrics.jsonl: one row a point of the run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from chargru import tensorfile
from chargru.errors import RunError, named
from chargru.run import METRICS
from chargru.run_curves import rows


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


class Metrics:
    """Appends points to a run's metrics.jsonl."""

    def __init__(self, run: Path, updates: int) -> None:
        """Go on after `updates`: later rows, of a process that died before it saved, are dropped."""
        self._path = run / METRICS
        self.validations: list[float] = []
        """What the validations scored until then, in bits per character."""
        if self._path.is_file():
            kept = [(line, row) for line, row in rows(self._path) if row.update <= updates]
            tensorfile.write_atomically(self._path, b"".join(line + b"\n" for line, _ in kept))
            self.validations = [row.val_bpc for _, row in kept if row.val_bpc is not None]

    def add(self, point: Point) -> None:
        """Append a row. Raises RunError if the disk refuses."""
        try:
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(asdict(point)) + "\n")
        except OSError as error:
            raise RunError(
                f"cannot write {self._path}: {error.strerror}", f"make room, then {named('resume=True')}"
            ) from error
