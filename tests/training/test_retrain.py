"""`retrain`: each row is a training of its own, equal to one by `train` where there is one; what ends it, and how."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drawn import model
from sessions import SMALL, TEXT, Notes, StopAt

import chargru
from chargru import run_summary
from chargru.errors import SettingError, TextError
from chargru.insight.retraining import Trial
from chargru.show.formats import show
from chargru.training import begin
from chargru.training.progress import Progress, Status
from chargru.training.retrain import Overall, retrain
from chargru.training.settings import Budget

SIZE = {"hidden_size": 6, "batch_size": 3, "window": 8, "threads": 1, "learning_rate": 0.02, "seed": 5}
BUDGET = Budget("updates", 5)


@pytest.fixture
def text(tmp_path, monkeypatch):
    """A folder of the test's own; the path of a text there."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cat.txt"
    path.write_text(TEXT)
    return str(path)


@pytest.fixture
def trained(text, tmp_path):
    """A model that knows its text and its settings, which hold a gate."""
    return chargru.train(text, out=tmp_path / "own", updates=2, force=["r=1"], patience=1, **{**SIZE, "seed": 3})


def test_every_row_is_what_train_gives(text, tmp_path):
    found = retrain(model(), TEXT, updates=5, seeds=2, **SIZE)
    base = replace(SMALL, dropout=0.3, weight_drop=0.1, precision="fp32")
    expected = {
        "as it is": base,
        "r = 0": replace(base, force=("r=0",)),
        "r = 1, z = 0": replace(base, force=("r=1", "z=0")),
        "reset before": replace(base, reset="before"),
    }
    for name, settings in expected.items():
        for trial in found.named(name).trials:
            out = tmp_path / f"{name}-{trial.seed}"
            begin.start([text], settings=replace(settings, seed=trial.seed), budget=BUDGET, out=str(out))
            report = run_summary.report(out)
            assert abs(trial.val_nats - report.val_nats) < 1e-12
            assert abs(trial.val_bpc - report.val_nats / np.log(2)) < 1e-12
            assert trial.updates == report.updates == 5
    assert found.named("as it is").parameters == report.parameters
    assert {one.variant: [trial.seed for trial in one.trials] for one in found.variants} == {
        one.variant: [5, 6] for one in found.variants
    }
    assert (found.planned, found.trials, found.seeds) == (22, 22, (5, 6))


@pytest.mark.slow
def test_differences_are_from_the_gru_that_had_as_many_updates():
    found = retrain(model(), TEXT, updates=4, seeds=2, **SIZE)
    base = found.named("as it is")
    for one in found.variants:
        apart = [a.val_bpc - b.val_bpc for a, b in zip(one.trials, base.trials, strict=True)]
        assert abs(one.difference - np.mean(apart)) < 1e-12
    assert len({one.difference for one in found.variants}) == len(found.variants)
    minutes = retrain(model(), TEXT, minutes=0.005, seeds=2, **SIZE)
    plain = minutes.named("as it is *")
    for one in minutes.variants:
        against = plain if one.variant.endswith("*") else minutes.named("as it is")
        assert abs(one.difference - (one.bits - against.bits)) < 1e-12
        assert {trial.updates for trial in one.trials} == {against.trials[0].updates}
        assert one.engine == plain.engine or not one.variant.endswith("*")


def test_without_a_text_it_is_the_run_s_own_with_its_settings(trained):
    found = retrain(trained, updates=3)
    assert (found.text, found.characters, found.budget) == ("the run's text", len(TEXT), "3 updates")
    own = trained.trained["settings"]
    assert {name: value for name, value in found.settings.items() if value != own[name]} == {
        "force": (),
        "precision": "fp32",
        "patience": 0,
    }
    assert json.loads(show(found, "json"))["settings"]["hidden_size"] == 6
    given = retrain(trained, TEXT, updates=3)
    assert [one.bits for one in given.variants] == [one.bits for one in found.variants]


def test_nothing_is_left_behind(trained, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    retrain(trained, updates=1)
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("checkpoints").exists()


def test_ctrl_c_ends_it_with_what_is_done():
    class StopIn(StopAt):
        """Stops at an update of the third training."""

        def __init__(self, update):
            super().__init__(update)
            self.notes = []

        def note(self, text):
            self.notes.append(text)

        def updated(self, status):
            if any(note.startswith("3 of 11") for note in self.notes):
                super().updated(status)

    progress = StopIn(2)
    found = retrain(model(), TEXT, updates=4, progress=progress, **SIZE)
    assert [one.variant for one in found.variants] == ["as it is", "r = 1"]
    assert (found.trials, found.planned) == (2, 11)
    assert all(trial.updates == 4 for one in found.variants for trial in one.trials)
    assert progress.notes[-1].startswith("stopped")
    assert "Stopped after 2 of 11 trainings." in " ".join(show(found).split())


def test_ctrl_c_before_the_first_is_done():
    found = retrain(model(), TEXT, updates=9, progress=StopAt(1), **SIZE)
    assert (found.variants, found.trials) == ((), 0)
    assert show(found).endswith("No training was done.")


def test_what_diverges_is_a_row():
    """Weights of 1e30 after the first update: no loss is finite then."""
    found = retrain(model(), TEXT, updates=30, **{**SIZE, "learning_rate": 1e38})
    trials = [one.trials[0] for one in found.variants]
    assert [one.diverged for one in trials] == [True] * 11
    assert all(1 <= one.updates < 30 for one in trials)
    assert [one.bits for one in found.variants] == [None] * 11
    shown = show(found)
    assert f"n with identity *: diverged after {trials[-1].updates} updates (seed 5)" in " ".join(shown.split())
    json.loads(show(found, "json"))


class Seen(Notes):
    """Keeps what it is shown."""

    def __init__(self):
        super().__init__()
        self.statuses = []

    def updated(self, status):
        self.statuses.append(status)


def test_progress_is_of_all_trainings():
    shown = Seen()
    retrain(model(), TEXT, updates=4, progress=shown, **SIZE)
    shares = [one.share for one in shown.statuses]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1 / 11
    assert abs(shares[-1] - 1) < 1e-12
    begun = [note for note in shown.notes if " of 11: " in note]
    assert begun[:2] == ["1 of 11: as it is, seed 5", "2 of 11: r = 1, seed 5"]
    assert len(begun) == 11
    assert [note for note in shown.notes if shown.notes.count(note) > 1 and "bits" not in note] == []


def test_under_minutes_the_time_left_is_that_of_all():
    shown = Seen()
    overall = Overall(shown, Budget("minutes", 2), planned=11)
    overall.begin("as it is", 0)
    overall.updated(Status(share=0.25, update=1, epoch=0.1, seconds_left=90.0))
    overall.end(Trial(0, 0.7, 1.0, 9, 1000.0))
    overall.updated(Status(share=0.5, update=1, epoch=0.1, seconds_left=60.0))
    assert [one.seconds_left for one in shown.statuses] == [90 + 10 * 120, 60 + 9 * 120]
    assert [one.share for one in shown.statuses] == [0.25 / 11, 1.5 / 11]
    assert shown.notes == ["1 of 11: as it is, seed 0", "   1.0000 bits per character after 9 updates"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"seeds": 0}, SettingError, "`seeds` is 0, but it must be from 1 to 100"),
        ({"force": ["r=1"]}, SettingError, "`force` is what the variants differ in"),
        ({"colour": 1}, SettingError, "there is no setting 'colour'"),
        ({"minutes": 1, "updates": 1}, SettingError, "`minutes` and `updates` are both budgets"),
        ({"hidden_size": 0}, SettingError, "`hidden_size` is 0, but it must be from 1 to 1,000,000"),
        ({}, TextError, "the run does not say which text it was trained on"),
    ],
)
def test_what_cannot_be_is_refused(given, error, message):
    with pytest.raises(error) as refused:
        retrain(model(), **given)
    assert refused.value.message == message
    assert refused.value.hint


def test_it_shows_nothing_unless_asked(capsys):
    retrain(model(), TEXT, updates=1, progress=Progress(), **SIZE)
    assert capsys.readouterr() == ("", "")
