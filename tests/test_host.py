"""What differs between operating systems."""

import errno
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from faults.disk import Disk

from chargru import host

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


def test_a_lock_is_made_through_no_link(tmp_path):
    """A run of somebody else may have one that leads anywhere."""
    (tmp_path / "lock").symlink_to(tmp_path / "away")
    with pytest.raises(OSError, match="symbolic links"):
        host._hold_by_flock(tmp_path / "lock")
    assert not (tmp_path / "away").exists()


@pytest.mark.parametrize(
    ("number", "refused"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.ENOSYS, False), (errno.EIO, True)]
)
def test_a_file_system_that_cannot_flush_a_folder_refuses_nothing(tmp_path, number, refused):
    with Disk(tmp_path, "fsync", 1, number), pytest.raises(OSError, match="Input") if refused else nullcontext():
        host.flush_folder(tmp_path)


@pytest.mark.parametrize("ignored", [True, False])
def test_a_hangup_is_heard_unless_it_is_ignored(ignored):
    """Which is what `nohup` does; Ctrl-C is heard by a training that was started in the background, too."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT)}
    try:
        for number in kept:
            signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
        assert host.may_be_heard(signal.SIGHUP) is not ignored
        assert host.may_be_heard(signal.SIGINT)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


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
