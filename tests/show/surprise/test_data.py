"""The surprise of a text as JSON and CSV: every character."""

import csv
import io
import json

import numpy as np

from chargru.scoring import evaluate
from chargru.show.formats import show


def test_json(found):
    document = json.loads(show(found, "json"))
    assert document["schema"] == "chargru.surprise/1"
    assert document["content"] == found.text
    assert document["bits"] == [None if np.isnan(bits) else bits for bits in found.bits]
    scored = [bits for bits in document["bits"] if bits is not None]
    assert abs(sum(scored) / len(scored) - document["val_bpc"]) < 1e-9
    assert len(scored) == document["characters"]
    first = document["words"][0]
    assert (first["word"], first["times"]) == ("was", 1)
    assert abs(first["bits"] - 20.49) < 1e-9
    assert abs(first["bits_per_character"] - 6.83) < 1e-9


def test_json_has_what_evaluate_says(tiny):
    model, found = tiny
    document, score = json.loads(show(found, "json")), json.loads(show(evaluate(model, "The cat"), "json"))
    assert {name: document[name] for name in score if name != "schema"} == {
        name: value for name, value in score.items() if name != "schema"
    }


def test_csv(found):
    rows = list(csv.DictReader(io.StringIO(show(found, "csv"), newline="")))
    assert "".join(row["char"] for row in rows) == found.text
    assert [float(row["bits"]) if row["bits"] else None for row in rows] == [
        None if np.isnan(bits) else bits for bits in found.bits
    ]
    assert [row["position"] for row in rows[:2]] == ["1", "2"]
