"""`chargru runs`: what it lists, renames, removes, and what it asks."""

import json
from pathlib import Path

import pytest
from ownruns import own_run
from terminals import on_a_terminal

from chargru import run
from chargru.model import MODEL


@pytest.fixture(autouse=True)
def folder(empty_folder):
    return empty_folder


def left():
    return sorted(path.name for path in Path("checkpoints").iterdir())


def test_it_lists_what_info_lists(chargru):
    own_run("a")
    (own_run("b") / MODEL).write_bytes(b"nothing")
    listed, info = chargru("runs"), chargru("info")
    assert (listed.stdout, listed.stderr) == (info.stdout, info.stderr)
    assert "damaged: checkpoints/b/model.safetensors" in listed.stderr
    assert chargru("runs", "--format", "json").stdout == chargru("info", "--format", "json").stdout


def test_a_run_is_renamed(chargru):
    own_run("a")
    done = chargru("runs", "rename", "a", "b")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "checkpoints/a is now checkpoints/b\n")
    assert left() == ["b"]


def test_without_a_terminal_removing_takes_yes(chargru):
    own_run("a")
    for words in (("rm", "a"), ("prune", "--keep-best", 1)):
        own_run(f"other-{words[0]}", val_bpc=3.0)
        done = chargru("runs", *words)
        assert done.exit_code == 1
        assert done.stderr.splitlines()[-2:] == [
            "error: removing asks first, and there is no terminal to ask on",
            "hint: add --yes; nothing was removed",
        ]
    assert left() == ["a", "other-prune", "other-rm"]


def test_with_yes_the_named_runs_are_removed(chargru):
    for name in ("a", "b", "c"):
        own_run(name, finished=name != "b")
    done = chargru("runs", "rm", "a", "checkpoints/b", "./checkpoints/a", "--yes")
    assert done.exit_code == 0
    sizes = [line.rpartition(", ")[2] for line in done.stderr.splitlines()[:2]]
    assert done.stderr.splitlines() == [
        f"checkpoints/a: finished, 2.5000 bits per character, {sizes[0]}",
        f"checkpoints/b: unfinished, 2.5000 bits per character, {sizes[1]}",
        "removed checkpoints/a",
        "removed checkpoints/b",
    ]
    assert left() == ["c"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nowhere", "there is no run nowhere; there are: a, b, cats, cats-rnn"),
        ("notes", "notes is not a run: it holds mine.md"),
        ("b", "checkpoints/b is not removed: beside a run it holds mine.md"),
    ],
)
def test_if_one_cannot_be_removed_none_is(chargru, folder, word, said):
    own_run("a")
    for place in (own_run("b"), folder / "notes"):
        place.mkdir(exist_ok=True)
        (place / "mine.md").write_text("mine")
    done = chargru("runs", "rm", "a", word, "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {said}\nhint: ")
    assert left() == ["a", "b"]


def test_a_run_that_is_trained_into_stays(chargru):
    path = own_run("a")
    with run.lock(path):
        for words in (("rm", "a", "--yes"), ("rename", "a", "b")):
            done = chargru("runs", *words)
            assert done.exit_code == 1
            assert "error: another process is training into checkpoints/a\n" in done.stderr
    assert left() == ["a"]


@pytest.mark.parametrize(("key", "kept"), [("y\n", []), ("YES\n", []), ("n\n", ["a"]), ("\n", ["a"]), ("\x04", ["a"])])
def test_on_a_terminal_it_asks(key, kept, folder):
    own_run("a")
    shown, code = on_a_terminal(["runs", "rm", "a"], typed=[("[y/N]", key)], folder=folder)
    assert code == 0
    assert "remove checkpoints/a for good? [y/N]" in shown
    assert shown.rstrip().endswith("nothing was removed" if kept else "removed checkpoints/a")
    assert left() == kept


def test_ctrl_c_at_the_question_removes_nothing(folder):
    own_run("a")
    shown, code = on_a_terminal(["runs", "rm", "a"], typed=[("[y/N]", "\x03")], folder=folder)
    assert code == 130
    assert shown.rstrip().endswith("nothing was removed")
    assert "Traceback" not in shown
    assert left() == ["a"]


def three_runs():
    for name, val_bpc in (("a", 2.5), ("b", 1.5), ("c", 3.5)):
        own_run(name, val_bpc=val_bpc)
    own_run("young", finished=False)


def test_a_dry_run_shows_and_removes_nothing(chargru):
    three_runs()
    done = chargru("runs", "prune", "--keep-best", 1, "--dry-run", env={"COLUMNS": "60"})
    assert (done.exit_code, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["novel.txt"]
    assert [(row[0], row[1], row[-1]) for row in rows[2:5]] == [
        ("keep", "1.5000", "checkpoints/b"),
        ("remove", "2.5000", "checkpoints/a"),
        ("remove", "3.5000", "checkpoints/c"),
    ]
    assert rows[-2:] == [["left", "alone"], ["checkpoints/young:", "unfinished"]]
    assert max(map(len, done.stdout.splitlines())) <= 60
    assert left() == ["a", "b", "c", "young"]


def test_pruned_on_a_terminal_after_a_question(folder):
    three_runs()
    shown, _ = on_a_terminal(["runs", "prune", "--keep-best", "2"], typed=[("[y/N]", "y\n")], folder=folder)
    assert "remove checkpoints/c for good?" in shown
    assert left() == ["a", "b", "young"]


@pytest.mark.parametrize("asked", [True, False])
def test_a_list_that_a_question_follows_is_not_paged(folder, asked):
    """The pager would take it off the screen before the question."""
    three_runs()
    (folder / "pager").write_text("#!/bin/sh\ncat > got\n")
    (folder / "pager").chmod(0o755)
    typed, option = ([("[y/N]", "n\n")], []) if asked else ([], ["--dry-run"])
    words = ["runs", "prune", "--keep-best", "2", *option]
    shown, _ = on_a_terminal(words, typed=typed, folder=folder, size=(5, 80), PAGER="./pager")
    assert (folder / "got").exists() is not asked
    assert ("keep       2.5000" in shown) is asked


def test_pruned_with_yes_as_json(chargru):
    three_runs()
    done = chargru("runs", "prune", "--keep-best", 1, "--yes", "--format", "json")
    found = json.loads(done.stdout)
    assert found["schema"] == "chargru.pruning/1"
    assert [one["checkpoint"] for one in found["texts"][0]["remove"]] == ["checkpoints/a", "checkpoints/c"]
    assert found["left_alone"] == [{"checkpoint": "checkpoints/young", "why": "unfinished"}]
    assert done.stderr == "removed checkpoints/a\nremoved checkpoints/c\n"
    assert left() == ["b", "young"]


def test_where_there_is_nothing_to_remove(chargru):
    own_run("a")
    done = chargru("runs", "prune", "--keep-best", 1)
    assert (done.exit_code, done.stderr) == (0, "there is nothing to remove\n")
    assert left() == ["a"]


def test_at_least_one_is_kept(chargru):
    own_run("a")
    done = chargru("runs", "prune", "--keep-best", 0, "--yes")
    assert done.stderr.startswith("error: --keep-best is 0, but it must be at least 1\n")
    assert left() == ["a"]


def test_help_of_each_has_an_example(chargru):
    for words in ((), ("rename",), ("rm",), ("prune",)):
        assert "Example: chargru runs" in chargru("runs", *words, "--help").stdout
