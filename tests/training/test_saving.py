"""A disk that refuses to save: what is said, what goes on, and what is there in the end."""

import errno
import io
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from faults import runs
from faults.disk import Disk
from sessions import StopAt, rows

from chargru import host, run
from chargru.engine.native import build, precision
from chargru.errors import Interrupted, RunError, TrainingError
from chargru.model import MODEL, read_model, write_model
from chargru.training import saving, session
from chargru.training.live import LiveProgress
from chargru.training.notebook_progress import NotebookProgress
from chargru.training.progress import PlainProgress, Progress
from chargru.training.signals import Stop

OUT = Path("run")


GOES_ON = "training goes on, and saving is tried again every 20 s"
FULL = "cannot write run/training.safetensors: No space left on device; make room on that disk"
GONE = "cannot write run/training.safetensors: No such file or directory; put run back, or make that folder"


@pytest.fixture(autouse=True)
def _saved_often(text, monkeypatch, request):  # noqa: ARG001 -- the folder to train in
    """A save is due after each update, and nobody waits for it; not in a test that has a clock of its own.

    The compiler is waited for here, by a sleep that is not the run's.
    """
    build.library("float")
    precision.has_bf16()
    if "clock" in request.fixturenames:
        return
    monkeypatch.setattr(session, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(saving, "TRY_EVERY", 0.001)


def train(shown, updates=6, **changes):
    return runs.trained("cat.txt", OUT, updates, shown, **changes)


def state():
    return run.read_training(OUT)[0]


def names():
    return {entry.name for entry in OUT.iterdir()}


class Fills(runs.Hears):
    """The disk refuses from an update on, and takes again after so many refusals that are said."""

    def __init__(self, disk, update, frees_at=None):
        super().__init__(self.heard)
        self.disk, self.at, self.frees_at = disk, update, frees_at

    def updated(self, status):
        super().updated(status)
        if status.update == self.at:
            self.disk.call, self.disk.number, self.disk.lasting = "fsync", 0, True

    def heard(self, note):
        if "not saved" in note and self.frees_at is not None and self.updates >= self.frees_at:
            self.disk.free()


@pytest.mark.parametrize(
    ("refusal", "cure"),
    [
        (errno.ENOSPC, "No space left on device; make room on that disk"),
        (errno.EDQUOT, "Disk quota exceeded; make room on that disk"),
        (errno.EIO, "Input/output error; check that disk"),
        (errno.EROFS, "Read-only file system; allow writing there"),
        (errno.EACCES, "Permission denied; allow writing there"),
    ],
)
def test_a_save_that_fails_is_said_once_and_tried_again(refusal, cure):
    """It is refused at updates 2, 3 and 4, where nothing was validated: the last state is then the best."""
    with Disk(OUT, refusal=refusal) as disk:
        shown = Fills(disk, 2)
        before = shown.updated

        def updated(status):
            before(status)
            if status.update == 5:
                disk.free()

        shown.updated = updated
        train(shown, validation_fraction=0.0)
    assert disk.refused == 3
    assert [note for note in shown.notes if "saved" in note] == [
        f"not saved at update 2: cannot write run/training.safetensors: {cure}; {GOES_ON}",
        "saved again, at update 5",
    ]
    assert (state()["updates"], state()["finished"]) == (6, True)


class Passes(Fills):
    """The disk refuses from the second update on; each takes so many seconds."""

    def __init__(self, disk, clock, seconds, frees_at):
        super().__init__(disk, 2)
        self.clock, self.seconds, self.freed = clock, seconds, frees_at

    def updated(self, status):
        super().updated(status)
        self.clock.now += self.seconds
        if status.update == self.freed:
            self.disk.free()


def test_a_full_disk_is_tried_every_20_seconds(clock):
    with Disk(OUT) as disk:
        shown = Passes(disk, clock, 1.0, frees_at=65)
        train(shown, 65, validation_fraction=0.0)
    assert disk.refused == 3
    assert [note for note in shown.notes if "saved" in note] == [
        f"not saved at update 20: {FULL}; {GOES_ON}",
        "saved again, at update 65",
    ]


def test_a_refusal_that_lasts_is_said_again_every_10_minutes(clock):
    with Disk(OUT) as disk:
        shown = Passes(disk, clock, 100.0, frees_at=15)
        train(shown, 16, validation_fraction=0.0)
    assert disk.refused == 13
    assert [note.partition(":")[0] for note in shown.notes if "saved" in note] == [
        *(f"not saved at update {update}" for update in (2, 8, 14)),
        "saved again, at update 15",
    ]


def test_at_the_end_it_waits_for_room_as_long_as_it_says():
    with Disk(OUT) as disk:
        shown = Fills(disk, 6)
        shown.then = lambda note: "for 0:05; Ctrl-C gives up" in note and disk.free()
        train(shown, validation_fraction=0.0)
    model_first = FULL.replace(run.TRAINING, MODEL)
    assert [note for note in shown.notes if "saved" in note] == [
        f"not saved at update 6: {FULL}; {GOES_ON}",
        f"not saved at update 6: {model_first}; saving is tried again every 0.001 s for 0:05; Ctrl-C gives up",
        "saved again, at update 6",
    ]
    assert (state()["updates"], state()["finished"]) == (6, True)


def test_after_that_time_it_gives_up_with_the_last_good_state():
    with Disk(OUT) as disk:
        shown = Fills(disk, 4)
        shown.patience = 0.01
        with pytest.raises(RunError, match=r"^cannot write run/model.safetensors: No space left on device$") as caught:
            train(shown)
    assert caught.value.hint == ("run holds what it held at update 3; make room on that disk, then `resume=True`")
    assert (shown.updates, state()["updates"], state()["finished"]) == (6, 3, False)
    assert names() == {run.LOCK, run.METRICS, run.TRAINING, MODEL}


@pytest.mark.parametrize("frees", [True, False])
def test_a_run_that_is_stopped_waits_for_room_too(frees):
    class Stopped(Fills):
        def updated(self, status):
            super().updated(status)
            StopAt(4).updated(status)

    with Disk(OUT) as disk:
        shown = Stopped(disk, 4)
        shown.patience = 5.0 if frees else 0.01
        shown.then = lambda note: "gives up" in note and frees and disk.free()
        with pytest.raises(Interrupted if frees else RunError) as caught:
            train(shown, 1000)
    assert state()["updates"] == (4 if frees else 3)
    if frees:
        assert caught.value.message == "stopped at update 4; everything is saved in run"


class Waits:
    """A progress of some kind, waited with on a disk that always refuses: it says that it waits, and notes."""

    def __init__(self, kind, monkeypatch, clock):
        self.shown, self.clock, self.tried, self.said = kind(), clock, [], []
        monkeypatch.setattr(self.shown, "note", self.said.append)
        monkeypatch.setattr(self.shown, "waiting", lambda: self.said.append("waiting"))
        monkeypatch.setattr(saving.time, "sleep", self.sleep)

    def sleep(self, seconds):
        self.clock.now += seconds
        if self.clock.now > 86_400:
            os.kill(os.getpid(), signal.SIGINT)

    def refused(self):
        self.tried.append(round(self.clock.now))
        raise RunError("cannot write run", "") from OSError(errno.ENOSPC, "")

    def insist(self):
        with Stop() as stop:
            saving.Saving(OUT, self.shown, 0).insist(self.refused, 1, stop)


def plain():
    return PlainProgress(io.StringIO())


def live():
    return LiveProgress(io.StringIO())


@pytest.mark.parametrize(("kind", "seconds", "said"), [(Progress, 60, "1:00"), (plain, 3600, "1:00:00")])
def test_where_nobody_can_press_ctrl_c_it_waits_for_so_long(kind, seconds, said, monkeypatch, clock):
    waits = Waits(kind, monkeypatch, clock)
    with pytest.raises(RunError, match=r"^cannot write run$"):
        waits.insist()
    assert waits.tried == list(range(0, seconds + 1, 5))
    asked = f"saving is tried again every 5 s for {said}; Ctrl-C gives up"
    assert waits.said[0] == "waiting"
    assert waits.said[1] == f"not saved at update 1: cannot write run; make room on that disk; {asked}"


@pytest.mark.parametrize("kind", [live, NotebookProgress])
def test_where_a_person_can_press_ctrl_c_it_waits_until_then(kind, monkeypatch, clock):
    """Here after a day."""
    waits = Waits(kind, monkeypatch, clock)
    with pytest.raises(KeyboardInterrupt):
        waits.insist()
    assert waits.tried == list(range(0, 86_400, 5))
    assert waits.said[1].endswith("saving is tried again every 5 s; Ctrl-C gives up")


def test_ctrl_c_gives_up_the_waiting(monkeypatch):
    monkeypatch.setattr(saving.time, "sleep", lambda _: os.kill(os.getpid(), signal.SIGINT))
    with Disk(OUT) as disk, pytest.raises(Interrupted) as stopped:
        train(Fills(disk, 6))
    assert stopped.value.message == "stopped without saving; run holds what it held at update 5"
    assert state()["updates"] == 5


def test_the_first_save_must_be_possible():
    """Nothing is lost yet, so nobody needs to wait."""
    shown = runs.Hears()
    with Disk(OUT, "fsync", 1, lasting=True), pytest.raises(RunError, match="No space left on device") as caught:
        train(shown)
    assert "what was saved before is still there" in caught.value.hint
    assert [note for note in shown.notes if "saved" in note] == []


def test_a_folder_that_vanished_is_not_made_anew_but_used_when_it_is_back():
    """It may be on a disk that was taken out; or somebody removed it, who then stops the run as well."""
    seen = []

    class Removes(runs.Hears):
        def updated(self, status):
            super().updated(status)
            if status.update == 2:
                shutil.rmtree(OUT)
            elif status.update == 5:
                seen.append(OUT.exists())
                OUT.mkdir()

    shown = Removes()
    train(shown, 8, validation_fraction=0.0)
    assert seen == [False]
    assert [note for note in shown.notes if "saved" in note] == [
        f"not saved at update 2: {GONE}; {GOES_ON}",
        "saved again, at update 5",
    ]
    assert state()["updates"] == 8
    assert read_model(OUT).trained["best_update"] == 8


class Empties(runs.Hears):
    """The folder is emptied after update 40; from then on, with `worse`, every validation is worse."""

    def __init__(self, worse):
        super().__init__()
        self.worse = worse

    def prepare(self, trainer):
        self.trainer = trainer

    def updated(self, status):
        if status.update == 40:
            for entry in OUT.iterdir():
                entry.unlink()
            if self.worse:
                self.trainer.model.head.bias.data[0] = 50.0


def test_a_folder_that_vanished_comes_back_with_the_best_model():
    shown, settings, budget = Empties(worse=True), runs.SMALL, runs.Budget("updates", 60)
    runs.begin.start(["cat.txt"], settings=settings, budget=budget, out="run", progress=shown, prepare=shown.prepare)
    trained, position = read_model(OUT).trained, state()["position"]
    assert 0 < trained["best_update"] <= 40
    assert (trained["val_nats"], trained["best_update"]) == (position["best_nats"], position["best_update"])


def test_a_folder_that_vanished_comes_back_with_a_model():
    """The best weights of a run that went on were only there, and better than any since: those from then on count."""
    train(None, 6)
    best = read_model(OUT)
    write_model(OUT, replace(best, trained={**best.trained, "val_nats": 0.01, "best_update": 3}))
    runs.begin.resume("run", budget=runs.Budget("updates", 60), progress=Empties(worse=False))
    assert names() == {run.METRICS, run.TRAINING, MODEL}
    trained, position = read_model(OUT).trained, state()["position"]
    assert trained["best_update"] == position["best_update"] >= 40
    assert trained["val_nats"] == position["best_nats"] > 0.01


class Leaves(runs.Hears):
    """The folder is elsewhere for a few updates."""

    def updated(self, status):
        super().updated(status)
        if status.update == 8:
            OUT.rename("away")
        elif status.update == 12:
            Path("away").rename(OUT)


def test_a_folder_that_comes_back_as_it_was_keeps_the_best_model_of_before():
    """Which a run that went on has only there."""
    train(None, 6)
    best = read_model(OUT)
    write_model(OUT, replace(best, trained={**best.trained, "val_nats": 0.01, "best_update": 3}))
    kept, shown = (OUT / MODEL).read_bytes(), Leaves()
    runs.begin.resume("run", budget=runs.Budget("updates", 60), progress=shown)
    assert f"not saved at update 8: {GONE}; {GOES_ON}" in shown.notes
    assert state()["updates"] == 60
    assert state()["position"]["best_nats"] == 0.01
    assert (OUT / MODEL).read_bytes() == kept


def test_the_end_of_a_run_that_is_not_validated_is_its_model_even_if_it_is_killed_there(monkeypatch):
    """The state says that it is finished, so nobody would write the model after it."""
    monkeypatch.setattr(session, "SAVE_EVERY", 3600.0)
    monkeypatch.setattr(runs.Hears, "patience", 0.0)
    with Disk(OUT, "rename", 4) as disk, pytest.raises(RunError, match="cannot write run/training"):
        train(runs.Hears(), 6, validation_fraction=0.0)
    assert disk.refused == 1
    assert (state()["updates"], state()["finished"]) == (0, False)
    assert read_model(OUT).trained["updates"] == 6


def test_the_best_weights_outlive_a_breakdown_on_a_full_disk(monkeypatch):
    monkeypatch.setattr(session, "SAVE_EVERY", 3600.0)

    class Breaks(Fills):
        def updated(self, status):
            super().updated(status)
            if status.update == 50:
                self.trainer.model.head.bias.data[0] = float("nan")

    with Disk(OUT) as disk:
        shown = Breaks(disk, 49)
        shown.then = lambda note: "gives up" in note and disk.free()
        settings, budget = runs.SMALL, runs.Budget("minutes", 1)
        with pytest.raises(TrainingError, match="broke down at update 51"):
            runs.begin.start(
                ["cat.txt"],
                settings=settings,
                budget=budget,
                out="run",
                progress=shown,
                prepare=lambda trainer: setattr(shown, "trainer", trainer),
            )
    assert read_model(OUT).trained["val_bpc"] == min(row["val_bpc"] for row in rows(OUT) if row["val_bpc"])


@pytest.mark.parametrize("frees", [True, False])
def test_a_log_that_is_refused_is_said_once_and_costs_no_save(monkeypatch, frees):
    """As one that is a directory or not allowed is; at the end nobody waits for its rows alone."""
    monkeypatch.setattr(session, "POINT_EVERY", 0.0)
    monkeypatch.setattr(saving.time, "sleep", lambda _: pytest.fail("it waits"))

    class Refuses(runs.Hears):
        def updated(self, status):
            super().updated(status)
            log = OUT / run.METRICS
            if status.update == 2:
                log.rename("log")
                log.mkdir()
            elif status.update == 5 and frees:
                log.rmdir()
                Path("log").rename(log)

    shown = Refuses()
    train(shown, 8, validation_fraction=0.0)
    assert (state()["updates"], state()["finished"]) == (8, True)
    assert read_model(OUT).trained["best_update"] == 8
    refused = "cannot write run/metrics.jsonl: Is a directory; check that disk; the run is saved"
    said = [note for note in shown.notes if "metrics" in note or "not saved" in note]
    if frees:
        assert said == [f"{refused}, and its rows are tried again with every save"]
        assert [row["update"] for row in rows(OUT)] == list(range(1, 9))
    else:
        assert said == [
            f"{refused}, and its rows are tried again with every save",
            "7 rows of run/metrics.jsonl could not be written",
        ]
        assert len(Path("log").read_text().splitlines()) == 1


def test_a_directory_that_cannot_be_flushed_at_the_end_leaves_a_finished_run(monkeypatch):
    """Both files are there, and only a loss of power could undo them: no reason to call the run unfinished."""
    true = host.flush_folder

    def flush(folder):
        if shown.updates >= 6:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        true(folder)

    monkeypatch.setattr(host, "flush_folder", flush)
    shown = runs.Hears()
    shown.patience = 0.0
    train(shown, 6, validation_fraction=0.0)
    assert (state()["updates"], state()["finished"]) == (6, True)
    assert read_model(OUT).trained["best_update"] == 6
    why = "is written, but its directory cannot be flushed to the disk: Input/output error"
    assert [note for note in shown.notes if "saved" in note] == [
        f"saved, but not safely, at update 6: run/model.safetensors {why}; check that disk; {GOES_ON}",
        f"saved at update 6; run/training.safetensors {why}; a loss of power could undo that",
    ]
