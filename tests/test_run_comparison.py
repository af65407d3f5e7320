"""Runs side by side: what differs, and whether the scores compare."""

import pytest
from ownruns import own_run

from chargru.errors import DamagedRunError, RunError
from chargru.model import MODEL
from chargru.run_comparison import compare


@pytest.fixture(autouse=True)
def folder(empty_folder):
    return empty_folder


def test_what_differs_and_nothing_else():
    found = compare(
        [own_run("a", dropout=0.1, seed=4), own_run("b", val_bpc=1.5, dropout=0.2, force=["z=0"], budget=3.0)]
    )
    assert found.settings == {"force": ([], ["z=0"]), "dropout": (0.1, 0.2)}
    assert found.budget == {"amount": (2.0, 3.0), "unit": ("minutes", "minutes")}
    assert (found.text, found.versions) == ({}, {})
    assert found.scores["val_bpc"] == (2.5, 1.5)
    assert found.scores["updates"] == (1234, 1234)
    assert found.scores["parameters"][0] > 0
    assert found.states == ("finished", "finished")
    assert (found.same_text, found.best) == (True, "checkpoints/b")


def test_a_setting_that_a_run_does_not_have_is_none():
    assert compare([own_run("a", patience=3), own_run("b")]).settings == {"patience": (3, None)}


@pytest.mark.parametrize("other", [{"sha256": "cd" * 32}, {"split": 80}])
def test_scores_of_different_texts_do_not_compare(other):
    found = compare([own_run("a"), own_run("b", val_bpc=1.5, **other)])
    assert (found.same_text, found.best) == (False, None)
    assert list(found.text) == list(other)


def test_a_run_that_does_not_say_its_text_does_not_compare():
    found = compare([own_run("a"), own_run("b", sha256=None)])
    assert (found.same_text, found.best) == (None, None)
    assert "does not say which text" in str(found)


def test_without_two_scores_none_is_best():
    assert compare([own_run("a", val_bpc=None), own_run("b")]).best is None


def test_an_error_of_one_is_an_error():
    path = own_run("a")
    with pytest.raises(RunError, match="does not exist"):
        compare([path, path / "nowhere"])
    other = own_run("b")
    (other / MODEL).write_bytes(b"nothing")
    with pytest.raises(DamagedRunError, match="checkpoints/b"):
        compare([path, other])
