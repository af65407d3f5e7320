"""What a person does to a command at work: Ctrl-C, SIGTERM, a window resized. Real processes on real terminals."""

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest
from screens import Screen
from terminals import on_a_terminal, resize, started

from chargru import run

TEXT = "The cat, which the dogs had chased, was full.\n"
SMALL = ["--hidden-size", "5", "--window", "8", "--batch-size", "4", "--threads", "1", "--updates", "1000000"]
CTRL_C = "\x03"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.txt").write_text(TEXT * 20)
    (tmp_path / "long.txt").write_text(TEXT * 40_000)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "shown", "said"),
    [
        (["evaluate", "long.txt", "-c", "cats"], "scoring", "stopped while scoring; nothing was written\n"),
        (["gates", "--file", "long.txt", "-c", "cats"], "reading", "stopped while reading; nothing was written\n"),
        (
            ["corpus", "cats", "--out", "c.txt", "--size", "90000000"],
            "writing",
            "stopped while writing; nothing was written\n",
        ),
        (["sample", "-c", "cats", "--length", "9000000", "--prime", "The"], "The", "stopped while writing\n"),
        (["train", "cat.txt"], "loading torch", "stopped while loading torch; nothing was written\n"),
        (
            ["train", "long.txt"],
            "preparing",
            r"stopped while (loading|reading|preparing) (the )?\w+; nothing was written\n",
        ),
    ],
)
def test_ctrl_c_says_in_one_line_what_was_stopped(folder, arguments, shown, said):
    screen, code = on_a_terminal(arguments, typed=[(shown, CTRL_C)])
    assert code == 130
    assert re.fullmatch(said, screen[screen.rindex("stopped while") :])
    assert "Traceback" not in screen
    assert not (folder / "checkpoints").exists()
    assert not (folder / "c.txt").exists()


def test_sigterm_while_a_pipe_is_read():
    """Nothing comes through the pipe: the command waits in its reading of it."""
    command = [sys.executable, "-m", "chargru", "evaluate", "-", "-c", "cats"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr.readline() == "using cats, which ships with chargru\n"
    process.stdin.write("The cat")
    process.stdin.flush()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert re.fullmatch(r"stopped while reading \S+; nothing was written\n", said)


def test_what_was_interrupted_ends_at_once():
    """Nothing that modules have left to do at the end is done: what was cut off in the middle may hang there."""
    code = "import atexit; atexit.register(print, 'late'); from chargru.__main__ import main; main()"
    command = [sys.executable, "-c", code, "evaluate", "-", "-c", "cats"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr.readline() == "using cats, which ships with chargru\n"
    process.send_signal(signal.SIGTERM)
    shown, _ = process.communicate(timeout=120)
    assert (process.returncode, shown) == (130, "")


def test_a_double_press_waits_for_the_save(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "chargru", "train", "cat.txt", *SMALL], stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if line.startswith("update "):
            break
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    update = run.read_training(folder / "checkpoints" / "cat-001")[0]["updates"]
    lines = said.splitlines()
    assert lines[0] == "stopping: finishing this update, then saving ..."
    assert lines[-2:] == [
        f"stopped at update {update}; everything is saved in checkpoints/cat-001",
        "go on with: chargru train --resume --out checkpoints/cat-001",
    ]
    assert "Traceback" not in said


def until(controller, screen, condition):
    """Show on the screen what comes, until the condition holds; a hundred drawings are given a chance."""
    for _ in range(100):
        if condition():
            return
        ready, _, _ = select.select([controller], [], [], 60)
        assert ready, screen.shown()
        screen.write(os.read(controller, 65536).decode(errors="replace"))
    pytest.fail("\n".join(screen.shown()))


def test_a_window_that_is_resized_while_training_shows_one_bar(folder):
    controller, process = started(["train", "cat.txt", *SMALL], (30, 120), folder)
    screen = Screen(120)
    try:
        for width in (120, 60, 100, 45, 80):
            resize(controller, (30, width))
            screen.resize(width)
            until(controller, screen, lambda width=width: is_one_bar(screen.shown(), width))
        os.write(controller, CTRL_C.encode())
        until(controller, screen, lambda: "--resume" in "".join(screen.shown()))
    finally:
        process.kill()
        process.wait()
        os.close(controller)
    assert not [row for row in screen.shown() if "━" in row or "pace" in row]


def is_one_bar(rows, width):
    """Whether a picture for that width is there, whole, and nothing of another."""
    bars = [row for row in rows if "━" in row]
    whole = len(bars) == 1 and len(bars[0]) == width and bars[0].endswith(" left")
    return whole and all(sum(name in row for row in rows) == 1 for name in ("train ", "update ", "pace "))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_tmux_shows_one_bar_however_it_is_resized(folder):
    """Below lines that fill the screen, as is usual; nothing of it is among the lines that are scrolled by either."""

    def tmux(*words):
        command = ["tmux", "-f", os.devnull, "-S", str(folder / "tmux"), *words]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout

    train = shlex.join([sys.executable, "-m", "chargru", "train", str(folder / "cat.txt"), *SMALL])
    tmux("new-session", "-d", "-x", "120", "-y", "30", f"unset COLUMNS; seq 60; exec {train}")
    try:
        tmux("set", "-g", "window-size", "manual")
        for width in (120, 60, 100, 45, 80):
            tmux("resize-window", "-x", str(width), "-y", "30")
            ends = time.monotonic() + 60
            while not is_one_bar(rows := tmux("capture-pane", "-p", "-S", "-").splitlines(), width):
                assert time.monotonic() < ends, "\n".join(rows)
    finally:
        tmux("kill-server")
