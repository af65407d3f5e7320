"""What differs between operating systems; and the commands, on a Python that lacks what it lacks on Windows."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chargru import host, run

HERE = Path(__file__).parent
HOLDS = [host._hold_by_flock, host._hold_by_sqlite]


@pytest.fixture
def on_windows(monkeypatch):
    monkeypatch.setattr(host, "WINDOWS", True)


# A lock -----------------------------------------------------------------------------------------------------------


def child(hold, file, then):
    """A process that says what became of its try to hold the file, and then does something."""
    code = (
        "import pathlib, sys; from chargru import host\n"
        f"try: release = host.{hold.__name__}(pathlib.Path({str(file)!r}))\n"
        "except BlockingIOError: print('blocked', flush=True)\n"
        f"else: print('held', flush=True)\n{then}"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def became(hold, file):
    return child(hold, file, "").communicate()[0]


@pytest.mark.parametrize("hold", HOLDS)
def test_what_is_held_is_held_by_one_alone(hold, tmp_path):
    file = tmp_path / "lock"
    release = hold(file)
    with pytest.raises(BlockingIOError):
        hold(file)
    assert became(hold, file) == "blocked\n"
    release()
    assert became(hold, file) == "held\n"
    hold(file)()
    assert [(entry.name, entry.stat().st_size) for entry in tmp_path.iterdir()] == [("lock", 0)]


@pytest.mark.parametrize("hold", HOLDS)
def test_what_a_killed_process_held_is_free(hold, tmp_path):
    file = tmp_path / "lock"
    process = child(hold, file, "sys.stdin.read()")
    assert process.stdout.readline() == "held\n"
    with pytest.raises(BlockingIOError):
        hold(file)
    process.kill()
    process.communicate()
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]
    hold(file)()


@pytest.mark.parametrize("hold", HOLDS)
def test_a_file_that_cannot_be_made_is_no_file_that_is_held(hold, tmp_path):
    with pytest.raises(OSError) as caught:  # noqa: PT011 -- what it is stands below
        hold(tmp_path / "nowhere" / "lock")
    assert not isinstance(caught.value, BlockingIOError)
    assert caught.value.strerror


def test_flock_is_what_holds_where_there_is_flock(tmp_path):
    release = host.hold(tmp_path / "lock")
    with pytest.raises(BlockingIOError):
        host._hold_by_flock(tmp_path / "lock")
    release()


# Files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """`new` and `old`, which another program has open for so many attempts to replace it, as Windows would say."""
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    real, pauses = Path.replace, []

    def until(attempts):
        def refused(path, target):
            if len(pauses) < attempts:
                raise PermissionError(errno.EACCES, "Access is denied", str(target))
            return real(path, target)

        monkeypatch.setattr(Path, "replace", refused)
        monkeypatch.setattr(host.time, "sleep", pauses.append)
        return tmp_path / "new", tmp_path / "old"

    return until, pauses


@pytest.mark.usefixtures("on_windows")
def test_on_windows_a_file_that_is_open_is_replaced_when_it_is_closed(opened):
    until, pauses = opened
    new, old = until(3)
    host.replace(new, old)
    assert old.read_text() == "new"
    assert not new.exists()
    assert pauses == [0.01, 0.02, 0.04]


@pytest.mark.usefixtures("on_windows")
def test_on_windows_one_that_stays_open_is_given_up(opened):
    until, pauses = opened
    with pytest.raises(PermissionError):
        host.replace(*until(99))
    assert sum(pauses) == pytest.approx(2.55)


def test_elsewhere_a_refusal_is_one(opened):
    until, pauses = opened
    with pytest.raises(PermissionError):
        host.replace(*until(1))
    assert pauses == []


# The process and its command line ---------------------------------------------------------------------------------


def test_a_function_of_c_is_found_by_its_name():
    assert host.c_function("getpid")() == os.getpid()
    assert host.c_function("no_such_function_anywhere") is None


def test_only_windows_calls_a_closed_pipe_an_invalid_argument(monkeypatch):
    pipe, path = OSError(errno.EINVAL, "Invalid argument"), OSError(errno.EINVAL, "Invalid argument", "a:b")
    assert [host.is_closed_pipe(error) for error in (BrokenPipeError(), pipe, path)] == [True, False, False]
    monkeypatch.setattr(host, "WINDOWS", True)
    assert [host.is_closed_pipe(error) for error in (BrokenPipeError(), pipe, path)] == [True, True, False]


PATHS = [r"checkpoints\novel-001", r"C:\my runs\a", "a&b"]


def test_a_path_is_quoted_as_the_shell_reads_it(monkeypatch):
    assert [host.quoted(path) for path in PATHS] == [r"'checkpoints\novel-001'", r"'C:\my runs\a'", "'a&b'"]
    monkeypatch.setattr(host, "WINDOWS", True)
    assert [host.quoted(path) for path in PATHS] == [r"checkpoints\novel-001", r'"C:\my runs\a"', '"a&b"']


@pytest.mark.usefixtures("on_windows")
def test_a_command_of_windows_keeps_its_backslashes():
    assert host.words(r'"C:\Program Files\Git\usr\bin\less.exe" -R') == [r"C:\Program Files\Git\usr\bin\less.exe", "-R"]
    with pytest.raises(ValueError, match="quotation"):
        host.words('"less')


def test_a_pattern_is_expanded_where_the_shell_does_not(tmp_path, monkeypatch):
    for name in ("b.txt", "a.txt", "[ab].txt"):
        (tmp_path / name).touch()
    patterns = [str(tmp_path / name) for name in ("?.txt", "[ab].txt", "none*")]
    assert [host.expanded(pattern) for pattern in patterns] == [[pattern] for pattern in patterns]
    monkeypatch.setattr(host, "WINDOWS", True)
    both = [str(tmp_path / name) for name in ("a.txt", "b.txt")]
    assert [host.expanded(pattern) for pattern in patterns] == [both, [patterns[1]], [patterns[2]]]


# Commands, as on Windows ------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("command", [("trace", "--step", "9"), ("evaluate", "cats.txt", "--format", "json")])
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
