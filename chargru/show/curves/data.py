"""The losses of runs by update as a JSON document and as CSV, every point and digit."""

from collections.abc import Iterator
from typing import Any

from chargru.run_curves import Curves
from chargru.show.data import csv_text, json_text
from chargru.show.view import View

COLUMNS = ("update", "train_bpc", "val_bpc", "learning_rate")


def as_json(found: Curves, _: View | None = None) -> str:
    """The document chargru.curves/1: each run with its columns, null where a point has no such number."""
    runs = [
        {"checkpoint": one.checkpoint, **{name: list(getattr(one.curve, name)) for name in COLUMNS}}
        for one in found.runs
    ]
    return json_text({"schema": found.schema, "runs": runs})


def as_csv(found: Curves, _: View | None = None) -> str:
    """A row a point, the run first; a cell is empty where there is no such number."""
    return csv_text(_rows(found))


def _rows(found: Curves) -> Iterator[tuple[Any, ...]]:
    yield ("run", *COLUMNS)
    for one in found.runs:
        for row in zip(*(getattr(one.curve, name) for name in COLUMNS), strict=True):
            yield (one.checkpoint, *row)
