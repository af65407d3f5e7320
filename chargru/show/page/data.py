"""The payload of a page, chargru.page/1: what its JavaScript reads."""

import base64
from typing import Any

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.exploration import Exploration
from chargru.insight.trace import VALUES
from chargru.show.characters import visible

SCHEMA = "chargru.page/1"


def document(found: Exploration) -> dict[str, Any]:
    """The payload as plain lists, numbers and base64."""
    return {
        "schema": SCHEMA,
        "run": {"name": found.model.checkpoint or "a network"},
        "network": _network(found),
        "text": found.text,
        "text_length": found.length,
        "where": found.where,
        "given": {
            "steps": list(found.given.steps),
            "layers": [{name: encoded(getattr(cell, name)) for name in VALUES} for cell in found.given.layers],
            "bits": encoded(found.bits),
        },
        "conventions": [],
        "curve": None,
        "view": "step=34&index=32",
        "tour": [],
    }


def _network(found: Exploration) -> dict[str, Any]:
    model, architecture = found.model, found.model.architecture
    characters = model.vocabulary.to_document()
    return {
        "vocabulary": characters,
        "shown": ["" if char is None else visible(char) for char in characters],
        "hidden_size": architecture.hidden_size,
        "layers": architecture.layers,
        "reset": architecture.reset,
        "head": architecture.head,
        "forced": list(model.forced),
        "precision": "float32",
        "tensors": [{"name": name, "shape": list(value.shape)} for name, value in model.weights.named()],
    }


def weights(found: Exploration) -> str:
    """Every tensor in the order of the payload's `tensors`, in base64 of little-endian float32."""
    tensors = (np.ascontiguousarray(value, "<f4").tobytes() for _, value in found.model.weights.named())
    return base64.b64encode(b"".join(tensors)).decode()


def encoded(values: Array) -> str:
    """Numbers in base64 of little-endian float64, row by row."""
    return base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode()
