"""The payload of a page: its numbers are the run's, and what it says of text and run can be shown to anybody."""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled
from chargru.insight.exploration import explore
from chargru.insight.trace import VALUES, trace
from chargru.model import read_model, write_model
from chargru.run_curves import Curve
from chargru.run_summary import describe
from chargru.show.page import data
from chargru.show.trace import salient
from chargru.text.vocabulary import Vocabulary


def decoded(written, kind="<f8"):
    return np.frombuffer(base64.b64decode(written, validate=True), kind)


@pytest.mark.parametrize(("layers", "reset"), [(1, "after"), (2, "before")])
def test_the_numbers_are_those_of_a_trace(layers, reset):
    ours = model(layers=layers, reset=reset)
    given = data.document(explore(ours))["given"]
    expected = trace(ours, steps=given["steps"])
    assert len(given["layers"]) == layers
    for written, cell in zip(given["layers"], expected.layers, strict=True):
        assert list(written) == list(VALUES)
        for name in VALUES:
            np.testing.assert_array_equal(decoded(written[name]).reshape(cell.h.shape), getattr(cell, name))
    np.testing.assert_array_equal(decoded(given["bits"]), explore(ours).bits)


@pytest.mark.parametrize(("half", "kind", "precision"), [(False, "<f4", "float32"), (True, "<f2", "float16")])
def test_the_weights_are_those_of_the_run(half, kind, precision):
    found = explore(model(layers=2), half=half)
    network, numbers = data.document(found)["network"], decoded(data.weights(found), kind)
    assert network["precision"] == precision
    for tensor, (name, value) in zip(network["tensors"], model(layers=2).weights.named(), strict=True):
        assert (tensor["name"], tuple(tensor["shape"])) == (name, value.shape)
        part, numbers = numbers[: value.size], numbers[value.size :]
        np.testing.assert_array_equal(part.reshape(value.shape), value.astype(kind))
    assert numbers.size == 0


def test_the_network_is_said():
    network = data.document(explore(model(layers=2, reset="before").force("z[3]=1")))["network"]
    assert {name: network[name] for name in ("hidden_size", "layers", "reset", "head", "forced")} == {
        "hidden_size": 6,
        "layers": 2,
        "reset": "before",
        "head": True,
        "forced": ["z[3]=1"],
    }
    assert network["vocabulary"] == model().vocabulary.to_document()
    assert not data.document(explore(model(head=False)))["network"]["head"]


def test_how_characters_stand_in_a_cell():
    text = "a<\n\t\0\u202e\u0301\u200b\ufe0f\u2028猫"
    vocabulary = Vocabulary((*text, None))
    ours = replace(model(text + "b"), vocabulary=vocabulary)
    shown = data.document(explore(ours, "a"))["network"]["shown"]
    assert shown[:11] == ["a", "<", "⏎", "⇥", *([r"\x00", r"\u202e", r"\u0301", r"\u200b", r"\ufe0f", r"\u2028"]), "猫"]
    assert shown[11] == "\ufffd"


def test_the_run_is_what_info_says_of_it(tiny_run):
    write_model(tiny_run, replace(model(), trained={"settings": {"seed": 4}, "val_bpc": 2.5, "text": {"paths": "t"}}))
    run, described = data.document(explore(read_model(tiny_run)))["run"], vars(describe(tiny_run))
    assert run["name"] == run["checkpoint"] == str(tiny_run)
    for name in ("state", "figures", "settings", "budget", "text", "versions"):
        assert run[name] == described[name]
    assert run["settings"] == {"seed": 4}


def test_a_page_names_no_folder_of_its_maker(tmp_path):
    ours = replace(
        model(TEXT), trained={"text": {"paths": ["/home/me/letters/to-her.txt", "b.txt"], "encoding": "utf-8"}}
    )
    write_model(tmp_path, ours)
    run = data.document(explore(read_model(tmp_path)))["run"]
    assert run["text"] == {"paths": ["to-her.txt", "b.txt"], "encoding": "utf-8"}


def test_the_bundled_run_has_its_name_wherever_it_is_installed():
    run = data.document(explore(read_model(bundled.run_path())))["run"]
    assert (run["name"], run["checkpoint"], run["state"]) == ("cats", "cats", "bundled")


def test_a_model_of_no_run():
    run = data.document(explore(model()))["run"]
    assert run == {"name": "a network"} | dict.fromkeys(
        ("checkpoint", "state", "figures", "settings", "budget", "text", "versions")
    )


def test_what_a_run_says_of_itself_is_shown_escaped(tmp_path):
    path = tmp_path / "a\nb\u202e<b>"
    path.mkdir()
    settings = {"force": ["\u2028", "<script>"], "note\x1b": "\u202egnp.exe", "rate": 0.1}
    write_model(path, replace(model(), trained={"settings": settings}))
    found = explore(read_model(path))
    found.run.settings["rate"] = float("inf")  # as 1e999 in a file is read
    run = data.document(found)["run"]
    assert run["name"].endswith(r"a\nb\u202e<b>")
    assert run["settings"] == {"force": [r"\u2028", "<script>"], r"note\x1b": r"\u202egnp.exe", "rate": None}


def test_the_text_is_there_to_the_character():
    text = TEXT[:7] + TEXT[-1]
    document = data.document(explore(model(), text * 90, where="my\nfile"))
    assert (document["text"], document["text_length"], document["where"]) == ((text * 90)[:512], 720, r"my\nfile")


@pytest.mark.parametrize(("layers", "text", "step"), [(1, None, 34), (2, None, 34), (1, "The cat", 7)])
def test_the_view_to_begin_with(layers, text, step):
    ours = model(layers=layers)
    view = dict(parse_qsl(data.document(explore(ours, text))["view"]))
    index = salient.first(trace(ours, text, steps=[step]), layers - 1)[0]
    expected = {"step": str(step), "index": str(index)}
    assert view == expected | ({"layer": "2"} if layers == 2 else {})


def test_the_view_holds_the_gates():
    view = parse_qsl(data.document(explore(model(), force=["z[1,3]=0.9@34", "r=1"]))["view"])
    assert [value for name, value in view if name == "hold"] == ["z[1,3]=0.9@34", "r=1"]


def with_curve(points, validated):
    values = tuple(0.123456789 if at in validated else None for at in range(points))
    return replace(
        explore(model(), "The"), curve=Curve(tuple(range(points)), (0.5,) * points, values, (1e-3,) * points)
    )


def test_a_curve_is_there_whole():
    curve = data.document(with_curve(40, {3, 39}))["curve"]
    assert curve["update"] == list(range(40))
    assert [curve["val_bpc"][at] for at in (2, 3, 39)] == [None, 0.123457, 0.123457]
    assert curve["learning_rate"] == [0.001] * 40
    assert data.document(explore(model()))["curve"] is None


def test_of_a_long_curve_every_validation_is_kept():
    validated = {*range(99, 10_000, 100)}
    curve = data.document(with_curve(10_000, validated))["curve"]
    assert {update for update, value in zip(curve["update"], curve["val_bpc"], strict=True) if value} == validated
    assert len(curve["update"]) == len(validated) + data.MOST_POINTS
    assert curve["update"] == sorted(curve["update"])
    assert (curve["update"][0], curve["update"][-1]) == (0, 9999)


def test_the_payload_of_the_bundled_run_is_small():
    found = explore(read_model(bundled.run_path()))
    payload = json.dumps(data.document(found), separators=(",", ":"), allow_nan=False)
    assert len(found.text) == 512
    assert len(payload) + len(data.weights(found)) < 190_000
