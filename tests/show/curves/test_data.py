"""Losses as JSON and CSV: every point."""

import csv
import io
import json

from chargru.show.formats import show


def test_json_has_every_point(two):
    document = json.loads(show(two, "json"))
    assert document["schema"] == "chargru.curves/1"
    assert [run["checkpoint"] for run in document["runs"]] == ["checkpoints/one", "checkpoints/$two_$"]
    for run, one in zip(document["runs"], two.runs, strict=True):
        for name in ("update", "train_bpc", "val_bpc", "learning_rate"):
            assert tuple(run[name]) == getattr(one.curve, name)


def test_csv_has_a_row_a_point(two):
    rows = list(csv.DictReader(io.StringIO(show(two, "csv"))))
    assert len(rows) == 20
    assert [float(row["train_bpc"]) for row in rows[10:]] == list(two.runs[1].curve.train_bpc)
    assert rows[0]["val_bpc"] == ""
    assert (rows[11]["run"], float(rows[11]["val_bpc"])) == ("checkpoints/$two_$", two.runs[1].curve.val_bpc[1])
