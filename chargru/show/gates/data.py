"""The gates over a text as a JSON document and as CSV: PyTorch's letters, every index, every digit."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from chargru.insight.gates import HIGH, LONG, LOW, Gates, LayerGates
from chargru.insight.match import QUANTITIES, Match
from chargru.show.data import csv_text, json_text
from chargru.show.view import View

SCHEMA = "chargru.gates/1"
MOST_CHARACTERS = 10
"""So many of the characters at which an index changes most are in the document."""

FIGURES = ("z_mean", "z_std", "r_mean", "r_std", "z_low", "z_high", "rnn", "age", "run")


def as_json(found: Gates, _: View | None = None) -> str:
    """The document chargru.gates/1 on one line."""
    layers = list(enumerate(found.layers, start=1))
    return json_text(
        {
            "schema": SCHEMA,
            "checkpoint": found.model.checkpoint,
            "text": found.text,
            "characters": len(found.text),
            "forced": list(found.model.forced),
            "low": LOW,
            "high": HIGH,
            "long_memory_above": LONG,
            "rnn": found.rnn,
            "layers": [{"layer": number, "indices": _indices(found, layer)} for number, layer in layers],
            "map": {
                "gate": found.gate,
                "steps": list(found.steps),
                "layers": [{"layer": number, "values": layer.values.tolist()} for number, layer in layers],
            },
            "match": None if found.match is None else _match(found.match),
        }
    )


def _indices(found: Gates, layer: LayerGates) -> list[dict[str, Any]]:
    return [
        {
            "index": index,
            **{name: float(getattr(layer, name)[index]) for name in FIGURES},
            "memory": _memory(layer, index),
            "rewritten_at": _characters(found, layer, index),
            "largest_change": int(layer.largest[index]),
        }
        for index in range(len(layer.age))
    ]


def _memory(layer: LayerGates, index: int) -> str:
    return "long" if layer.long[index] else "short"


def _characters(found: Gates, layer: LayerGates, index: int) -> list[dict[str, Any]]:
    """The characters with the largest shares of its change, largest first; null is the unknown symbol."""
    shares, characters = layer.change[:, index], found.model.vocabulary.characters
    order = np.argsort(-shares, kind="stable")[:MOST_CHARACTERS].tolist()
    return [{"char": characters[id_], "share": float(shares[id_])} for id_ in order if shares[id_] > 0]


def _match(match: Match) -> dict[str, Any]:
    """Every score, by layer and index, and what chance reaches."""
    marks = match.marks
    return {
        "pattern": marks.pattern,
        "among": marks.among,
        "characters": marks.characters,
        "places": len(marks.places),
        "steps": list(marks.steps),
        "shifts": match.shifts,
        "chance": match.chance,
        "beating_chance": int(match.telling.sum()),
        "layers": [
            {"layer": layer + 1, "indices": [_scores(match, layer, index) for index in range(match.auc.shape[2])]}
            for layer in range(len(match.auc))
        ],
    }


def _scores(match: Match, layer: int, index: int) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index}
    for at, quantity in enumerate(QUANTITIES):
        place = (layer, at, index)
        found[quantity] = {
            "score": float(match.scores[place]),
            "auc": float(match.auc[place]),
            "mean_at_matches": float(match.inside[place]),
            "mean_elsewhere": float(match.outside[place]),
        }
    return found


def as_csv(found: Gates, _: View | None = None) -> str:
    """One row a layer and index: its figures, and after --match the scores of r, z, n and h."""
    return csv_text(_rows(found))


def _rows(found: Gates) -> Iterator[tuple[Any, ...]]:
    scores = [] if found.match is None else [f"score_{quantity}" for quantity in QUANTITIES]
    yield ("layer", "index", *FIGURES, "memory", "largest_change", *scores)
    for number, layer in enumerate(found.layers):
        for index in range(len(layer.age)):
            figures = (float(getattr(layer, name)[index]) for name in FIGURES)
            own = [] if found.match is None else found.match.scores[number, :, index].tolist()
            yield (number + 1, index, *figures, _memory(layer, index), int(layer.largest[index]), *own)
