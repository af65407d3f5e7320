"""Documents as JSON, rows as CSV and arrays as NPZ, for every kind of fact."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from math import isfinite
from typing import Any

import numpy as np

from chargru.show.view import View
from chargru.shown import NOT_WRITTEN


def as_json(fact: Any, _: View | None = None) -> str:
    """A fact whose fields are its document, but for those NOT_WRITTEN.

    A field with a default is left out where it has it.
    """
    optional = {field.name: field.default for field in fields(fact) if field.default is not MISSING}
    inside = {field.name for field in fields(fact) if field.metadata == NOT_WRITTEN}
    everything = ((name, value) for name, value in asdict(fact).items() if name not in inside)
    entries = {name: value for name, value in everything if name not in optional or value != optional[name]}
    return json_text({"schema": fact.schema, **entries}, indent=2)


def json_text(document: Mapping[str, Any], indent: int | None = None) -> str:
    """The document, by default on one line. A number reads back as the same float64; NaN is an error of ours."""
    return json.dumps(document, indent=indent, allow_nan=False) + "\n"


def csv_text(rows: Iterable[Sequence[Any]], *, quote_blanks: bool = False) -> str:
    """The rows, a line each. With `quote_blanks` the text of a row in which some is blank or unprintable is quoted.

    Else a reader may strip it or break the line there.
    """
    stream = io.StringIO(newline="")
    plain = csv.writer(stream, lineterminator="\n")
    quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        (quoting if quote_blanks and any(map(_is_blank, row)) else plain).writerow(row)
    return stream.getvalue()


def _is_blank(cell: object) -> bool:
    return isinstance(cell, str) and (cell.isspace() or not cell.isprintable())


def npz_bytes(arrays: Mapping[str, Any]) -> bytes:
    """The arrays by name."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def finite(value: float) -> float | None:
    """What JSON can hold of a number: None where it is not finite."""
    return value if isfinite(value) else None
