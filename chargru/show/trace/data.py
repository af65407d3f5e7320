"""A trace as JSON, CSV and NPZ: always PyTorch's r, z, n, whole, every digit, whatever a table shows."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from chargru.gru.cell import CellStep
from chargru.insight import force_effect
from chargru.insight.trace import VALUES, Trace
from chargru.show.data import csv_text, json_text, npz_bytes
from chargru.show.view import View

SCHEMA = "chargru.trace/1"


def document(trace: Trace) -> dict[str, Any]:
    """The trace document, chargru.trace/1: plain lists and numbers."""
    return {
        "schema": SCHEMA,
        "checkpoint": trace.checkpoint,
        "text": trace.text,
        "check": None if trace.check is None else asdict(trace.check),
        "steps": [_step(trace, position) for position in range(len(trace.steps))],
        "forced": None if trace.original is None else _forced(trace, trace.original),
    }


def _forced(trace: Trace, original: Trace) -> dict[str, Any]:
    """What was held, and the original beside it: whole at every step, and what changed."""
    return {
        "held": list(force_effect.held(trace)),
        "steps": [_change(trace, original, at) for at in range(len(trace.steps))],
    }


def _change(trace: Trace, original: Trace, position: int) -> dict[str, Any]:
    return {
        "step": trace.steps[position],
        "original": _step(original, position),
        "h_change": [force_effect.h_change(trace, position, layer).tolist() for layer in range(len(trace.layers))],
        "next": [asdict(one) for one in force_effect.next_changes(trace, position)],
        "total_variation": force_effect.total_variation(trace, position),
    }


def _step(trace: Trace, position: int) -> dict[str, Any]:
    return {
        "step": trace.steps[position],
        "char": trace.char(position),
        "id": int(trace.ids[position]),
        "next": [{"char": char, "p": p} for char, p in trace.likeliest(position)],
        "layers": [_layer(number, cell, position) for number, cell in enumerate(trace.layers, start=1)],
    }


def _layer(number: int, cell: CellStep, position: int) -> dict[str, Any]:
    values = {name: getattr(cell, name)[position].tolist() for name in VALUES}
    return {"layer": number, **values, "terms": {name: term[position].tolist() for name, term in cell.terms.items()}}


def as_json(trace: Trace, _: View | None = None) -> str:
    """The document as one line of JSON."""
    return json_text(document(trace))


def as_csv(trace: Trace, _: View | None = None) -> str:
    """Long form, one row a step, layer and index: step,char,layer,index,h_prev,r,z,n,h."""
    return csv_text(_rows(trace), quote_blanks=True)


def _rows(trace: Trace) -> Iterator[tuple[Any, ...]]:
    yield ("step", "char", "layer", "index", *VALUES)
    for position, step in enumerate(trace.steps):
        for number, cell in enumerate(trace.layers, start=1):
            columns = [getattr(cell, name)[position].tolist() for name in VALUES]
            for index, values in enumerate(zip(*columns, strict=True)):
                yield (step, trace.char(position), number, index, *values)


def as_npz(trace: Trace, _: View | None = None) -> bytes:
    """`steps` (S), and h_prev, r, z, n, h, each (S, H) float64; of several layers layer1_h_prev and so on.

    Where gates were held, the original's arrays stand beside, original_h_prev or original_layer1_h_prev and so on.
    """
    arrays: dict[str, Any] = {"steps": np.array(trace.steps, dtype=np.int64), **_arrays(trace)}
    if trace.original is not None:
        arrays |= {f"original_{name}": value for name, value in _arrays(trace.original).items()}
    return npz_bytes(arrays)


def _arrays(trace: Trace) -> dict[str, Any]:
    prefixes = [f"layer{number}_" for number in range(1, len(trace.layers) + 1)] if len(trace.layers) > 1 else [""]
    cells = zip(prefixes, trace.layers, strict=True)
    return {prefix + name: getattr(cell, name) for prefix, cell in cells for name in VALUES}
