"""The same with a real kernel's faults: a file system that fills up, refusals by strace, a terminal that is closed."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from faults import runs

from chargru import run
from chargru.model import MODEL

SAVED_OFTEN = """
from chargru.training import saving, session
session.SAVE_EVERY, saving.TRY_EVERY = 0.2, 0.2
from chargru.__main__ import main
main()
"""
"""chargru, which saves and tries again after a fifth of a second."""

PATIENCE = 90
"""Seconds after which a process is killed that should have ended."""

SMALL = ["--hidden-size", "8", "--window", "8", "--batch-size", "4", "--threads", "1"]
ENDLESS = [*SMALL, "--updates", "1000000"]

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cat.txt"
    path.write_text(runs.TEXT)
    return str(path)


def started(*arguments, before=()):
    """A process of chargru; one that hangs is killed after a while."""
    words = [*before, sys.executable, "-c", SAVED_OFTEN, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, **pipes, text=True, start_new_session=True)
    watch = threading.Timer(PATIENCE, lambda: process.poll() is None and os.killpg(process.pid, signal.SIGKILL))
    watch.daemon = True
    watch.start()
    return process


def until(process, said):
    """The line of a process that holds these words, of which it must say one."""
    heard = []
    for line in process.stderr:
        heard.append(line)
        if said in line:
            return line
    pytest.fail("".join(heard))


def ended(process):
    """What a process still says, and its exit code."""
    _, said = process.communicate(timeout=120)
    assert "Traceback" not in said
    return said, process.returncode


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("to mount a file system one must be root")
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk):
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)


def test_a_file_system_that_fills_up_and_is_freed(small_disk, text):
    out = small_disk / "run"
    process = started("train", text, *ENDLESS, "--out", out)
    until(process, "epoch ")
    fill(small_disk)
    assert "No space left on device; make room on that disk; training goes on" in until(process, "not saved at update ")
    updates = runs.check_that_it_loads(out)
    (small_disk / "filler").unlink()
    saved = int(re.search(r"at update ([\d,]+)", until(process, "saved again"))[1].replace(",", ""))
    assert saved > updates
    process.send_signal(signal.SIGTERM)
    said, code = ended(process)
    assert code == 130
    assert runs.check_that_it_loads(out) >= saved
    assert f"stopped at update {runs.check_that_it_loads(out)};" in said
    assert {entry.name for entry in out.iterdir()} == {run.LOCK, run.METRICS, run.TRAINING, MODEL}


def test_a_run_that_ends_on_a_full_file_system_waits_until_ctrl_c(small_disk, text):
    out = small_disk / "run"
    process = started("train", text, *ENDLESS, "--out", out)
    until(process, "epoch ")
    fill(small_disk)
    until(process, "not saved at update ")
    process.send_signal(signal.SIGTERM)
    assert "for 1:00:00; Ctrl-C gives up" in until(process, "Ctrl-C gives up")
    held = runs.check_that_it_loads(out)
    (small_disk / "filler").unlink()
    said, code = ended(process)
    assert code == 130
    assert f"stopped at update {runs.check_that_it_loads(out)}; everything is saved" in said
    assert runs.check_that_it_loads(out) > held


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("refusal", ["ENOSPC", "EIO", "EDQUOT", "EROFS", "EACCES"])
def test_the_kernel_refuses_to_flush_some_saves(text, refusal):
    """The first save has four calls of fsync, of two files and their folder; a refused one has one."""
    inject = f"inject=fsync:error={refusal}:when=8..12"
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "-e", "trace=fsync", "-e", inject]
    process = started("train", text, *SMALL, "--updates", "600", "--out", "run", before=strace)
    said, code = ended(process)
    if "PTRACE" in said:
        pytest.skip(said.splitlines()[0])
    assert code == 0, said
    assert said.count("not saved at update ") in (1, 2)  # again if the refusals last until the end, where it waits
    assert said.count("saved again, at update ") == 1
    assert run.read_training(Path("run"))[0]["finished"]
    runs.check_that_it_loads(Path("run"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves(text, number):
    process = started("train", text, *ENDLESS, "--out", "run")
    until(process, "epoch ")
    process.send_signal(number)
    said, code = ended(process)
    assert code == 130
    assert f"stopped at update {runs.check_that_it_loads(Path('run'))}; everything is saved in run" in said


def goes_on(process):
    """It trains another epoch, and stops when it is told to."""
    until(process, "epoch ")
    process.send_signal(signal.SIGTERM)
    assert ended(process)[1] == 130


def test_a_run_that_hears_no_hangup_goes_on(text):
    process = started("train", text, *ENDLESS, "--out", "run", before=["nohup"])
    until(process, "epoch ")
    process.send_signal(signal.SIGHUP)
    goes_on(process)


def test_a_run_that_is_suspended_goes_on(text):
    process = started("train", text, *ENDLESS, "--out", "run")
    until(process, "epoch ")
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    process.send_signal(signal.SIGCONT)
    goes_on(process)


def test_a_second_process_is_kept_out_and_the_first_goes_on(text):
    process = started("train", text, *ENDLESS, "--out", "run")
    until(process, "epoch ")
    said, code = ended(started("train", "--resume", "--out", "run"))
    assert (code, said.splitlines()[-2:]) == (
        1,
        ["error: another process is training into run", "hint: wait for it, or stop it first"],
    )
    goes_on(process)


def test_a_run_whose_reader_has_gone_goes_on(text):
    """As `chargru train 2>&1 | head` would have it."""
    process = started("train", text, *SMALL, "--updates", "3000", "--out", "run")
    until(process, "epoch ")
    process.stderr.close()
    process.stdout.close()
    process.wait(timeout=120)
    assert run.read_training(Path("run"))[0]["finished"]
