"""What the commands let through to the terminal."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import on_a_terminal

from chargru.cli import terminal

WARN = "from chargru.cli import terminal; import warnings; terminal.prepare(); warnings.warn({!r}, RuntimeWarning)"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("invalid value encountered in matmul", False),
        ("overflow encountered in matmul", False),
        ("invalid value encountered in divide", True),
    ],
)
def test_numpys_false_alarms_of_products_are_not_shown(message, shown):
    done = subprocess.run([sys.executable, "-c", WARN.format(message)], capture_output=True, text=True, check=True)
    assert (message in done.stderr) == shown


def test_what_is_piped_has_the_same_line_ends_on_every_system(monkeypatch):
    piped = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(piped, encoding="cp1252", newline="\r\n"))
    terminal.prepare()
    print("γάτα\r\n", end="", flush=True)
    assert piped.getvalue() == "γάτα\r\n".encode()


def run_in(folder, command, **streams):
    """`chargru COMMAND` in a process of its own; what is not in `streams` is kept as text."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    words = [sys.executable, "-m", "chargru", *command.split()]
    return subprocess.run(words, cwd=folder, text=True, check=False, **streams)


@pytest.mark.parametrize("command", ["--help", "--version", "info", "info --system", "trace", "sample"])
def test_a_reader_that_has_gone_is_no_error(tmp_path, command):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run_in(tmp_path, command, stdout=write_end)
    os.close(write_end)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["--version", "info", "sample --seed 1"])
def test_a_full_disk_is_one_line(tmp_path, command):
    with Path("/dev/full").open("w") as full:
        done = run_in(tmp_path, command, stdout=full)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def shell(line, folder):
    """A line of bash, which can close a stream, with $CHARGRU for the program."""
    environment = {**os.environ, "CHARGRU": f"{sys.executable} -m chargru"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_notes_never_take_the_place_of_results(tmp_path):
    done = shell("$CHARGRU trace --format json 2>&-", tmp_path)
    assert json.loads(done.stdout)["schema"] == "chargru.trace/1"


def test_a_closed_stdout_is_no_traceback(tmp_path):
    done = shell("$CHARGRU info >&-; echo $? >&2", tmp_path)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("columns", [1, 2, 11])
@pytest.mark.parametrize(
    ("command", "code"), [("info", 0), ("trace --no-pager", 0), ("prove --no-pager", 0), ("trace --step 999999", 1)]
)
def test_no_terminal_is_too_narrow(tmp_path, command, code, columns):
    shown, found = on_a_terminal(command.split(), size=(9999, columns), folder=tmp_path)
    assert "Traceback" not in shown
    assert found == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_notes_that_cannot_be_written_cost_no_result(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = run_in(tmp_path, "trace --format json", stderr=full)
    assert done.returncode == 0
    assert json.loads(done.stdout)["schema"] == "chargru.trace/1"


def test_a_terminal_of_an_impossible_size_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "9" * 5000)
    done = run_in(tmp_path, "info cats cats-rnn")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert "bits/char" in done.stdout or "bpc" in done.stdout


def test_a_torch_that_cannot_be_loaded_is_one_line(tmp_path, monkeypatch):
    """As one is for which the memory of a small machine does not suffice."""
    broken = tmp_path / "torch" / "__init__.py"
    broken.parent.mkdir()
    broken.write_text("raise ImportError('libtorch_cpu.so: failed to map segment', path=__file__)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, sys.path)]))
    done = run_in(tmp_path, "prove cats")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "error: torch cannot be loaded: libtorch_cpu.so: failed to map segment",
        "hint: give it more memory, or install it again",
    ]
    assert "Traceback" not in done.stderr
