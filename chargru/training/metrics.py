"""metrics.jsonl: one row a point of the run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from chargru import tensorfile
from chargru.errors import RunError, named
from chargru.run import METRICS


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
        if self._path.exists():
            kept = [
                row
                for row in self._path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
                if _update(row) <= updates
            ]
            tensorfile.write_atomically(self._path, "".join(kept).encode())
            scores = (json.loads(row).get("val_bpc") for row in kept)
            self.validations = [score for score in scores if isinstance(score, float)]

    def add(self, point: Point) -> None:
        """Append a row. Raises RunError if the disk refuses."""
        try:
            with self._path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(asdict(point)) + "\n")
        except OSError as error:
            raise RunError(
                f"cannot write {self._path}: {error.strerror}", f"make room, then {named('resume=True')}"
            ) from error


def _update(row: str) -> float:
    """The row's update; a row cut off by a crash counts as beyond every update."""
    try:
        return int(json.loads(row)["update"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
