"""The payload of a page, chargru.page/1: what its JavaScript reads. And the weights beside it."""

import base64
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

import numpy as np

from chargru.bundled import called
from chargru.gru.weights import Array
from chargru.insight.exploration import Exploration
from chargru.insight.trace import VALUES
from chargru.run_curves import Curve
from chargru.show.characters import in_a_cell
from chargru.show.page import letters, tour
from chargru.show.trace import salient
from chargru.shown import one_line

SCHEMA = "chargru.page/1"

UNKNOWN = "\ufffd"
"""How the symbol is shown that stands for every character outside the vocabulary."""

MOST_POINTS = 200
"""Of a long training so many points of each kind are drawn: those with a validation, and the others."""

_OF_THE_RUN = ("state", "figures", "settings", "budget", "text", "versions")


def document(found: Exploration) -> dict[str, Any]:
    """The payload as plain lists, numbers and base64."""
    return {
        "schema": SCHEMA,
        "run": _run(found),
        "network": _network(found),
        "text": found.text,
        "text_length": found.length,
        "where": one_line(found.where),
        "given": {
            "steps": list(found.given.steps),
            "layers": [{name: encoded(getattr(cell, name)) for name in VALUES} for cell in found.given.layers],
            "bits": encoded(found.bits),
        },
        "conventions": letters.conventions(found.given),
        "curve": None if found.curve is None else _curve(found.curve),
        "view": _view(found),
        "tour": tour.stops(found),
    }


def name(found: Exploration) -> str:
    """What a page calls its run, on one line."""
    checkpoint = found.model.checkpoint
    return "a network" if checkpoint is None else one_line(called(checkpoint))


def _run(found: Exploration) -> dict[str, Any]:
    """The run as `chargru info` has it; nothing in it breaks a line or turns the direction of writing."""
    described = {entry: getattr(found.run, entry, None) for entry in _OF_THE_RUN}
    text = described["text"]
    if isinstance(text, dict) and isinstance(
        text.get("paths"), list
    ):  # a page is sent to others: no folders of its maker
        described["text"] = {**text, "paths": [PurePath(str(path)).name for path in text["paths"]]}
    checkpoint = None if found.model.checkpoint is None else name(found)
    return {"name": name(found), "checkpoint": checkpoint, **_escaped(described)}


def _escaped(value: Any) -> Any:
    """A document with every string of it on one line; what JSON has no number for is null."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line(str(key)): _escaped(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _network(found: Exploration) -> dict[str, Any]:
    model, architecture = found.model, found.model.architecture
    characters = model.vocabulary.to_document()
    return {
        "vocabulary": characters,
        "shown": [UNKNOWN if char is None else in_a_cell(char) for char in characters],
        "hidden_size": architecture.hidden_size,
        "layers": architecture.layers,
        "reset": architecture.reset,
        "head": architecture.head,
        "forced": list(model.forced),
        "precision": "float16" if found.half else "float32",
        "tensors": [{"name": name, "shape": list(value.shape)} for name, value in model.weights.named()],
    }


def _curve(curve: Curve) -> dict[str, Any]:
    """The points to be drawn, of six digits."""
    validated = [at for at, value in enumerate(curve.val_bpc) if value is not None]
    others = [at for at, value in enumerate(curve.val_bpc) if value is None]
    taken = sorted([*_spread(validated), *_spread(others)])
    columns = {entry: [values[at] for at in taken] for entry, values in vars(curve).items()}
    return {
        entry: [float(f"{value:.6g}") if isinstance(value, float) else value for value in values]
        for entry, values in columns.items()
    }


def _spread(places: Sequence[int]) -> list[int]:
    """All of them, or MOST_POINTS spread evenly from the first to the last."""
    if len(places) <= MOST_POINTS:
        return list(places)
    return [places[at] for at in np.linspace(0, len(places) - 1, MOST_POINTS).round().astype(int)]


def _view(found: Exploration) -> str:
    """The view to begin with: the first step, the unit of its top layer that tells most, and what is held."""
    top, step = len(found.given.layers), found.first_step
    index = salient.first(found.given, top - 1, found.given.steps.index(step))[0]
    layer = [("layer", top)] if top > 1 else []
    return urlencode([("step", step), ("index", index), *layer, *(("hold", one) for one in found.held)])


def weights(found: Exploration) -> str:
    """Every tensor in the order of the payload's `tensors`, in base64 of little-endian numbers, on one line."""
    kind = "<f2" if found.half else "<f4"
    tensors = (np.ascontiguousarray(value, kind).tobytes() for _, value in found.model.weights.named())
    return base64.b64encode(b"".join(tensors)).decode()


def encoded(values: Array) -> str:
    """Numbers in base64 of little-endian float64, row by row."""
    return base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode()
