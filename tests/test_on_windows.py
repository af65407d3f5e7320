"""The commands, on a Python that lacks what Python lacks on Windows."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chargru import run

HERE = Path(__file__).parent
GREEK = "Η γάτα, που την κυνηγούσαν οι σκύλοι, ήταν χορτάτη.\r\n" * 30
LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which Greek cannot be written, as Windows's is not UTF-8 either."""
SMALL = ("--hidden-size", "6", "--batch-size", "3", "--window", "8", "--threads", "1")
GO_ON = ("train", "--resume", "--out", "run")


def started(folder, *arguments):
    """A process of `chargru` as it would be on Windows."""
    return subprocess.Popen(
        [sys.executable, "-X", "warn_default_encoding", "-m", "windowslike", *arguments],
        cwd=folder,
        env={**os.environ, **LOCALE, "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parent)))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process):
    """Its exit code, and what it has written to stdout and to stderr."""
    written, said = process.communicate()
    return process.returncode, written.decode(), said.decode()


def done(folder, *arguments):
    """What a command writes to stdout."""
    code, written, said = ended(started(folder, *arguments))
    assert code == 0, said
    return written


def refused(folder, *arguments):
    """What a command says that ends by an error of ours."""
    code, _, said = ended(started(folder, *arguments))
    assert code == 1, said
    return said


def reached(process, update):
    """Wait until a training says that it is at an update after this one; that update."""
    for line in process.stderr:
        if line.startswith(b"update ") and (now := int(line.split()[1].replace(b",", b""))) > update:
            return now
    return pytest.fail("the process ended before it reached that update")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a run of a Greek text, trained as on Windows, of the files that a pattern names."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "cats.txt").write_bytes(GREEK.encode())
    report = done(folder, "train", "*.txt", *SMALL, "--updates", "4", "--out", "run", "--format", "json")
    assert json.loads(report)["updates"] == 4
    return folder


def test_a_text_is_read_and_a_run_trained(trained):
    document, _ = run.read_training(trained / "run")
    assert document["finished"]
    assert document["text"]["paths"] == [str(trained / "cats.txt")]
    assert document["text"]["characters"] == len(GREEK)
    assert sorted(entry.name for entry in (trained / "run").iterdir()) == [
        "lock", "metrics.jsonl", "model.safetensors", "training.safetensors",
    ]  # fmt: skip
    rows = (trained / "run" / "metrics.jsonl").read_bytes()
    assert json.loads(rows.splitlines()[-1])["update"] == 4
    assert b"\r" not in rows


def test_sampling_writes_the_text_s_own_characters(trained):
    written = done(trained, "sample", "-c", "run", "--length", "40", "--seed", "1")
    assert len(written) >= 40
    assert set(written) <= set(GREEK)


MORE = (("ablate",), ("gates",), ("gradient", "--lags", "1,9"), ("trace", "--step", "30", "--back", "9"))


@pytest.mark.parametrize(
    "command",
    [
        ("trace", "--step", "9"),
        ("evaluate", "cats.txt", "--format", "json"),
        *(pytest.param(command, marks=pytest.mark.slow) for command in MORE),
    ],
)
def test_what_a_command_prints_is_what_it_prints_elsewhere(trained, command):
    here = [sys.executable, "-m", "chargru", *command, "-c", "run"]
    printed = subprocess.run(here, cwd=trained, capture_output=True, check=True).stdout.decode()
    assert done(trained, *command, "-c", "run") == printed


def test_a_page_is_what_it_is_elsewhere(trained, monkeypatch, chargru):
    done(trained, "page", "-c", "run", "--out", "windows.html")
    monkeypatch.chdir(trained)
    assert chargru("page", "-c", "run", "--out", "here.html").exit_code == 0
    assert (trained / "windows.html").read_bytes() == (trained / "here.html").read_bytes()


def test_text_is_taken_as_it_is_written(trained):
    """Typer would make it cats.txt."""
    assert "the character '*' (U+002A)" in refused(trained, "evaluate", "-c", "run", "--text", "*.txt")


def test_info_shows_a_run_and_what_runs_a_layer(trained):
    assert json.loads(done(trained, "info", "run", "--format", "json"))["state"] == "finished"
    system = json.loads(done(trained, "info", "--system", "--format", "json"))
    assert system["layer"] == "torch operations (compiled code is for Linux and macOS)"
    assert system["cores"] == os.cpu_count()


@pytest.mark.slow
def test_a_run_is_held_stopped_killed_and_gone_on_with(trained, tmp_path):
    """By Ctrl-Break, for which SIGUSR1 stands."""
    process = started(tmp_path, "train", str(trained / "cats.txt"), *SMALL, "--updates", "1000000", "--out", "run")
    update = reached(process, 0)
    assert "another process is training into run" in refused(tmp_path, *GO_ON)
    process.send_signal(signal.SIGUSR1)
    code, _, said = ended(process)
    assert code == 130
    assert "go on with: chargru train --resume --out run\n" in said
    saved = run.read_training(tmp_path / "run")[0]["updates"]
    assert saved >= update

    process = started(tmp_path, *GO_ON)
    assert reached(process, saved) > saved
    process.kill()
    process.communicate()

    process = started(tmp_path, *GO_ON)
    reached(process, saved)
    process.send_signal(signal.SIGUSR1)
    assert ended(process)[0] == 130
    assert run.read_training(tmp_path / "run")[0]["updates"] > saved
