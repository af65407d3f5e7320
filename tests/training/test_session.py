"""A session: when it validates, what it keeps, where it stops and what a crash leaves."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sessions import SMALL, TEXT, StopAt, change_state, rows, train

from chargru import evaluation, run, run_summary, sampling
from chargru.errors import Interrupted, TrainingError
from chargru.gru.network import Network
from chargru.gru.weights import unpack
from chargru.model import read_model, write_model
from chargru.training import begin, session
from chargru.training.progress import Progress
from chargru.training.settings import Budget
from chargru.training.signals import AGAIN, STOPPING


def test_the_best_validation_is_what_is_kept(tmp_path, text):
    wild = replace(SMALL, learning_rate=0.5)
    report = run_summary.report(
        begin.start([text], settings=wild, budget=Budget("updates", 200), out=str(tmp_path / "run"))
    )
    scored = [row["val_bpc"] for row in rows(tmp_path / "run") if row["val_bpc"] is not None]
    assert len(scored) > 3
    assert report.val_bpc == pytest.approx(min(scored), rel=1e-12)
    assert (
        report.best_update
        == [row["update"] for row in rows(tmp_path / "run") if row["val_bpc"]][int(np.argmin(scored))]
    )


def test_patience_stops_early(tmp_path, text):
    settings = replace(SMALL, learning_rate=2.0, patience=2)
    report = run_summary.report(
        begin.start([text], settings=settings, budget=Budget("updates", 2000), out=str(tmp_path / "run"))
    )
    assert report.updates < 2000
    assert run.read_training(tmp_path / "run")[0]["position"]["waited"] == 2


def test_without_validation_the_last_weights_are_kept(tmp_path, text):
    settings = replace(SMALL, validation_fraction=0.0)
    report = run_summary.report(
        begin.start([text], settings=settings, budget=Budget("updates", 9), out=str(tmp_path / "run"))
    )
    assert report.val_nats is None
    assert report.best_update == 9
    model, (_, tensors) = read_model(tmp_path / "run"), run.read_training(tmp_path / "run")
    for name, value in model.weights.named():
        assert np.array_equal(value, tensors[f"weights.{name}"])


def test_a_loss_that_is_not_finite_keeps_the_last_good_state(tmp_path, text):
    out = tmp_path / "run"
    train(text, out, 6)

    def enlarge(_document, tensors):
        tensors["weights.head.weight"][::2] = 3e38
        tensors["weights.head.weight"][1::2] = -3e38

    change_state(out, enlarge)
    before = run.read_training(out)[1]
    with pytest.raises(TrainingError, match="broke down at update 7") as error:
        begin.resume(str(out), budget=Budget("updates", 9))
    assert "`learning_rate`" in error.value.hint
    after = run.read_training(out)
    assert after[0]["updates"] == 6
    assert np.array_equal(after[1]["weights.gru.weight_hh_l0"], before["weights.gru.weight_hh_l0"])


class Shares(Progress):
    """The used share of the budget is never below `least`."""

    def __init__(self, least):
        self.least = least

    def updated(self, status):
        assert status.share >= self.least


def test_minutes_go_on_with_the_minutes_left(tmp_path, text):
    with pytest.raises(Interrupted):
        begin.start([text], settings=SMALL, budget=Budget("minutes", 1), out="run", progress=StopAt(3))
    change_state(tmp_path / "run", lambda document, _: document["position"].update(seconds=58.0))
    report = run_summary.report(begin.resume("run", progress=Shares(58 / 60)))
    assert report.seconds >= 58
    assert report.updates > 3


def test_a_validation_that_reads_twice_is_the_single_streams(tmp_path):
    """Two lanes of a split of 1,560 characters, by a network that holds nearly all (b_iz = 7)."""
    text, out = tmp_path / "long.txt", str(tmp_path / "run")
    text.write_text(TEXT * 24)
    train(str(text), out, 1)

    def hold(document, tensors):
        tensors["weights.gru.bias_ih_l0"][6:12] = 7
        document["position"] |= {"best_nats": None}

    change_state(tmp_path / "run", hold)
    begin.resume(out, budget=Budget("updates", 3))
    trained = read_model(out)
    source = trained.trained["text"]
    ids = trained.vocabulary.encode((TEXT * 24)[source["split"] - 1 :])
    single = evaluation.score(Network(trained.weights, np.float64), ids, lanes=1)
    assert evaluation.plan(len(ids) - 1).lanes == 2
    assert abs(trained.trained["val_nats"] - single.nats) < 1e-5


def validated(path):
    """The updates at which a run was validated."""
    return [row["update"] for row in rows(path) if row["val_bpc"] is not None]


def test_the_clock_does_not_decide_when_a_small_split_is_scored(tmp_path, text):
    """To score 65 characters costs as much as 0.9 + 0.8 updates of 3 lanes of 8."""
    for out, minutes in (("one", 1), ("two", 50)):
        with pytest.raises(Interrupted):
            begin.start([text], settings=SMALL, budget=Budget("minutes", minutes), out=out, progress=StopAt(60))
    assert validated(tmp_path / "one") == validated(tmp_path / "two") == [18, 36, 54]


class Breaks(Progress):
    """The weights are no numbers after an update, as a disaster would have it."""

    def __init__(self, update):
        self.update = update

    def prepare(self, trainer):
        self.trainer = trainer

    def updated(self, status):
        if status.update == self.update:
            self.trainer.model.head.bias.data[0] = float("nan")


def test_the_best_weights_outlive_a_breakdown(tmp_path, text):
    """Although the last save was the one before the first update."""
    broken = Breaks(50)
    with pytest.raises(TrainingError, match="broke down at update 51"):
        begin.start(
            [text], settings=SMALL, budget=Budget("minutes", 1), out="run", progress=broken, prepare=broken.prepare
        )
    assert run.read_training(tmp_path / "run")[0]["updates"] == 0
    trained = read_model("run").trained
    assert trained["val_bpc"] == min(row["val_bpc"] for row in rows(tmp_path / "run") if row["val_bpc"])
    assert trained["best_update"] in validated(tmp_path / "run")


def test_what_is_stopped_has_its_best_weights(tmp_path, text):
    with pytest.raises(Interrupted):
        train(text, "run", 1000, progress=StopAt(100))
    trained, position = read_model("run").trained, run.read_training(tmp_path / "run")[0]["position"]
    assert (trained["val_nats"], trained["best_update"]) == (position["best_nats"], position["best_update"])
    assert trained["val_bpc"] == min(row["val_bpc"] for row in rows(tmp_path / "run") if row["val_bpc"])
    assert trained["updates"] == trained["best_update"] in validated(tmp_path / "run")


class Died(Exception):  # noqa: N818
    pass


def dies_at(monkeypatch, owner, name, number):
    """The process dies when `owner`'s function `name` is called for the `number`th time, before it does anything."""
    calls, true = [], getattr(owner, name)

    def call(*arguments):
        calls.append(1)
        if len(calls) == number:
            raise Died
        return true(*arguments)

    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize(("number", "save_every"), [(2, 3600.0), (2, 0.0), (25, 0.0), (50, 0.0)])
def test_death_between_the_best_model_and_the_state_changes_nothing(text, monkeypatch, number, save_every):
    """With one save in an hour all is done again, the validations too that were the best of their time."""
    settings, budget = replace(SMALL, patience=1), Budget("updates", 60)
    whole = run_summary.report(begin.start([text], settings=settings, budget=budget, out="whole"))
    with monkeypatch.context() as patched:
        patched.setattr(session, "SAVE_EVERY", save_every)
        dies_at(patched, run, "write_training", number)
        with pytest.raises(Died):
            begin.start([text], settings=settings, budget=budget, out="parts")
    parts = run_summary.report(begin.resume("parts"))
    assert (parts.best_update, parts.updates, parts.val_nats) == (whole.best_update, whole.updates, whole.val_nats)


def test_death_in_the_first_save_leaves_a_run_that_goes_on(text, monkeypatch):
    with monkeypatch.context() as patched:
        dies_at(patched, session, "write_model", 1)
        with pytest.raises(Died):
            train(text, "run", 4)
    assert run_summary.report(begin.resume("run")).updates == 4


def test_a_better_model_that_was_written_after_the_state_is_kept(text):
    """Under minutes its validation may fall elsewhere the second time."""
    train(text, "run", 4)
    better = read_model("run")
    write_model(Path("run"), replace(better, trained={**better.trained, "val_nats": 0.01, "best_update": 3}))
    report = run_summary.report(begin.resume("run", budget=Budget("updates", 8)))
    kept = read_model("run")
    assert (report.updates, report.best_update, report.val_nats) == (8, 3, 0.01)
    was = dict(better.weights.named())
    assert all(np.array_equal(value, was[name]) for name, value in kept.weights.named())


class Writes(Progress):
    """Keeps what the model wrote between validations, and after which update."""

    def __init__(self):
        self.update, self.written = 0, []

    def updated(self, status):
        self.update = status.update

    def wrote(self, sample):
        self.written.append((self.update, sample))


def test_what_the_present_weights_write_is_shown_as_training_goes_on(text, monkeypatch):
    progress = Writes()
    monkeypatch.setattr(session, "SAMPLE_EVERY", 0.0)
    train(text, "run", 4, progress)
    assert [update for update, _ in progress.written] == [1, 2, 3, 4]
    state = run.read_training(Path("run"))[1]
    weights = {name.removeprefix("weights."): value for name, value in state.items() if name.startswith("weights.")}
    model = read_model("run")
    last = replace(model, weights=unpack(model.architecture, weights))
    assert progress.written[-1][1] == sampling.sample(last, length=78, seed=4)


def test_what_is_being_saved_is_saved_though_ctrl_c_comes_again(text, monkeypatch):
    """The two come two seconds apart, while the last state is about to be written; later they would stop it at once."""
    writes, true = [], run.write_training

    def write(*arguments):
        writes.append(1)
        if len(writes) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            with pytest.MonkeyPatch.context() as patched:
                now = time.monotonic() + 2
                patched.setattr(time, "monotonic", lambda: now)
                os.kill(os.getpid(), signal.SIGINT)
        return true(*arguments)

    monkeypatch.setattr(session, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(run, "write_training", write)
    with pytest.raises(Interrupted, match="everything is saved in run") as stopped:
        train(text, "run", 1000)
    updates = run.read_training(Path("run"))[0]["updates"]
    assert 1 <= updates <= 2
    assert stopped.value.message.startswith(f"stopped at update {updates};")


class Presses(Progress):
    """Ctrl-C at update 3, and again so many seconds later, in the same update; hears what comes of it."""

    def __init__(self, later):
        self.later, self.heard, self.scores = later, [], []

    def updated(self, status):
        if status.update == 3:
            os.kill(os.getpid(), signal.SIGINT)
            with pytest.MonkeyPatch.context() as patched:
                now = time.monotonic() + self.later
                patched.setattr(time, "monotonic", lambda: now)
                os.kill(os.getpid(), signal.SIGINT)

    def stopping(self, what):
        self.heard.append(what)

    def earlier(self, scores):
        self.scores += scores


@pytest.mark.parametrize(
    ("later", "update", "said", "heard"),
    [
        (0.5, 3, "stopped at update 3; everything is saved in run", [STOPPING, AGAIN]),
        (1.5, 0, "stopped without saving; run holds what it held at update 0", [STOPPING]),
    ],
)
def test_a_second_ctrl_c_waits_for_the_save_unless_it_comes_later(text, later, update, said, heard):
    settings, presses = replace(SMALL, validation_fraction=0.0), Presses(later)
    with pytest.raises(Interrupted, match=said):
        begin.start([text], settings=settings, budget=Budget("updates", 9), out="run", progress=presses)
    assert presses.heard == heard
    assert run.read_training(Path("run"))[0]["updates"] == update
    assert run_summary.report(begin.resume("run")).updates == 9


def test_a_run_that_goes_on_shows_the_validations_it_has(tmp_path, text):
    train(text, tmp_path / "run", 9)
    scored = [row["val_bpc"] for row in rows(tmp_path / "run") if row["val_bpc"] is not None]
    presses = Presses(0)
    begin.resume(str(tmp_path / "run"), budget=Budget("updates", 12), progress=presses)
    assert presses.scores == scored != []


class Saved(Progress):
    """Keeps which updates the last state was of, as training goes on."""

    def __init__(self, clock):
        self.clock, self.seen = clock, []

    def updated(self, status):  # noqa: ARG002 -- as training calls it
        self.clock.now += 1
        updates = run.read_training(Path("run"), tensors=False)[0]["updates"]
        if updates not in self.seen:
            self.seen.append(updates)


def test_a_run_is_saved_every_20_seconds(text, clock):
    """An update takes a second."""
    shown = Saved(clock)
    train(text, "run", 65, shown, validation_fraction=0.0)
    assert shown.seen == [0, 20, 40, 60]


class SavesOnlyWhileValidating(Progress):
    """Saves are due from the beginning of a validation to its end, at which the process dies."""

    def __init__(self, monkeypatch):
        self.due = lambda seconds: monkeypatch.setattr(session, "SAVE_EVERY", seconds)
        self.due(3600.0)

    def validating(self):
        self.due(0.0)

    def validated(self, status, _sample):
        self.due(3600.0)
        self.update = status.update
        raise Died


def test_a_long_validation_is_no_time_without_a_save(tmp_path, monkeypatch):
    """The state that it was saved with is that before the validation, which is then done again."""
    text, shown = tmp_path / "long.txt", SavesOnlyWhileValidating(monkeypatch)
    text.write_text(TEXT * 24)
    with pytest.raises(Died):
        train(str(text), tmp_path / "run", 200, shown)
    position = run.read_training(tmp_path / "run")[0]["position"]
    assert (position["updates"], position["validated"]) == (shown.update, 0)
    assert shown.update > 0


class StopsWhileValidating(Progress):
    """Ctrl-C when a validation has begun."""

    def validating(self):
        os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_a_validation_which_is_then_done_again(text):
    with pytest.raises(Interrupted, match="everything is saved in run"):
        train(text, "run", 40, StopsWhileValidating())
    position = run.read_training(Path("run"))[0]["position"]
    assert position["updates"] > position["validated"] == 0
    assert run_summary.report(begin.resume("run")).updates == 40
    train(text, "whole", 40)
    assert validated(Path("run")) == validated(Path("whole"))


@pytest.mark.parametrize("hours", [-30, 30])
def test_the_wall_clock_does_not_count_the_minutes(text, monkeypatch, hours):
    """It is set at update 3; the budget of a minute is not used up by that, and not made longer."""
    shares = []

    class Sets(Progress):
        def updated(self, status):
            shares.append(status.share)
            if status.update == 3:
                true = time.time
                monkeypatch.setattr(time, "time", lambda: true() + hours * 3600)
            if status.update == 9:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted):
        begin.start([text], settings=SMALL, budget=Budget("minutes", 1), out="run", progress=Sets())
    assert len(shares) == 9
    assert shares == sorted(shares)
    assert shares[-1] < 0.9
    assert 0 < run.read_training(Path("run"))[0]["position"]["seconds"] < 54


@pytest.mark.parametrize("rate", [1e6, 1e20])
def test_a_learning_rate_beyond_reason_ends_with_a_hint_and_a_run_that_loads(text, rate):
    """In an update or in a validation; going on comes to the same end, in the same words."""
    with pytest.raises(TrainingError, match="training broke down at update") as first:
        train(text, "run", 200, learning_rate=rate, clip=1e30)
    assert "start a new run with a smaller `learning_rate`" in first.value.hint
    assert all(np.isfinite(value).all() for _, value in read_model("run").weights.named())
    with pytest.raises(TrainingError) as again:
        begin.resume("run")
    assert again.value.message == first.value.message


@pytest.mark.parametrize("every", [0.0, 3600.0])
@pytest.mark.parametrize("fraction", [0.0, 0.1])
@pytest.mark.parametrize(
    ("rate", "decay", "updates"), [(1e39, 0.01, 1), (1e37, 1e3, 40), (1e6, 0.01, 40), (100, 10, 40), (1, 300, 40)]
)
def test_weights_that_are_not_finite_are_never_saved(text, monkeypatch, every, fraction, rate, decay, updates):
    """By a save or at the end; what was saved before is read, and going on comes to the same end in the same words."""
    monkeypatch.setattr(session, "SAVE_EVERY", every)
    monkeypatch.setattr(session, "SAMPLE_EVERY", every)
    wild = {"learning_rate": rate, "weight_decay": decay, "validation_fraction": fraction}
    with pytest.raises(TrainingError, match="training broke down at update") as first:
        train(text, "run", updates, **wild)
    document, tensors = run.read_training(Path("run"))
    assert not document["finished"]
    assert all(np.isfinite(value).all() for value in tensors.values())
    assert all(np.isfinite(value).all() for _, value in read_model("run").weights.named())
    monkeypatch.setattr(session, "SAVE_EVERY", 3600.0 - every)
    with pytest.raises(TrainingError) as again:
        begin.resume("run")
    assert again.value.message == first.value.message


@pytest.mark.parametrize("due", ["SAVE_EVERY", "SAMPLE_EVERY", ""])
def test_weights_that_break_by_themselves_are_not_saved_sampled_or_scored(text, monkeypatch, due):
    """Whatever comes next after update 18 (without the other two it is a validation); the best weights are written."""
    broken = Breaks(18)

    def breaks(status):
        Breaks.updated(broken, status)
        if due and status.update == 18:
            monkeypatch.setattr(session, due, 0.0)

    broken.updated = breaks
    settings, budget = replace(SMALL, patience=0), Budget("updates", 400)
    with pytest.raises(TrainingError, match=r"broke down at update 18: .* is not finite; the last good"):
        begin.start([text], settings=settings, budget=budget, out="run", progress=broken, prepare=broken.prepare)
    assert run.read_training(Path("run"))[0]["updates"] == 0
    assert all(np.isfinite(value).all() for _, value in read_model("run").weights.named())
