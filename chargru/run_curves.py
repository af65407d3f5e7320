"""The losses of runs by update, as they were trained, from their metrics.jsonl."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chargru import bundled, documents, run
from chargru.documents import Row
from chargru.errors import RunError
from chargru.model import Model
from chargru.shown import Brief, Shown, counted

LONGEST_ROW = 10_000
"""Bytes; what is longer is no row."""


@dataclass(frozen=True)
class Curve(Brief):
    """The points of a run's metrics.jsonl; a number is None where there is none."""

    update: tuple[int, ...]
    train_bpc: tuple[float | None, ...]
    val_bpc: tuple[float | None, ...]
    learning_rate: tuple[float | None, ...]

    def in_brief(self) -> str:
        """How many points it has, and where it ends."""
        return f"of {counted(len(self.update), 'point')}, to update {self.update[-1] if self.update else 0:,}"


@dataclass(frozen=True)
class RunCurve(Brief):
    """The curve of a run."""

    checkpoint: str
    curve: Curve

    def in_brief(self) -> str:
        """Whose curve it is, and how long."""
        return f"of {bundled.called(self.checkpoint)}, to update {self.curve.update[-1] if self.curve.update else 0:,}"


@dataclass(frozen=True)
class Curves(Shown):
    """The curves of one run or more, in the order in which they were named; each has a loss at least."""

    schema: ClassVar = "chargru.curves/1"

    runs: tuple[RunCurve, ...]

    def in_brief(self) -> str:
        """Whose curves they are."""
        return f"of {', '.join(bundled.called(one.checkpoint) for one in self.runs)}; print it for a plot"


def curve(path: Path) -> Curve | None:
    """The loss of a run as it was trained; None without a metrics.jsonl. A row that cannot be read is left out."""
    if not run.holds(path, run.METRICS):
        return None
    try:
        found = [row for _, row in rows(path / run.METRICS)]
    except OSError:
        return None
    columns = ("update", "train_bpc", "val_bpc", "learning_rate")
    return Curve(*(tuple(getattr(row, name) for row in found) for name in columns))


def rows(path: Path) -> Iterator[tuple[bytes, Row]]:
    """The lines of a metrics.jsonl that can be read, each without its end and as a row. Raises OSError."""
    with path.open("rb") as file:
        begins = True
        while line := file.readline(LONGEST_ROW):
            ends = line.endswith(b"\n") or len(line) < LONGEST_ROW
            if begins and ends and (row := documents.row(line)):
                yield line.rstrip(b"\r\n"), row
            begins = ends


def own_curves(model: Model) -> Curves | None:
    """The losses of the run that the model was read from; None if no file has them."""
    if model.directory is None:
        return None
    try:
        return Curves((_run_curve(model.directory),))
    except RunError:
        return None


def curves(*runs: str | Path | Model) -> Curves:
    """The losses of one run or more by update, as they were trained; without a name those of the run trained last.

    A run is given as `load` takes it, or by its model. Printed they are a plot, as `chargru info RUN --plot` shows it.
    Raises RunError for a run that is not there, or that has no loss in its metrics.jsonl.

    >>> (cats,) = chargru.curves("cats").runs
    >>> cats.curve.update[-1], round(cats.curve.val_bpc[-1], 4)
    (30000, 0.5104)
    """
    paths = [_path(one) for one in runs] or [run.find_model(None)[0]]
    return Curves(tuple(map(_run_curve, dict.fromkeys(paths))))


def _path(given: str | Path | Model) -> Path:
    if not isinstance(given, Model):
        return run.named_run(run.word_for(str(given)) if isinstance(given, Path) else given)[0]
    if given.directory is None:
        raise RunError("this model was read from no run, so it has no losses", "name a run")
    return given.directory


def _run_curve(path: Path) -> RunCurve:
    if not path.exists():
        raise RunError(f"{path} does not exist", "list the runs with: chargru info")
    found, name = curve(path), bundled.called(str(path))
    if found is None or all(value is None for value in (*found.train_bpc, *found.val_bpc)):
        lacks = "has no" if found is None else "has no loss in its"
        raise RunError(f"{name} {lacks} {run.METRICS}, so there is nothing to plot", "plot another run")
    return RunCurve(str(path), found)
