"""What a session writes: the model's document and the last state, and a damaged one read."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import SMALL, TEXT, change_state, train

from chargru import run, run_summary
from chargru.engine.native import precision
from chargru.errors import DamagedRunError
from chargru.model import MODEL, read_model, write_model
from chargru.training import begin
from chargru.training.settings import Budget


def test_the_same_training_writes_the_same_model_bytes(tmp_path, text):
    for out in ("one", "two"):
        begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=str(tmp_path / out))
    assert (tmp_path / "one" / MODEL).read_bytes() == (tmp_path / "two" / MODEL).read_bytes()


def test_the_trace_text_is_the_start_of_the_validation_split(tmp_path):
    long = "".join(chr(97 + i * i % 23) for i in range(8000))
    (tmp_path / "long.txt").write_text(long)
    begin.start([str(tmp_path / "long.txt")], settings=SMALL, budget=Budget("updates", 1), out=str(tmp_path / "run"))
    model = read_model(tmp_path / "run")
    assert model.trace_text == long[7200 : 7200 + 512]
    assert model.trained["text"]["split"] == 7200


def test_a_short_split_starts_the_trace_text_earlier(tmp_path, text):
    train(text, tmp_path / "run", 1)
    assert read_model(tmp_path / "run").trace_text == TEXT[-512:]


def test_the_run_records_the_precision_that_was_used(tmp_path, text):
    train(text, tmp_path / "run", 2)
    assert SMALL.precision == "auto"
    assert read_model(tmp_path / "run").trained["precision"] == precision.resolve("auto", SMALL.hidden_size)
    assert run.read_training(tmp_path / "run")[0]["precision"] == precision.resolve("auto", SMALL.hidden_size)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("position", "index", 10**6),
        ("position", "updates", "x"),
        ("position", "seconds", None),
        ("settings", "hidden_size", 8.5),
        ("text", "split", -5),
    ],
)
def test_a_damaged_state_is_named(text, tmp_path, part, name, value):
    train(text, "run")
    change_state(tmp_path / "run", lambda document, _: document[part].update({name: value}))
    with pytest.raises(DamagedRunError):
        begin.resume("run", budget=Budget("updates", 9))


def test_lost_moments_are_damage(text, tmp_path):
    train(text, "run")

    def lose(_document, tensors):
        for key in [key for key in tensors if key.startswith("optimiser")]:
            del tensors[key]

    change_state(tmp_path / "run", lose)
    with pytest.raises(DamagedRunError, match=r"optimiser\.exp_avg\.gru\.bias_hh_l0 is missing"):
        begin.resume("run", budget=Budget("updates", 9))


def as_type(dtype):
    return lambda value: value.astype(dtype)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("optimiser.exp_avg.head.bias", as_type(np.int32), "is I32, but it must be F32"),
        ("optimiser.exp_avg_sq.head.bias", as_type(np.float64), "is F64, but it must be F32"),
        ("optimiser.step.head.bias", as_type(np.int64), "is I64, but it must be F32"),
        ("optimiser.step.head.bias", lambda value: np.repeat(value, 2), r"has shape \(2,\), but it must be \(1,\)"),
        ("optimiser.exp_avg.head.weight", lambda value: value.T.copy(), "has shape"),
        ("weights.head.bias", as_type(np.float64), "is F64, but it must be F32"),
        ("state", as_type(np.float64), "is F64, but it must be F32"),
        ("state", lambda value: value[:, :1], r"state has shape \(1, 1, 6\), but it must be \(1, 3, 6\)"),
        ("state", lambda value: value[0, 0], r"state has shape \(6,\), but it must be \(1, 3, 6\)"),
        ("random.cpu", as_type(np.int32), "is I32, but it must be U8"),
        ("random.cpu", lambda value: value[:9], "last state does not fit"),
        ("random.cpu", None, "random.cpu is missing"),
        ("state", None, "state is missing"),
        ("extra", lambda _: np.zeros(1), "extra is unexpected"),
        ("head.bias", lambda _: np.zeros(1), "head.bias is unexpected"),
    ],
)
def test_tensors_that_do_not_fit_are_named(text, tmp_path, name, change, said):
    train(text, "run")

    def damage(_document, tensors):
        if change is None:
            del tensors[name]
        else:
            tensors[name] = change(tensors.get(name))

    change_state(tmp_path / "run", damage)
    with pytest.raises(DamagedRunError, match=said):
        begin.resume("run", budget=Budget("updates", 9))


@pytest.mark.parametrize("name", ["layers", "hidden_size"])
def test_a_network_beyond_its_tensors_is_refused_before_it_is_made(text, tmp_path, name):
    train(text, "run")
    change_state(tmp_path / "run", lambda document, _: document["settings"].update({name: 10**6}))
    with pytest.raises(DamagedRunError, match=r"layers is 1,000,000, too many for 6 tensors|has shape"):
        begin.resume("run", budget=Budget("updates", 9))


@pytest.mark.parametrize("part", ["settings", "budget", "vocabulary", "text", "position", "finished", "precision"])
def test_a_part_that_is_missing_is_named(text, tmp_path, part):
    train(text, "run")
    change_state(tmp_path / "run", lambda document, _: document.pop(part))
    with pytest.raises(DamagedRunError, match=f"its document lacks {part}"):
        begin.resume("run", budget=Budget("updates", 9))


@pytest.mark.parametrize("name", ["val_nats", "best_update", "parameters"])
def test_a_run_goes_on_whatever_its_model_leaves_out(text, tmp_path, name):
    """The state is set to have been better, so that the model is not written again."""
    train(text, "run")
    model = read_model(tmp_path / "run")
    left = {key: value for key, value in model.trained.items() if key != name}
    write_model(tmp_path / "run", replace(model, trained=left))
    change_state(tmp_path / "run", lambda document, _: document["position"].update(best_nats=0.0))
    found = run_summary.report(begin.resume("run", budget=Budget("updates", 9)))
    assert found.updates == 9
    assert found.parameters == model.architecture.parameters


def test_killed_between_the_two_files_of_its_first_save_it_has_a_model_and_goes_on(text, tmp_path, chargru):
    code = f"""
import os, signal
from pathlib import Path
from sessions import train
real = Path.replace
def replace(new, old):
    if old.name == "{MODEL}":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(new, old)
Path.replace = replace
train({text!r}, "run")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == -9
    out = tmp_path / "run"
    assert not (out / MODEL).exists()
    found, tensors = read_model(out), run.read_training(out)[1]
    said = f"using the last state of {out}, at update 0"
    assert found.note == f"{said}, since it has no model.safetensors"
    assert all(np.array_equal(value, tensors[f"weights.{name}"]) for name, value in found.weights.named())
    assert found.trace_text is None
    assert "none; this is the last state" in chargru("info", out).stdout
    done = chargru("sample", out, "--length", 3)
    assert done.exit_code == 0
    assert f"note: {found.note}" in done.stderr
    assert "give one: --text or --file" in chargru("trace", out).stderr
    begin.resume("run", budget=Budget("updates", 4))
    assert (read_model(out).note, read_model(out / run.TRAINING).note) == ("", said.replace("update 0", "update 4"))
    train(text, "whole")
    expected = dict(read_model("whole").weights.named())
    assert all(np.array_equal(value, expected[name]) for name, value in read_model("run").weights.named())
