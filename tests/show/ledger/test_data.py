"""A ledger's document, CSV and NPZ hold its own numbers."""

import csv
import io
import json

import autograd
import numpy as np

from chargru.insight.ledger import ledger
from chargru.show.ledger import data as ledger_export

TEXT = autograd.random_text(12)
TAKEN = ledger(autograd.model(), TEXT, step=9, indices=[1, 4])


def test_document():
    document = json.loads(ledger_export.as_json(TAKEN))
    assert [row["index"] for row in document["indices"]] == [1, 4]
    row = document["indices"][1]
    assert row["age"] == TAKEN.ages[4]
    assert row["h_0"]["w"] == TAKEN.shares[0, 4]
    assert row["steps"][6] == {
        "step": 7,
        "char": TEXT[6],
        "w": TAKEN.shares[7, 4],
        "n": TAKEN.written[7, 4],
        "part": TAKEN.contributions[7, 4],
    }


def test_csv_and_npz():
    rows = list(csv.DictReader(io.StringIO(ledger_export.as_csv(TAKEN))))
    assert len(rows) == 10 * 5
    assert [row["char"] for row in rows[::5]] == ["", *TEXT[:9]]
    assert float(rows[7 * 5 + 4]["part"]) == TAKEN.contributions[7, 4]
    arrays = np.load(io.BytesIO(ledger_export.as_npz(TAKEN)))
    np.testing.assert_array_equal(arrays["part"].sum(axis=0), TAKEN.contributions.sum(axis=0))
    np.testing.assert_array_equal(arrays["oldest"], TAKEN.oldest)
