"""Building and loading the kernels: where they go, what can go wrong, and that nothing of it stops a layer."""

import ctypes
import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from chargru.engine.layer import gru_layer
from chargru.engine.native import build

needs_compiler = pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler")
BUILD = "from chargru.engine.native import build; assert build.library('float'), build.build('float').reason"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache directory of the test's own, nothing built yet in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(build.VARIABLE, raising=False)
    for forget in (build.build.cache_clear, build._say_once.cache_clear):
        forget()
    yield tmp_path / "cache" / "chargru"
    for forget in (build.build.cache_clear, build._say_once.cache_clear):
        forget()


def script(path, text):
    """An executable that stands in for a compiler."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def run_layer():
    h, _ = gru_layer(torch.zeros(2, 1, dtype=torch.int64), torch.zeros(1, 2), *map(torch.ones, ((6, 3), (6, 2), 6, 6)))
    return h


@needs_compiler
def test_library_is_built_once_into_a_private_directory(cache):
    assert build.library("float") is not None
    made = list(cache.iterdir())
    assert [p.suffix for p in made] == [".so"]
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    file = made[0].stat().st_ino
    build.build.cache_clear()
    assert build.library("float") is not None
    assert made[0].stat().st_ino == file


@needs_compiler
def test_what_nobody_has_loaded_for_long_is_deleted_when_something_is_built(cache):
    assert build.library("double") is not None
    (used,) = cache.iterdir()
    old, young, other = (cache / name for name in ("kernels-float-0.so", "kernels-float-1.so", "notes"))
    for path in (used, old, young, other):
        path.touch()
    for path in (used, old, other):
        os.utime(path, (0, 0))
    build.build.cache_clear()
    assert build.library("double") is not None  # loaded, so used again
    assert build.library("float") is not None
    assert {used, young, other} < set(cache.iterdir())
    assert not old.exists()


def test_none_switches_off_and_says_nothing(monkeypatch, caplog):
    monkeypatch.setenv(build.VARIABLE, "none")
    assert build.library("float") is None
    assert build.description() == "torch operations (switched off by CHARGRU_COMPILER=none)"
    assert not caplog.records


HAS_VERSION = '[ "$1" = --version ] && echo kaputt 1.0 && exit 0\n'
NO_SPACE, NO_VECTORS, NO_OPTION = (
    f'echo "x.c:1: error: {reason}" >&2'
    for reason in ("no space left", "no wide vectors", "unrecognized command-line option '-march=native'")
)
FAILS = HAS_VERSION + 'case "$*" in *=native*) {};; *) {};; esac; exit 1'
WRITES_NONSENSE = 'while [ "$1" != -o ]; do shift; done; echo nonsense > "$2"'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 3", "--version failed"),
        (FAILS.format(NO_SPACE, NO_VECTORS), "no space left"),
        (FAILS.format(NO_OPTION, NO_VECTORS), "no wide vectors"),
        (HAS_VERSION + "exit 0", "No such file"),
        (HAS_VERSION + WRITES_NONSENSE, "kernels-float"),
    ],
)
def test_broken_compiler_is_said_once_and_stops_nothing(monkeypatch, tmp_path, caplog, text, reason):
    monkeypatch.setenv(build.VARIABLE, script(tmp_path / "kaputt", text))
    with caplog.at_level(logging.WARNING, "chargru"):
        first, second = run_layer(), run_layer()
    assert torch.equal(first, second)
    assert [reason in record.getMessage() for record in caplog.records] == [True]
    assert "\n" not in caplog.records[0].getMessage()


def test_missing_compiler_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_layer().isfinite().all()
    assert "no C compiler" in build.description()


def test_named_compiler_that_is_not_there(monkeypatch):
    monkeypatch.setenv(build.VARIABLE, "/no/such/cc")
    assert build.build("float").reason == "CHARGRU_COMPILER: no command /no/such/cc"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_directory_that_cannot_be_written_stops_nothing(cache):
    cache.parent.mkdir(mode=0o500)
    assert run_layer().isfinite().all()


def test_a_user_without_a_home_stops_nothing(monkeypatch):
    def missing():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", missing)
    assert run_layer().isfinite().all()
    assert build.build("float").reason == "Could not determine home directory."


def test_cache_home_that_is_a_file_stops_nothing(cache):
    cache.parent.write_text("not a directory", encoding="utf-8")
    assert run_layer().isfinite().all()
    assert build.build("float").reason


@needs_compiler
@pytest.mark.parametrize("left", [0, 7, 9000])
def test_damaged_library_is_built_anew(cache, left):
    subprocess.run([sys.executable, "-c", BUILD], check=True)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:left])  # loading the last of these would end the process
    assert build.library("float") is not None
    assert path.read_bytes() == whole


@needs_compiler
def test_library_planted_in_a_place_that_others_may_write_is_not_loaded(cache, tmp_path, caplog):
    subprocess.run([sys.executable, "-c", BUILD], check=True)
    cache.parent.chmod(0o777)
    with caplog.at_level(logging.WARNING, "chargru"):
        assert run_layer().isfinite().all()
    assert build.build("float").library is None
    reason = f"{tmp_path}/cache can be written by other users, so no library below it is safe to load"
    said = f"note: training uses torch operations, about half as fast as compiled code ({reason})"
    assert [record.getMessage() for record in caplog.records] == [said]


@pytest.mark.parametrize("searched", ["", ".", ":/nowhere", "bin"])
def test_compiler_in_the_current_folder_is_never_found_by_path(monkeypatch, tmp_path, searched):
    (tmp_path / "bin").mkdir()
    for name in ("cc", "bin/cc"):
        script(tmp_path / name, "touch ran")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", searched)
    with pytest.raises(build.UnavailableError, match="no C compiler"):
        build.find_compiler()
    assert build.find_compiler("./cc") == str(tmp_path / "cc")  # the user's own word


def test_compiler_runs_in_a_folder_of_its_own(cache, monkeypatch, tmp_path):
    here = script(tmp_path / "where", HAS_VERSION + "pwd >&2; exit 1")
    monkeypatch.setenv(build.VARIABLE, here)
    assert str(cache / "build-") in build.build("float").reason


def test_name_changes_with_compiler_and_type():
    assert len({build._key(real, version) for real in ("float", "double") for version in ("1", "2")}) == 4


@needs_compiler
def test_two_processes_at_once(cache):
    both = [subprocess.Popen([sys.executable, "-c", BUILD]) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    (only,) = cache.iterdir()
    assert ctypes.CDLL(str(only)).vector_width() in (4, 8, 16)


@needs_compiler
def test_building_checking_and_saying_what_is_in_use_needs_no_torch():
    code = "import sys; from chargru.engine.native import build, precision; print(build.library('float') is not None)\n"
    code += "build.description(), precision.why_not(), precision.resolve('auto', 512); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["True", "False"], "")
