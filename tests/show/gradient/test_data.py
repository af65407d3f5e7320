"""Documents, CSV and NPZ hold the report's own numbers, and null where there is none."""

import csv
import io
import json
from dataclasses import replace

import autograd
import numpy as np
import pytest

from chargru.insight.gradient import Sizes, gradient
from chargru.insight.jacobian import jacobian
from chargru.insight.weight_gradient import weight_gradient
from chargru.show.gradient import data as gradient_export

TEXT = autograd.random_text(20)
MODEL = autograd.model(2)


@pytest.fixture(scope="module")
def report():
    found = gradient(MODEL, TEXT, lags=(1, 4), against=autograd.model())
    return replace(found, untrained=Sizes(np.full_like(found.whole.log10, -np.inf)))


def plain(found):
    return json.loads(gradient_export.as_json(found))


def table(found):
    return list(csv.DictReader(io.StringIO(gradient_export.as_csv(found))))


def test_gradient_document(report):
    document = plain(report)
    assert document["schema"] == "chargru.gradient/1"
    row = document["log10_sizes"][1]
    assert row["lag"] == 4
    assert row["whole"] == {"mean": report.whole.mean(4), "std": report.whole.std(4), "zeros": 0}
    assert row["gates_frozen"]["mean"] == report.parts["gates frozen"].mean(4)
    assert row["layer_1"]["mean"] == report.layers[0].mean(4)
    assert row["untrained"] == {"mean": None, "std": None, "zeros": len(report.positions)}
    assert row["against"]["mean"] == report.against.mean(4)


def test_gradient_rows_and_arrays(report):
    rows = {(row["curve"], row["lag"]): row for row in table(report)}
    assert len(rows) == 2 * len(report.columns)
    assert float(rows["shortcut_only", "4"]["mean_log10"]) == report.parts["shortcut only"].mean(4)
    assert rows["untrained", "1"]["mean_log10"] == ""
    arrays = np.load(io.BytesIO(gradient_export.as_npz(report)))
    np.testing.assert_array_equal(arrays["candidate_only"], report.parts["candidate only"].log10)
    np.testing.assert_array_equal(arrays["positions"], report.positions)


def test_jacobian_in_every_format():
    found = jacobian(MODEL, TEXT, step=7)
    document = plain(found)
    assert document["spectral_radius"] == found.spectral_radius()
    assert [row["two_norm"] for row in document["terms"]] == found.two_norms().tolist()
    assert [float(row["frobenius_norm"]) for row in table(found)] == found.frobenius_norms().tolist()
    arrays = np.load(io.BytesIO(gradient_export.as_npz(found)))
    np.testing.assert_array_equal(arrays["reset"], found.terms[3])
    np.testing.assert_array_equal(arrays["sum"], found.total)


def test_weight_gradient_in_every_format():
    found = weight_gradient(MODEL, TEXT, step=7)
    part = plain(found)["parts"][-1]
    assert (part["layer"], part["gate"], part["k"], part["char"]) == (2, "n", 7, TEXT[6])
    assert part["share"] == found.shares()[1, 2, 6]
    assert plain(found)["parts"][0]["log10_size"] is None
    assert float(table(found)[-1]["log10_size"]) == found.log10_sizes()[1, 2, 6]
    arrays = np.load(io.BytesIO(gradient_export.as_npz(found)))
    np.testing.assert_array_equal(arrays["shares"], found.shares())
