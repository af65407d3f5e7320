"""metrics.jsonl: what a run that goes on does with the rows it finds, and what a full disk does to new ones."""

import os
from pathlib import Path

import pytest
from faults.disk import Disk
from sessions import rows, train

import chargru.training.metrics
from chargru import run, run_curves, run_summary
from chargru.errors import DamagedRunError, RunError
from chargru.training import begin
from chargru.training.metrics import Metrics, Point
from chargru.training.settings import Budget


def test_rows_beyond_the_saved_state_are_dropped(tmp_path, text):
    out = tmp_path / "run"
    train(text, out, 5)
    with (out / run.METRICS).open("a") as file:
        file.write('{"update": 6, "val_bpc": 0.1}\n{"update": 7, "va')
    begin.resume(str(out), budget=Budget("updates", 9))
    assert [row["update"] for row in rows(out)] == sorted({row["update"] for row in rows(out)})
    assert all(row["val_bpc"] != 0.1 for row in rows(out))


def test_damaged_metrics_do_not_stop_a_run(text, tmp_path):
    train(text, "run")
    with (tmp_path / "run" / run.METRICS).open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert run_summary.report(begin.resume("run", budget=Budget("updates", 6))).updates == 6


@pytest.mark.parametrize(
    "bad",
    [
        b'{"update": Infinity}',
        b'{"update": 1e999}',
        b"[" * 100_000,
        b'{"update": ' + b"9" * 5000 + b"}",
        b'{"update": 3.0}',
        b'{"update": -1}',
        b'{"update": 1, "val_bpc": "x"}',
        b'{"update": 1, "train_bpc": 1e308}',
        b'{"update": 1, "val_bpc": -1e308}',
        b'{"update": 1, "pad": "' + b"a" * 10**6 + b'"}',
        b"x" * run_curves.LONGEST_ROW + b'{"update": 1}',
        bytes(range(256)),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out(tmp_path, bad):
    good = b'{"update": 1, "val_bpc": 2.5}'
    (tmp_path / run.METRICS).write_bytes(b"\n".join([good, bad, b'{"update": 2}']))
    assert run_curves.curve(tmp_path).update == (1, 2)
    assert Metrics(tmp_path, 2, 2).validations == [2.5]
    assert (tmp_path / run.METRICS).read_bytes() == good + b'\n{"update": 2}\n'


def test_a_validation_that_is_done_again_has_one_row(tmp_path):
    kept = b'{"update": 2, "val_bpc": 2.5}\n{"update": 4, "val_bpc": null}\n'
    (tmp_path / run.METRICS).write_bytes(kept + b'{"update": 4, "val_bpc": 2.25}\n')
    assert Metrics(tmp_path, 4, 2).validations == [2.5]
    assert (tmp_path / run.METRICS).read_bytes() == kept


def link_to_nothing(path):
    """What is written there would be written outside the run."""
    path.symlink_to(path.parents[1] / "elsewhere")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/full"), link_to_nothing])
def test_what_is_no_file_is_refused_before_the_first_update(text, tmp_path, make):
    train(text, "run")
    before = (tmp_path / "run" / run.TRAINING).read_bytes()
    (tmp_path / "run" / run.METRICS).unlink()
    make(tmp_path / "run" / run.METRICS)
    with pytest.raises(DamagedRunError, match=r"metrics\.jsonl is not a file"):
        begin.resume("run", budget=Budget("updates", 6))
    assert (tmp_path / "run" / run.TRAINING).read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()


def point(update):
    return Point(update, 0.5, 1.0, 2.0, None, 0.1, 1.0, 9.0)


def test_rows_that_the_disk_refuses_wait_for_the_next(tmp_path):
    metrics = Metrics(tmp_path, 0, 0)
    metrics.add(point(1))
    with Disk(tmp_path, "write", 1, lasting=True):  # which writes a half of them
        metrics.add(point(2))
        metrics.add(point(3))
        with pytest.raises(RunError, match=r"metrics\.jsonl: No space left on device"):
            metrics.write()
    assert [row["update"] for row in rows(tmp_path)] == [1]
    metrics.add(point(4))
    assert [row["update"] for row in rows(tmp_path)] == [1, 2, 3, 4]


def test_rows_that_are_refused_when_the_file_is_closed_are_not_there_twice(tmp_path):
    """On a network's file system a full disk may be noticed only then."""
    metrics = Metrics(tmp_path, 0, 0)
    metrics.add(point(1))
    with Disk(tmp_path, "close", 1):
        metrics.add(point(2))
        assert metrics.waiting == 1
    metrics.add(point(3))
    assert [row["update"] for row in rows(tmp_path)] == [1, 2, 3]


def test_half_a_row_that_cannot_be_cut_off_is_cut_off_later(tmp_path):
    metrics = Metrics(tmp_path, 0, 0)
    metrics.add(point(1))
    with Disk(tmp_path, "write", 1), Disk(tmp_path, "truncate", 1):
        metrics.add(point(2))
    assert not (tmp_path / run.METRICS).read_bytes().endswith(b"\n")
    metrics.add(point(3))
    assert [row["update"] for row in rows(tmp_path)] == [1, 2, 3]


def test_only_so_many_rows_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(chargru.training.metrics, "KEPT", 3)
    metrics = Metrics(tmp_path / "away", 0, 0)
    for update in range(6):
        metrics.add(point(update))
    (tmp_path / "away").mkdir()
    metrics.write()
    assert [row["update"] for row in rows(tmp_path / "away")] == [3, 4, 5]
