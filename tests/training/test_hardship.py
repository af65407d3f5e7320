"""What the world does to a run and to a command: crashes between two writes, damage, closed pipes, full disks."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from chargru import run
from chargru.errors import DamagedRunError, RunError, SettingError, TrainingError
from chargru.training import begin, session
from chargru.training.settings import Budget, Settings

SMALL = Settings(hidden_size=6, batch_size=3, window=8, threads=1, learning_rate=0.02, seed=5)
TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12


@pytest.fixture
def text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cat.txt"
    path.write_text(TEXT)
    return str(path)


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


@pytest.mark.parametrize("number", [2, 4, 6])
def test_death_between_the_best_model_and_the_state_changes_nothing(text, monkeypatch, number):
    settings, budget = SMALL.replace(patience=1), Budget("updates", 60)
    whole = begin.start([text], settings=settings, budget=budget, out="whole")
    with monkeypatch.context() as patched:
        dies_at(patched, run, "write_training", number)
        with pytest.raises(Died):
            begin.start([text], settings=settings, budget=budget, out="parts")
    parts = begin.resume("parts")
    assert (parts.best_update, parts.updates, parts.val_nats) == (whole.best_update, whole.updates, whole.val_nats)


def test_death_in_the_first_save_leaves_a_run_that_goes_on(text, monkeypatch):
    with monkeypatch.context() as patched:
        dies_at(patched, session, "write_model", 1)
        with pytest.raises(Died):
            begin.start([text], settings=SMALL, budget=Budget("updates", 4), out="run")
    assert begin.resume("run").updates == 4


def train(text, out, **changes):
    return begin.start([text], settings=SMALL.replace(**changes), budget=Budget("updates", 4), out=out)


def test_a_damaged_run_is_never_passed_over_silently(chargru, text, tmp_path):
    train(text, "checkpoints/a-001")
    file = tmp_path / "checkpoints" / "a-001" / run.TRAINING
    file.write_bytes(file.read_bytes()[:300])
    done = chargru("sample", "--length", 5)
    assert done.exit_code == 1
    assert "a-001" in done.stderr
    train(text, "checkpoints/b-001")
    done = chargru("sample", "--length", 5)
    assert done.exit_code == 0
    assert "b-001" in done.stderr
    assert "checkpoints/a-001 was passed over" in done.stderr


@pytest.mark.parametrize("out", [None, "link", ""])
def test_a_place_where_no_directory_can_be_is_one_line(text, tmp_path, out):
    (tmp_path / "link").symlink_to("/nowhere/at/all")
    (tmp_path / "checkpoints").symlink_to("/nowhere/at/all")
    with pytest.raises(RunError):
        train(text, out)


def test_a_text_kept_in_the_run_moves_with_it(chargru, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ("--updates", 2, "--hidden-size", 4, "--window", 8, "--threads", 1, "--out", "run")
    assert chargru("train", "-", *arguments, input=TEXT).exit_code == 0
    (tmp_path / "run").rename(tmp_path / "moved")
    assert chargru("evaluate", "-c", "moved").exit_code == 0
    assert begin.resume("moved", budget=Budget("updates", 3)).updates == 3


def test_a_text_named_on_resume_is_remembered(text, tmp_path):
    train(text, "run")
    os.rename(text, tmp_path / "other.txt")  # noqa: PTH104
    begin.resume("run", paths=["other.txt"], budget=Budget("updates", 6))
    assert begin.resume("run", budget=Budget("updates", 7)).updates == 7


def test_damaged_metrics_do_not_stop_a_run(text, tmp_path):
    train(text, "run")
    with (tmp_path / "run" / run.METRICS).open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert begin.resume("run", budget=Budget("updates", 6)).updates == 6


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
    document, tensors = run.read_training(tmp_path / "run")
    del document["schema"]
    document[part][name] = value
    run.write_training(tmp_path / "run", document, tensors)
    with pytest.raises(DamagedRunError):
        begin.resume("run", budget=Budget("updates", 9))


def test_lost_moments_are_damage(text, tmp_path):
    train(text, "run")
    document, tensors = run.read_training(tmp_path / "run")
    del document["schema"]
    kept = {key: value for key, value in tensors.items() if not key.startswith("optimiser")}
    run.write_training(tmp_path / "run", document, kept)
    with pytest.raises(DamagedRunError, match="last state"):
        begin.resume("run", budget=Budget("updates", 9))


@pytest.mark.parametrize("change", [{"seed": 10**20}, {"threads": 10**11}, {"hidden_size": 10**11}])
def test_a_number_beyond_all_sense_names_its_option(change):
    with pytest.raises(SettingError, match=next(iter(change)).replace("_", "-")):
        SMALL.replace(**change)


def test_a_device_without_numbers_is_refused(text):
    with pytest.raises(TrainingError, match="meta"):
        train(text, "run", device="meta")


def shell(line, **options):
    environment = {**os.environ, "CHARGRU": f"{sys.executable} -m chargru"}
    return subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=120, **options
    )


@pytest.mark.parametrize("command", ["--help", "--version", "info", "info --system", "trace", "sample"])
def test_a_reader_that_has_gone_is_no_error(empty_to_work_in, command):
    done = shell(f"$CHARGRU {command} | (exec <&-; sleep 2); echo ${{PIPESTATUS[0]}}", cwd=empty_to_work_in)
    assert done.stdout == "0\n", done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def empty_to_work_in(tmp_path):
    return tmp_path


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["--version", "info", "sample --seed 1"])
def test_a_full_disk_is_one_line(tmp_path, command):
    done = shell(f"$CHARGRU {command} > /dev/full", cwd=tmp_path)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_notes_never_take_the_place_of_results(tmp_path):
    done = shell("$CHARGRU trace --format json 2>&-", cwd=tmp_path)
    assert json.loads(done.stdout)["schema"] == "chargru.trace/1"


def test_a_closed_stdout_is_no_traceback(tmp_path):
    done = shell("$CHARGRU info >&-; echo $? >&2", cwd=tmp_path)
    assert "Traceback" not in done.stderr


def test_a_name_that_no_system_takes_is_one_line(tmp_path):
    done = shell(f"$CHARGRU info {'x' * 300}", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_sigterm_while_torch_loads_exits_130(text, tmp_path):
    command = [sys.executable, "-m", "chargru", "train", text, "--updates", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr.readline() == "loading torch ...\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_text_piped_into_resume_is_not_remembered_as_a_path(chargru, text):
    train(text, "run")
    done = chargru("train", "-", "--resume", "--out", "run", "--updates", 6, input=TEXT)
    assert done.exit_code == 0, done.stderr
    assert begin.resume("run", budget=Budget("updates", 7)).updates == 7
