"""Training, stopping and going on, through the library: `begin.start` and `begin.resume`."""

import math
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import SMALL, TEXT, Notes, StopAt, change_state, rows, train

from chargru import run, run_summary
from chargru.errors import (
    DamagedRunError,
    Interrupted,
    RunError,
    RunLockedError,
    SettingError,
    TextError,
    TrainingError,
)
from chargru.model import MODEL, read_model, write_model
from chargru.training import begin
from chargru.training.settings import Budget


def assert_same_state(one, other):
    (document, tensors), (document_other, tensors_other) = run.read_training(one), run.read_training(other)
    assert tensors.keys() == tensors_other.keys()
    for name, value in tensors.items():
        assert np.array_equal(value, tensors_other[name]), name
    for key in ("updates", "epochs", "settings", "budget", "finished"):
        assert document[key] == document_other[key]
    timeless = ("updates", "epoch", "index", "validated", "waited", "best_nats", "best_update", "characters")
    for key in timeless:
        assert document["position"][key] == document_other["position"][key], key


@pytest.mark.parametrize("budget", [Budget("updates", 40), Budget("epochs", 2)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(tmp_path, text, budget, number):
    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    begin.start([text], settings=SMALL, budget=budget, out=whole)
    with pytest.raises(Interrupted, match="everything is saved in") as stopped:
        begin.start([text], settings=SMALL, budget=budget, out=parts, progress=StopAt(13, number))
    assert stopped.value.run == parts
    with pytest.raises(Interrupted):
        begin.resume(parts, progress=StopAt(29, number))
    begin.resume(parts)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "parts" / MODEL).read_bytes()
    written = {key: rows(tmp_path / key) for key in ("whole", "parts")}
    assert [row["val_bpc"] for row in written["whole"]] == [
        row["val_bpc"] for row in written["parts"] if row["val_bpc"]
    ]


def test_a_run_that_another_process_made_first_is_left_alone(tmp_path, text, monkeypatch):
    """Between the look at the directory and its lock."""
    real = run.create

    def create(out, stem):
        monkeypatch.setattr(run, "create", real)
        path = real(out, stem)
        train(text, path, 3)
        return path

    monkeypatch.setattr(run, "create", create)
    with pytest.raises(RunError, match="run was made a run by another process") as caught:
        begin.start([text], settings=SMALL, budget=Budget("updates", 9), out=str(tmp_path / "run"))
    assert caught.value.hint == "choose another `out`"
    assert run.read_training(tmp_path / "run")[0]["updates"] == 3


def test_training_lowers_the_loss_below_the_uniform_guess(tmp_path, text):
    report = run_summary.report(train(text, tmp_path / "run", 60))
    model = read_model(tmp_path / "run")
    assert report.val_nats < 0.9 * math.log(len(model.vocabulary))
    assert report.val_bpc == pytest.approx(report.val_nats / math.log(2), rel=1e-12)
    assert model.trained["val_nats"] == report.val_nats
    assert report.parameters == sum(value.size for _, value in model.weights.named())


class StopInLastValidation(StopAt):
    """Sends the signal while the weights after that update are scored."""

    reached = 0

    def updated(self, status):
        self.reached = status.update

    def validating(self):
        if self.reached == self.update:
            os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("budget", [Budget("updates", 40), Budget("epochs", 2)])
def test_a_last_validation_that_was_stopped_is_done_on_resume(tmp_path, text, budget):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    begin.start([text], settings=SMALL, budget=budget, out=str(whole))
    last = run_summary.report(whole).updates
    with pytest.raises(Interrupted):
        begin.start([text], settings=SMALL, budget=budget, out=str(parts), progress=StopInLastValidation(last))
    begin.resume(str(parts))
    assert_same_state(whole, parts)
    assert (whole / MODEL).read_bytes() == (parts / MODEL).read_bytes()
    with pytest.raises(TrainingError, match="is finished"):
        begin.resume(str(parts))


class Model(Notes):
    """Reads a run's model after each update."""

    def __init__(self, out):
        super().__init__()
        self.out, self.read = out, []

    def updated(self, _):
        self.read.append(read_model(self.out))


def test_a_damaged_model_can_be_moved_away_and_the_run_goes_on(text, tmp_path):
    out = Path(train(text, "run", 4))
    (out / MODEL).write_bytes((out / MODEL).read_bytes()[:-5])
    with pytest.raises(DamagedRunError) as refused:
        begin.resume(str(out), budget=Budget("updates", 8))
    assert refused.value.hint == ("use a backup of it, or move it away: `resume=True` then goes on from the last state")
    (out / MODEL).rename(tmp_path / "away")
    assert read_model(begin.resume(str(out), budget=Budget("updates", 8))).trained["updates"] == 8


def test_a_run_whose_model_is_gone_has_one_again(tmp_path, text):
    out = tmp_path / "run"
    train(text, out, 30)
    (out / MODEL).unlink()
    state, progress = run.read_training(out)[1], Model(out)
    begin.resume(str(out), budget=Budget("updates", 60), progress=progress)
    assert f"note: {out / MODEL} is missing; the best weights from here on take its place" in progress.notes
    first = progress.read[0]
    assert all(np.array_equal(value, state[f"weights.{name}"]) for name, value in first.weights.named())
    assert read_model(out).trained["best_update"] > 30


def test_resume_takes_a_larger_budget(tmp_path, text):
    out = str(tmp_path / "run")
    train(text, out, 5)
    assert run_summary.report(begin.resume(out, budget=Budget("updates", 8))).updates == 8


@pytest.mark.parametrize("budget", [None, Budget("updates", 5), Budget("updates", 4), Budget("epochs", 0.01)])
def test_resume_of_a_finished_run_asks_for_a_larger_budget(tmp_path, text, budget):
    out = str(tmp_path / "run")
    train(text, out, 5)
    with pytest.raises((TrainingError, SettingError)) as error:
        begin.resume(out, budget=budget)
    assert "larger" in error.value.hint


def test_a_run_that_was_killed_when_all_but_that_was_done_is_saved_as_finished(tmp_path, text):
    """With a budget that is no larger than what is done, it is refused."""
    out = tmp_path / "run"
    train(text, out, 5)
    change_state(out, lambda document, _: document.update(finished=False))
    with pytest.raises(TrainingError, match="has used a budget of 5 updates already"):
        begin.resume(str(out), budget=Budget("updates", 5))
    begin.resume(str(out))
    state = run.read_training(out)[0]
    assert (state["updates"], state["finished"]) == (5, True)


def test_a_best_score_without_its_update_is_not_taken(tmp_path, text):
    """The last state's own best goes on."""
    out = tmp_path / "run"
    train(text, out, 5)
    model, was = read_model(out), run.read_training(out)[0]["position"]
    trained = {key: value for key, value in model.trained.items() if key != "best_update"}
    write_model(out, replace(model, trained=trained | {"val_nats": 0.01}))
    begin.resume(str(out), budget=Budget("updates", 8))
    now = run.read_training(out)[0]["position"]
    assert 0.01 < now["best_nats"] <= was["best_nats"]
    assert now["best_update"] >= was["best_update"] > 0


def test_resume_refuses_a_changed_text_and_says_which(tmp_path, text):
    out = str(tmp_path / "run")
    train(text, out, 5)
    Path(text).write_text(TEXT + "!")
    with pytest.raises(TextError, match=r"cat\.txt .*changed"):
        begin.resume(out, budget=Budget("updates", 8))


def test_resume_finds_a_moved_text_by_name(tmp_path, text):
    out = str(tmp_path / "run")
    train(text, out, 5)
    moved = tmp_path / "moved.txt"
    Path(text).rename(moved)
    with pytest.raises(TextError, match="gone"):
        begin.resume(out, budget=Budget("updates", 8))
    assert run_summary.report(begin.resume(out, paths=[str(moved)], budget=Budget("updates", 8))).updates == 8


def test_an_existing_run_is_never_overwritten(tmp_path, text):
    out = str(tmp_path / "run")
    train(text, out, 2)
    before = (tmp_path / "run" / MODEL).read_bytes()
    with pytest.raises(RunError, match="already exists"):
        train(text, out, 2)
    assert (tmp_path / "run" / MODEL).read_bytes() == before


def test_runs_are_numbered(text):
    names = [str(begin.start([text], settings=SMALL, budget=Budget("updates", 1))) for _ in range(2)]
    assert names == ["checkpoints/cat-001", "checkpoints/cat-002"]


def test_one_run_one_process(tmp_path, text):
    out = tmp_path / "run"
    train(text, out, 2)
    with run.lock(out), pytest.raises(RunLockedError, match="another process"):
        begin.resume(str(out), budget=Budget("updates", 4))


def test_resuming_keeps_what_is_held(tmp_path, text):
    held = {"force": ("r=1", "z=0"), "layers": 2, "weight_decay": 0.5}
    train(text, "whole", 25, **held)
    with pytest.raises(Interrupted, match="update 13"):
        train(text, "parts", 25, progress=StopAt(13), **held)
    begin.resume("parts")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "parts" / MODEL).read_bytes()


def test_a_text_kept_in_the_run_moves_with_it(chargru, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ("--updates", 2, "--hidden-size", 4, "--window", 8, "--threads", 1, "--out", "run")
    assert chargru("train", "-", *arguments, input=TEXT).exit_code == 0
    (tmp_path / "run").rename(tmp_path / "moved")
    assert chargru("evaluate", "-c", "moved").exit_code == 0
    assert run_summary.report(begin.resume("moved", budget=Budget("updates", 3))).updates == 3


def test_a_text_named_on_resume_is_remembered(text, tmp_path):
    train(text, "run")
    os.rename(text, tmp_path / "other.txt")  # noqa: PTH104
    begin.resume("run", paths=["other.txt"], budget=Budget("updates", 6))
    assert run_summary.report(begin.resume("run", budget=Budget("updates", 7))).updates == 7


def test_a_text_piped_into_resume_is_not_remembered_as_a_path(chargru, text):
    train(text, "run")
    done = chargru("train", "-", "--resume", "--out", "run", "--updates", 6, input=TEXT)
    assert done.exit_code == 0, done.stderr
    assert run_summary.report(begin.resume("run", budget=Budget("updates", 7))).updates == 7
