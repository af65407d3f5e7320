"""What runs hold but their weights, and the machine: as facts, as JSON, as they are printed."""

import dataclasses
import importlib.metadata
import json
from pathlib import Path

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled, run, run_curves, run_summary, system
from chargru.errors import RunError
from chargru.model import MODEL, read_model, write_model
from chargru.show.formats import show

TRAINED = {"settings": {"seed": 4}, "val_nats": 1.5, "val_bpc": 2.5, "best_update": 70, "updates": 80, "parameters": 9}
LAST = {"written": "2026-05-06T07:08:09+00:00", "finished": True, "updates": 1234, "epochs": 2.5, "seconds": 61.5}


@pytest.fixture
def trained_run(empty_folder):
    path = run.RUNS / "novel-001"
    (empty_folder / path).mkdir(parents=True)
    write_model(path, dataclasses.replace(model(TEXT), trained=TRAINED))
    run.write_training(path, {**LAST, "chars_per_second": 12345.6}, {"position": np.zeros(1)})
    return path


def test_a_run(trained_run):
    found = run_summary.describe(trained_run)
    assert (found.state, found.layers, found.hidden_size, found.head) == ("finished", 1, 6, True)
    assert found.figures["val_bpc"] == 2.5
    assert found.figures["updates"] == 1234
    assert found.settings == {"seed": 4}
    assert set(found.files) == {MODEL, run.TRAINING}
    assert json.loads(show(found, "json")) == {"schema": "chargru.run/1", **vars(found)}
    assert "network                1 GRU layer of 6 units, a linear head" in str(found).splitlines()


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        run_summary.describe(tmp_path)


def test_the_list_of_runs(trained_run):
    damaged = run.RUNS / "damaged"
    damaged.mkdir()
    (damaged / MODEL).write_bytes(b"nothing")
    one, other = run_summary.runs().runs
    assert one == run_summary.RunSummary(str(trained_run), "finished", 2.5, 1, 6, 1234, LAST["written"])
    assert (other.checkpoint, other.state, other.val_bpc) == (str(damaged), "damaged", None)
    assert "is not a whole safetensors file" in other.error
    rows = [line.split() for line in str(run_summary.runs()).splitlines()]
    assert rows[1] == [trained_run.name, "finished", "2.5000", "1", "x", "6", "1,234", "2026-05-06", "07:08"]
    assert rows[2] == [damaged.name, "damaged", "-", "-", "-"]


@pytest.mark.parametrize(
    ("trained", "last", "said"),
    [
        (
            {"val_bpc": "x"},
            {},
            "model.safetensors: its document says trained.val_bpc is 'x', which is not a number",
        ),
        ({}, {"updates": "x"}, "training.safetensors: its document says updates is 'x', which is not a whole number"),
        ({}, {"settings": [1]}, "training.safetensors: its document says settings is [1], which is not an object"),
    ],
)
def test_wrong_figures_make_a_run_damaged_and_no_more(trained_run, trained, last, said):
    wrong = run.RUNS / "wrong"
    wrong.mkdir()
    write_model(wrong, dataclasses.replace(model(TEXT), trained={**TRAINED, **trained}))
    run.write_training(wrong, {**LAST, **last}, {"position": np.zeros(1)})
    found = run_summary.runs()
    states = {one.checkpoint: (one.state, one.error) for one in found.runs}
    assert states[str(wrong)] == ("damaged", f"{wrong / said.partition(':')[0]}:{said.partition(':')[2]}")
    assert states[str(trained_run)] == ("finished", None)
    assert ["wrong", "damaged", "-", "-", "-"] in [line.split() for line in str(found).splitlines()]
    assert f"<td>{wrong}</td><td>damaged: {wrong}" in found._repr_html_()


def test_the_report_of_a_training(trained_run):
    found = run_summary.report(trained_run)
    assert found == run_summary.Report(
        1.5, 2.5, 70, 1234, 2.5, 61.5, 12345.6, model(TEXT).architecture.parameters, str(trained_run)
    )
    rows = dict(line.split() for line in str(found).splitlines())
    assert rows["updates"] == "1,234"
    assert rows["val_nats"] == "1.5000"
    assert rows["chars_per_second"] == "12,346"
    assert "not validated" in str(dataclasses.replace(found, val_bpc=None))


def test_the_system():
    found = system.describe()
    assert found.torch == importlib.metadata.version("torch")
    lines = str(dataclasses.replace(found, torch=None, layer="one", bfloat16="two")).splitlines()
    assert [line.split()[0] for line in lines] == list(vars(found))
    assert lines[2].split(maxsplit=1) == ["torch", "not installed"]


def row(**changed):
    return json.dumps({"update": 5, "train_bpc": 2.0, "val_bpc": None, "learning_rate": 0.1, **changed})


def test_the_curve_of_a_run(tmp_path):
    rows = [row(), row(update=9, val_bpc=1.5), '{"update": 12, "train_bpc": 1.9}', row(update=13)[:20]]
    (tmp_path / run.METRICS).write_text("\n".join(rows))
    found = run_curves.curve(tmp_path)
    assert found == run_curves.Curve((5, 9, 12), (2.0, 2.0, 1.9), (None, 1.5, None), (0.1, 0.1, None))


def test_a_run_without_a_curve_has_none(tmp_path):
    assert run_curves.curve(tmp_path) is None
    (tmp_path / run.METRICS).mkdir()
    assert run_curves.curve(tmp_path) is None


def test_an_empty_curve(tmp_path):
    (tmp_path / run.METRICS).write_text("\n")
    assert run_curves.curve(tmp_path) == run_curves.Curve((), (), (), ())


@pytest.mark.parametrize(
    "bad",
    [
        *(row(train_bpc=value) for value in (float("inf"), float("nan"), "2.0", True, [2.0], 10**400)),
        *(row(update=value) for value in (None, 5.0, "5", True)),
        *("", "null", "[]", "5", "{}", "[" * 100_000, '{"update": 1e999}', "\0\x1b[31m"),
    ],
    ids=lambda bad: bad[:40],
)
def test_a_row_that_cannot_be_read_is_left_out(tmp_path, bad):
    (tmp_path / run.METRICS).write_text("\n".join([row(update=1), bad, row(update=2)]))
    assert run_curves.curve(tmp_path).update == (1, 2)


def test_a_curve_that_is_no_text_is_no_error(tmp_path):
    (tmp_path / run.METRICS).write_bytes(b"\xff\xfe\x80\n" + row().encode())
    assert run_curves.curve(tmp_path).update == (5,)


def test_the_curves_of_runs(tmp_path, monkeypatch):
    """By name below ./checkpoints, by path, each once."""
    monkeypatch.chdir(tmp_path)
    for name, loss in (("one", 2.5), ("two", 1.5)):
        path = tmp_path / "checkpoints" / name
        path.mkdir(parents=True)
        (path / run.METRICS).write_text(json.dumps({"update": 5, "train_bpc": loss, "val_bpc": None}) + "\n")
    found = run_curves.curves("two", Path("checkpoints/one"), "checkpoints/two")
    assert [one.checkpoint for one in found.runs] == ["checkpoints/two", "checkpoints/one"]
    assert [one.curve.train_bpc for one in found.runs] == [(1.5,), (2.5,)]
    assert found.runs[0].curve == run_curves.curve(Path("checkpoints/two"))


def test_the_curves_of_a_model_are_those_of_its_run():
    model = read_model(bundled.run_path("cats"))
    assert run_curves.curves(model) == run_curves.curves("cats")
    with pytest.raises(RunError, match="read from no run"):
        run_curves.curves(dataclasses.replace(model, path=None))


def test_the_curves_of_a_run_that_ships():
    (found,) = run_curves.curves("cats").runs
    assert found.checkpoint == str(bundled.run_path("cats"))
    assert len(found.curve.update) == 40
