"""Runs renamed and removed, and what neither is ever done to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ownruns import own_run

from chargru import bundled, housekeeping, run
from chargru.errors import RunError, RunLockedError
from chargru.model import MODEL, read_model

FILES = {MODEL, run.TRAINING, run.METRICS}


@pytest.fixture(autouse=True)
def folder(empty_folder):
    return empty_folder


def refused(action, *arguments):
    with pytest.raises(RunError) as caught:
        action(*arguments)
    assert "\n" not in caught.value.message
    return caught.value.message


def names(path):
    return {entry.name for entry in path.iterdir()}


def test_a_run_is_renamed_where_it_is():
    path = own_run("a")
    before = (path / MODEL).read_bytes()
    assert housekeeping.rename(path, "b") == Path("checkpoints/b")
    assert not path.exists()
    assert Path("checkpoints/b", MODEL).read_bytes() == before
    assert run.runs() == [Path("checkpoints/b")]


def test_a_path_moves_a_run(folder):
    (folder / "elsewhere").mkdir()
    assert housekeeping.rename(own_run("a"), "elsewhere/b") == Path("elsewhere/b")
    assert names(folder / "elsewhere" / "b") >= FILES
    assert run.runs() == []


def test_nothing_is_overwritten():
    path, other = own_run("a", val_bpc=1.0), own_run("b", val_bpc=2.0)
    assert refused(housekeeping.rename, path, "b") == "checkpoints/b is there already and is never overwritten"
    assert [read_model(one).trained["val_bpc"] for one in (path, other)] == [1.0, 2.0]


@pytest.mark.parametrize("name", ["", " ", ".b", "-b", "x/.b"])
def test_a_name_that_would_hide_or_be_an_option(name):
    assert "cannot be the name of a run" in refused(housekeeping.rename, own_run("a"), name)


@pytest.mark.parametrize("name", bundled.RUNS)
def test_a_name_that_means_another_run(name):
    assert "always means the run that ships" in refused(housekeeping.rename, own_run("a"), name)


def test_a_place_that_is_not_there():
    path = own_run("a")
    assert "cannot rename checkpoints/a to nowhere/b: No such" in refused(housekeeping.rename, path, "nowhere/b")
    assert names(path) >= FILES


def test_other_files_are_renamed_with_a_run():
    path = own_run("a")
    (path / "notes.md").write_text("mine")
    assert (housekeeping.rename(path, "b") / "notes.md").read_text() == "mine"


def test_a_run_is_removed_and_nothing_else():
    path, other = own_run("a"), own_run("b")
    (path / run.KEPT_TEXT).write_text("text")
    (path / f".{MODEL}.77.tmp").write_text("left by a process that was killed")
    housekeeping.remove(path)
    assert names(Path("checkpoints")) == {"b"}
    assert names(other) == FILES


def test_a_damaged_run_is_removed_when_it_is_named():
    path = own_run("a")
    (path / MODEL).write_bytes(b"nothing")
    housekeeping.remove(path)
    assert run.runs() == []


@pytest.mark.parametrize("action", [housekeeping.remove, lambda path: housekeeping.rename(path, "b")])
def test_a_run_that_is_trained_into_stays(action):
    path = own_run("a")
    with run.lock(path), pytest.raises(RunLockedError, match="another process is training into checkpoints/a"):
        action(path)
    assert names(path) == {*FILES, "lock"}
    action(path)
    assert not path.exists()


def test_what_ships_stays(monkeypatch, folder):
    """Also in a checkout, where it stands below ./checkpoints."""
    path = own_run("cats")
    monkeypatch.setattr(bundled, "_PACKAGE", folder / "chargru")
    for one in (path, path.resolve(), bundled.run_path("cats")):
        assert "ships with chargru: it stays as it is" in refused(housekeeping.remove, one)
        assert "ships with chargru: it stays as it is" in refused(housekeeping.rename, one, "b")
    assert names(path) == FILES


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (["notes.md"], "notes.md"),
        (["notes.md", "b/c.txt", "a.png", "x", "y"], "a.png, b, notes.md and 2 more"),
        ([".hidden"], ".hidden"),
        ([f".{MODEL}"], f".{MODEL}"),
    ],
)
def test_a_run_with_other_files_stays(entries, found):
    path = own_run("a")
    for entry in entries:
        (path / entry).parent.mkdir(exist_ok=True)
        (path / entry).write_text("mine")
    assert refused(housekeeping.remove, path) == f"checkpoints/a is not removed: beside a run it holds {found}"
    assert (path / entries[0]).read_text() == "mine"
    assert names(path) > FILES


def test_a_directory_with_the_name_of_a_file_of_a_run_is_another_file():
    path = own_run("a")
    (path / run.KEPT_TEXT).mkdir()
    assert "beside a run it holds text.txt" in refused(housekeeping.remove, path)


def test_what_is_no_run_stays(folder):
    (folder / "notes").mkdir()
    assert refused(housekeeping.remove, Path("notes")) == "notes is not a run: it is empty"
    (folder / "notes" / "a.md").write_text("mine")
    (folder / "notes" / "lock").touch()
    assert refused(housekeeping.remove, Path("notes")) == "notes is not a run: it holds a.md, lock"
    assert refused(housekeeping.remove, Path("notes/a.md")) == "notes/a.md is a file, not the directory of a run"
    assert refused(housekeeping.remove, Path("nowhere")) == "there is no run nowhere"
    assert (folder / "notes" / "a.md").read_text() == "mine"


def test_a_link_to_a_run_stays_and_so_does_the_run():
    path = own_run("a")
    Path("checkpoints/link").symlink_to("a")
    assert refused(housekeeping.remove, Path("checkpoints/link")) == "checkpoints/link is a link to a"
    assert refused(housekeeping.rename, Path("checkpoints/link"), "b") == "checkpoints/link is a link to a"
    assert names(path) == FILES


def test_the_folder_that_one_is_in_stays(monkeypatch):
    path = own_run("a").resolve()
    monkeypatch.chdir(path)
    for one in (Path(), path):
        assert "is the folder that you are in" in refused(housekeeping.remove, one)
    assert names(path) == FILES


@pytest.mark.skipif(os.geteuid() == 0, reason="root may change everything")
def test_a_run_that_one_may_not_change_stays():
    path = own_run("a")
    path.chmod(0o500)
    assert "may not be changed by you" in refused(housekeeping.remove, path)
    path.chmod(0o700)


def killed(call):
    """Remove checkpoints/a in a process that dies as it makes this call of the system."""
    code = (
        "import os, pathlib\n"
        "from chargru import housekeeping\n"
        f"pathlib.Path.{call} = lambda *_, **__: os._exit(9)\n"
        "housekeeping.remove(pathlib.Path('checkpoints/a'))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9


def test_killed_before_it_is_renamed_the_run_is_there():
    path = own_run("a")
    killed("rename")
    assert run.runs() == [path]
    assert names(path) == {*FILES, "lock"}


@pytest.mark.parametrize("call", ["unlink", "rmdir"])
def test_killed_after_it_is_renamed_the_run_is_gone_and_the_next_removal_ends_it(call):
    own_run("a")
    others = [own_run("b"), own_run("c")]
    killed(call)
    (aside,) = [entry for entry in Path("checkpoints").iterdir() if entry.name.startswith(".a.")]
    assert names(aside) == ({*FILES, "lock"} if call == "unlink" else set())
    assert run.runs() == others
    housekeeping.remove(others[1])
    assert names(Path("checkpoints")) == {"b"}
    assert names(others[0]) == FILES


def test_what_only_looks_like_a_removal_cut_short_is_left():
    own_run("a")
    hidden = Path("checkpoints/.x.1.removed")
    hidden.mkdir()
    for name in ("notes.md", MODEL):
        (hidden / name).write_text("mine")
    housekeeping.remove(Path("checkpoints/a"))
    assert {entry.name: entry.read_text() for entry in hidden.iterdir()} == {"notes.md": "mine", MODEL: "mine"}


def test_a_long_name_has_room_for_a_hidden_one():
    path = own_run("貓" * 80)
    housekeeping.remove(path)
    assert names(Path("checkpoints")) == set()
