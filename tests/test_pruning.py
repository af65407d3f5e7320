"""Which runs would be removed: by text, the best first; and which are not judged."""

from pathlib import Path

import pytest
from ownruns import own_run

from chargru import bundled, run
from chargru.errors import SettingError
from chargru.model import MODEL
from chargru.pruning import prune


@pytest.fixture(autouse=True)
def folder(empty_folder):
    return empty_folder


def names(ranked):
    return [Path(one.checkpoint).name for one in ranked]


def chosen(keep_best):
    """Of each text what is kept and what is removed, and why the others are left alone."""
    found = prune(keep_best)
    texts = {(one.text, one.split): (names(one.keep), names(one.remove)) for one in found.texts}
    return texts, {Path(one.checkpoint).name: one.why for one in found.left_alone}


def test_of_each_text_the_best_are_kept():
    for name, val_bpc in (("a", 2.5), ("b", 1.5), ("c", 3.5), ("d", 2.0)):
        own_run(name, val_bpc=val_bpc)
    own_run("other", val_bpc=9.0, sha256="cd" * 32, text="other.txt")
    assert chosen(2) == ({("novel.txt", 90): (["b", "d"], ["a", "c"]), ("other.txt", 90): (["other"], [])}, {})
    assert chosen(9)[0]["novel.txt", 90] == (["b", "d", "a", "c"], [])


def test_one_text_split_at_two_places_gives_scores_that_do_not_compare():
    own_run("a", val_bpc=2.5)
    own_run("b", val_bpc=1.5, split=80)
    assert chosen(1)[0] == {("novel.txt", 90): (["a"], []), ("novel.txt", 80): (["b"], [])}


def test_what_cannot_be_judged_is_left_alone_and_takes_no_place():
    own_run("best", val_bpc=1.0, finished=False)
    own_run("good", val_bpc=2.0)
    own_run("bad", val_bpc=3.0)
    own_run("blind", val_bpc=None)
    (own_run("broken", val_bpc=0.5) / MODEL).write_bytes(b"nothing")
    (own_run("copied", val_bpc=0.5) / run.TRAINING).unlink()
    (own_run("noted", val_bpc=4.0) / "notes.md").write_text("mine")
    Path("checkpoints/link").symlink_to("bad")
    texts, left_alone = chosen(1)
    assert texts == {("novel.txt", 90): (["good"], ["bad"])}
    assert left_alone.pop("broken").startswith("damaged: checkpoints/broken/model.safetensors is not a whole")
    assert left_alone == {
        "best": "unfinished",
        "blind": "not validated",
        "copied": "model only",
        "noted": "beside a run it holds notes.md",
        "link": "checkpoints/link is a link to bad",
    }


def test_what_ships_is_left_alone(monkeypatch, folder):
    own_run("cats", val_bpc=9.0)
    own_run("mine", val_bpc=1.0)
    monkeypatch.setattr(bundled, "_PACKAGE", folder / "chargru")
    assert chosen(1)[1] == {"cats": "checkpoints/cats ships with chargru: it stays as it is"}


def test_nothing_is_removed():
    paths = {own_run("a"), own_run("b")}
    sizes = {str(path): sum(file.stat().st_size for file in path.iterdir()) for path in paths}
    (text,) = prune(1).texts
    assert {one.checkpoint: one.bytes for one in (*text.keep, *text.remove)} == sizes
    assert set(run.runs()) == paths


@pytest.mark.parametrize("number", [0, -1, 1.5, "1"])
def test_at_least_one_is_kept(number):
    with pytest.raises(SettingError, match="`keep_best` is"):
        prune(number)
