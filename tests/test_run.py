"""A run's directory: written whole or not at all, read with suspicion, the newest found, one process at a time."""

import errno
import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from drawn import model
from safetensors.numpy import load_file, save_file

from chargru import run, tensorfile
from chargru.errors import DamagedRunError, RunError, RunLockedError
from chargru.model import MODEL, MODEL_SCHEMA, read_model, write_model


def write_training(path, written):
    path.mkdir(parents=True, exist_ok=True)
    run.write_training(path, {"written": written}, {"position": np.zeros(1)})


def rewrite(path, change_document=None, change_tensors=None):
    """Write a run's model file again with something changed in it."""
    document, tensors = tensorfile.read(path / MODEL, MODEL_SCHEMA)
    if change_document:
        change_document(document)
    if change_tensors:
        change_tensors(tensors)
    save_file(tensors, path / MODEL, metadata={"chargru": json.dumps(document)})


# Written and read back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("layers", "reset", "head"), [(1, "after", True), (2, "before", True), (1, "after", False)])
def test_a_model_is_read_as_it_was_written(tmp_path, layers, reset, head):
    written = model(layers=layers, reset=reset, head=head)
    write_model(tmp_path, written)
    read = read_model(tmp_path)
    assert read.document() == written.document()
    assert read.architecture == written.architecture
    expected = dict(written.weights.named())
    assert max(np.abs(value - expected[name]).max() for name, value in read.weights.named()) == 0


def test_a_model_file_is_a_run_too(tiny_run):
    assert read_model(tiny_run / MODEL).document() == read_model(tiny_run).document()


def test_tensors_can_be_read_without_chargru(tiny_run):
    assert load_file(tiny_run / MODEL)["gru.weight_hh_l0"].shape == (15, 5)


def test_the_last_state_is_read_as_it_was_written(tmp_path):
    run.write_training(tmp_path, {"written": "now"}, {"moment": np.arange(3.0)})
    document, tensors = run.read_training(tmp_path)
    assert document == {"schema": "chargru.training/1", "written": "now"}
    assert tensors["moment"].tolist() == [0.0, 1.0, 2.0]


# Written atomically -----------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "file"
    tensorfile.write_atomically(path, b"old")

    def refuse(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match="No space left") as caught:
        tensorfile.write_atomically(path, b"new")
    assert "what was saved before is still there" in caught.value.hint
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_a_process_killed_while_writing_leaves_the_old_content(tmp_path):
    tensorfile.write_atomically(tmp_path / "file", b"old")
    code = (
        "import os, signal; from pathlib import Path; from chargru import tensorfile;"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL);"
        f"tensorfile.write_atomically(Path({str(tmp_path / 'file')!r}), b'new')"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert (tmp_path / "file").read_bytes() == b"old"
    with run.lock(tmp_path):
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "lock"]


# Damaged ----------------------------------------------------------------------------------------------------------


def drop(key):
    return lambda document: document.pop(key)


def put(key, value):
    return lambda document: document.update({key: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("vocabulary"), "no proper 'vocabulary'"),
        (put("vocabulary", ["ab", "c"]), "entry 0 of the vocabulary"),
        (put("hidden_size", "five"), "no proper 'hidden_size'"),
        (put("hidden_size", value=True), "no proper 'hidden_size'"),
        (put("hidden_size", 6), "has shape"),
        (put("layers", 0), "layers is 0"),
        (put("layers", 2), "is missing"),
        (put("reset", "sometimes"), "reset 'sometimes'"),
        (put("trace_text", 3), "no proper 'trace_text'"),
        (put("trained", []), "no proper 'trained'"),
        (put("schema", "chargru.model/9"), "has the schema 'chargru.model/9'"),
    ],
)
def test_a_damaged_document_is_one_clear_line(tiny_run, change, message):
    rewrite(tiny_run, change_document=change)
    with pytest.raises(DamagedRunError) as caught:
        read_model(tiny_run)
    assert message in caught.value.message
    assert str(tiny_run) in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("gru.bias_ih_l0"), "gru.bias_ih_l0 is missing"),
        (lambda tensors: tensors.pop("head.bias"), "head.bias is missing"),
        (lambda tensors: tensors.update(extra=np.zeros(1, np.float32)), "extra is not known"),
        (lambda tensors: tensors.update({"head.bias": np.zeros(2, np.float32)}), "head.bias has shape (2,)"),
        (lambda tensors: tensors["head.weight"].fill(np.nan), "head.weight holds numbers that are not finite"),
        (lambda tensors: tensors["head.weight"].fill(np.inf), "head.weight holds numbers that are not finite"),
        (lambda tensors: tensors.update({"head.bias": tensors["head.bias"].astype(np.float64)}), "must be float32"),
    ],
)
def test_damaged_tensors_are_one_clear_line(tiny_run, change, message):
    rewrite(tiny_run, change_tensors=change)
    with pytest.raises(DamagedRunError) as caught:
        read_model(tiny_run)
    assert message in caught.value.message
    assert str(tiny_run) in caught.value.message


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_a_cut_off_file_is_one_clear_line(tiny_run, keep):
    path = tiny_run / MODEL
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DamagedRunError, match="is not a whole safetensors file"):
        read_model(tiny_run)


def test_a_file_of_another_program_says_so(tiny_run):
    save_file({"x": np.zeros(1)}, tiny_run / MODEL, metadata={"format": "pt"})
    with pytest.raises(DamagedRunError, match="was not written by chargru"):
        read_model(tiny_run)


def test_a_header_that_is_not_json_says_so(tiny_run):
    save_file({"x": np.zeros(1)}, tiny_run / MODEL, metadata={"chargru": "{"})
    with pytest.raises(DamagedRunError, match="is not JSON"):
        read_model(tiny_run)


def test_a_header_of_impossible_length_says_so(tiny_run):
    (tiny_run / MODEL).write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(DamagedRunError, match="is not a whole safetensors file"):
        read_model(tiny_run)


def test_a_run_that_is_not_there_says_so(tmp_path):
    with pytest.raises(RunError, match="no trained model at"):
        read_model(tmp_path / "none")


# Found ------------------------------------------------------------------------------------------------------------


def test_the_newest_run_is_the_one_written_last_inside_not_by_file_time(empty_folder):
    for name, written in (("old", "2026-01-01T00:00:00+00:00"), ("new", "2026-01-02T00:00:00+00:00")):
        write_training(empty_folder / "checkpoints" / name, written)
        write_model(empty_folder / "checkpoints" / name, model())
    os.utime(empty_folder / "checkpoints" / "old" / MODEL)
    path, why = run.find_model(None)
    assert path.name == "new"
    assert why == "using checkpoints/new, the run trained last"


def test_a_run_without_a_last_state_is_not_chosen(empty_folder):
    (empty_folder / "checkpoints" / "copied").mkdir(parents=True)
    write_model(empty_folder / "checkpoints" / "copied", model())
    with pytest.raises(Exception, match="missing"):
        run.find_model(None)


def test_a_run_killed_before_its_first_save_is_not_a_run(empty_folder):
    path = empty_folder / "checkpoints" / "killed"
    path.mkdir(parents=True)
    (path / "lock").touch()
    (path / run.METRICS).touch()
    assert run.runs() == []


def test_the_given_run_is_used_whatever_else_there_is(empty_folder):
    write_training(empty_folder / "checkpoints" / "new", "2026-01-02T00:00:00+00:00")
    assert run.find_model("elsewhere")[0].name == "elsewhere"


def test_a_run_to_go_on_with_must_have_a_last_state(tiny_run):
    with pytest.raises(RunError, match="nothing to go on with"):
        run.find_training(str(tiny_run))


@pytest.mark.usefixtures("empty_folder")
def test_without_runs_there_is_nothing_to_go_on_with():
    with pytest.raises(RunError, match="no run below"):
        run.find_training(None)


# Created and locked -----------------------------------------------------------------------------------------------


def test_runs_are_numbered_by_the_next_free_number(empty_folder):
    names = [run.create(None, "novel").name for _ in range(2)]
    (empty_folder / "checkpoints" / "novel-003").touch()
    assert [*names, run.create(None, "novel").name] == ["novel-001", "novel-002", "novel-004"]


def test_a_directory_with_content_is_never_overwritten(tiny_run):
    with pytest.raises(RunError, match="never overwritten") as caught:
        run.create(str(tiny_run), "x")
    assert f"--resume --out {tiny_run}" in caught.value.hint


def test_a_directory_with_only_a_lock_is_vacant(tmp_path):
    (tmp_path / "lock").touch()
    assert run.create(str(tmp_path), "x") == tmp_path


def test_a_file_is_no_place_for_a_run(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError):
        run.create(str(tmp_path / "file"), "x")
    with pytest.raises(RunError, match="Not a directory"):
        run.create(str(tmp_path / "file" / "below"), "x")


def test_a_second_process_is_kept_out_and_let_in_after_the_first(tmp_path):
    code = f"from pathlib import Path; from chargru import run\nwith run.lock(Path({str(tmp_path)!r})): pass"
    with run.lock(tmp_path):
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "RunLockedError: another process is training into" in second.stderr
        with pytest.raises(RunLockedError), run.lock(tmp_path):
            pass
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
