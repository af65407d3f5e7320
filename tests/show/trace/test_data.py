"""JSON, CSV and NPZ give back the arrays, bit for bit."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.insight.trace import VALUES, Check, trace
from chargru.show.trace import data as export


def test_the_document_is_as_contracted():
    m = replace(model(), path=Path("checkpoints/cats/model.safetensors"))
    traced = trace(m, steps=[33, 34], indices=[2])
    document = json.loads(export.as_json(traced))
    assert {key: document[key] for key in ("schema", "checkpoint", "text", "check")} == {
        "schema": "chargru.trace/1",
        "checkpoint": "checkpoints/cats",
        "text": TEXT,
        "check": None,
    }
    assert [(step["step"], step["char"], step["id"]) for step in document["steps"]] == [
        (33, " ", m.vocabulary.characters.index(" ")),
        (34, "o", m.vocabulary.characters.index("o")),
    ]
    assert [(entry["char"], entry["p"]) for entry in document["steps"][1]["next"]] == traced.likeliest(1)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_json_holds_every_layer_whole(reset):
    traced = trace(model(layers=2, reset=reset), steps=[33, 34], indices=[2])
    for position, step in enumerate(json.loads(export.as_json(traced))["steps"]):
        assert [layer["layer"] for layer in step["layers"]] == [1, 2]
        for layer, cell in zip(step["layers"], traced.layers, strict=True):
            assert list(layer) == ["layer", *VALUES, "terms"]
            for name in VALUES:
                assert np.array_equal(layer[name], getattr(cell, name)[position])
            assert {name: len(term) for name, term in layer["terms"].items()} == dict.fromkeys(cell.terms, 6)
            assert ("W_hn (r * h)" in layer["terms"]) == (reset == "before")
            for name, term in layer["terms"].items():
                assert np.array_equal(term, cell.terms[name][position])


def test_the_check_stands_in_the_document():
    traced = replace(trace(model()), check=Check(1e-16, 1e-12, "torch.nn.GRU in float64"))
    assert json.loads(export.as_json(traced))["check"] == {
        "max_abs_difference": 1e-16,
        "tolerance": 1e-12,
        "against": "torch.nn.GRU in float64",
        "rounding": 0.0,
    }


def test_csv_is_long_and_exact():
    text = 'a,"b"\r\n\t \u2028é,"'
    traced = trace(model(text, layers=2), steps=range(1, len(text) + 1))
    written = export.as_csv(traced)
    assert written.startswith("step,char,layer,index,h_prev,r,z,n,h\n1,a,1,0,")
    rows = list(csv.reader(io.StringIO(written, newline="")))[1:]
    assert len(rows) == len(text) * 2 * 6
    for step, char, layer, index, *values in rows:
        assert char == text[int(step) - 1]
        cell = traced.layers[int(layer) - 1]
        exact = [getattr(cell, name)[int(step) - 1, int(index)] for name in VALUES]
        assert [float(value) for value in values] == exact


def test_npz_of_one_layer():
    traced = trace(model(), steps=[33, 34])
    loaded = np.load(io.BytesIO(export.as_npz(traced)), allow_pickle=False)
    assert set(loaded) == {"steps", *VALUES}
    assert loaded["steps"].tolist() == [33, 34]
    for name in VALUES:
        assert loaded[name].dtype == np.float64
        assert np.array_equal(loaded[name], getattr(traced, name))


def test_npz_of_two_layers_names_the_layer():
    traced = trace(model(layers=2), steps=[33, 34])
    loaded = np.load(io.BytesIO(export.as_npz(traced)), allow_pickle=False)
    assert set(loaded) == {"steps", *(f"layer{k}_{name}" for k in (1, 2) for name in VALUES)}
    assert np.array_equal(loaded["layer1_z"], traced.layers[0].z)
    assert np.array_equal(loaded["layer2_z"], traced.layers[1].z)
