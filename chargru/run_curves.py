"""The losses of runs by update, as they were trained, from their metrics.jsonl."""

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import ClassVar

from chargru import bundled, run
from chargru.arguments import real, whole
from chargru.errors import RunError, SettingError
from chargru.model import MODEL, Model
from chargru.shown import Brief, Shown, counted


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
    try:
        written = (path / run.METRICS).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    rows = [point for point in map(_point, written.split("\n")) if point is not None]
    update, train, val, rate = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Curve(update, train, val, rate)


def own_curves(model: Model) -> Curves | None:
    """The losses of the run that the model was read from; None if no file has them."""
    if model.path is None or model.path.name != MODEL:
        return None
    try:
        return Curves((_run_curve(model.path.parent),))
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
    if given.path is None or given.path.name != MODEL:
        raise RunError("this model was read from no run, so it has no losses", "name a run")
    return given.path.parent


def _run_curve(path: Path) -> RunCurve:
    if not path.exists():
        raise RunError(f"{path} does not exist", "list the runs with: chargru info")
    found, name = curve(path), bundled.called(str(path))
    if found is None or all(value is None for value in (*found.train_bpc, *found.val_bpc)):
        lacks = "has no" if found is None else "has no loss in its"
        raise RunError(f"{name} {lacks} {run.METRICS}, so there is nothing to plot", "plot another run")
    return RunCurve(str(path), found)


def _point(row: str) -> tuple[int, float | None, float | None, float | None] | None:
    """Update, losses and learning rate of a row; None if it was cut off, or something in it is no finite number."""
    try:
        found = json.loads(row)
        update = whole("update", found["update"])
        train, val, rate = (_finite(found.get(name)) for name in ("train_bpc", "val_bpc", "learning_rate"))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, SettingError):
        return None
    return update, train, val, rate


def _finite(value: object) -> float | None:
    number = None if value is None else real("value", value)
    if number is not None and not isfinite(number):
        raise ValueError(f"{value} is not finite")
    return number
