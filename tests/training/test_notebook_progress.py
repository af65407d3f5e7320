"""The bar of a notebook: what it shows, and when training has one."""

import dataclasses
import io
import re
import sys
import types
from html.parser import HTMLParser

import pytest

import chargru
from chargru.errors import SettingError
from chargru.training.live import LiveProgress
from chargru.training.notebook_progress import NOTES, NotebookProgress, chosen, in_notebook
from chargru.training.progress import PlainProgress, Progress, Status, figures

STATUS = Status(0.256, 1234, 5.678, 2.5, 2.75, 2.625, 98_765.4, 3725.0)


class Notebook:
    """IPython as a kernel has it: what was shown, and then put in its place."""

    def __init__(self, monkeypatch):
        self.shown, self.calls = [], 0
        shell, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
        shell.get_ipython = lambda: types.SimpleNamespace(kernel=self)
        display.display = self.display
        monkeypatch.setitem(sys.modules, "IPython", shell)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, data, *, raw, display_id):
        assert raw
        assert display_id
        self.calls += 1
        self.shown.append(data)
        return self

    def update(self, data, *, raw):
        assert raw
        self.shown.append(data)


@pytest.fixture
def notebook(monkeypatch):
    return Notebook(monkeypatch)


@pytest.fixture
def bar(notebook):
    assert in_notebook()
    assert notebook.shown == []
    return NotebookProgress()


def words(html):
    found = []
    reader = HTMLParser()
    reader.handle_data = found.append
    reader.feed(html)
    return re.sub(r"\s+", " ", " ".join(found)).strip()


def test_it_shows_the_figures_and_the_sample(bar):
    bar.validated(STATUS, "<b>\n\x1b[2J")
    assert words(bar.picture()) == (
        "26% 1:02:05 left validation 2.750 best 2.625 training 2.500 bits per character "
        "update 1,234 epoch 5.68 pace 98,765 characters a second <b>⏎\\x1b[2J"
    )
    assert 'aria-valuenow="26"' in bar.picture()
    assert "width:26%" in bar.picture()
    assert "<b>" not in bar.picture()


def test_the_curve_begins_with_what_was_scored_before(bar):
    bar.earlier([4.0, 3.5])
    bar.validated(STATUS, "")
    assert "validation 4.000 2.750 best" in words(bar.picture())
    points = re.search(r'points="([^"]+)"', bar.picture())[1].split()
    places = [tuple(map(float, point.split(","))) for point in points]
    assert [x for x, _ in places] == [0.0, 60.0, 120.0]
    assert [y for _, y in places] == [1.0, pytest.approx(1 + 0.5 / 1.25 * 14, abs=0.05), 15.0]


def test_what_is_done_stands_in_the_place_of_the_time(bar):
    bar.note("loading torch ...")
    assert words(bar.picture()) == "0% loading torch"
    bar.reading("reading the text")
    assert words(bar.picture()) == "0% reading the text"
    bar.updated(STATUS)
    bar.validating()
    assert words(bar.picture()).startswith("26% validating")
    bar.stopping("saving")
    assert words(bar.picture()).startswith("26% saving")
    bar.waiting()
    assert words(bar.picture()).startswith("26% waiting for the disk; Ctrl-C gives up")


def test_the_latest_notes_stay(bar):
    for number in range(NOTES + 1):
        bar.note(f"note {number} <i>")
    assert words(bar.picture()) == f"0% preparing {' '.join(f'note {number} <i>' for number in range(1, NOTES + 1))}"


@pytest.mark.parametrize(("error", "end"), [(None, "done"), (RuntimeError, "stopped")])
def test_the_last_picture_says_how_it_ended(bar, error, end):
    bar.updated(STATUS)
    bar.__exit__(error, None, None)
    assert words(bar.picture()).startswith(f"26% {end}")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_script_is_silent_unless_asked(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert type(chosen(None)) is type(chosen(progress=False)) is Progress
    assert type(chosen(progress=True)) is PlainProgress
    ours = PlainProgress(io.StringIO())
    assert chosen(ours) is ours
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert type(chosen(None)) is Progress
    assert type(chosen(progress=True)) is LiveProgress


def test_a_prompt_shows_it(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert type(chosen(None)) is LiveProgress
    assert type(chosen(progress=False)) is Progress


def test_a_notebook_shows_it(notebook):
    assert type(chosen(None)) is type(chosen(progress=True)) is NotebookProgress
    assert type(chosen(progress=False)) is Progress
    assert notebook.shown == []


def test_one_picture_replaces_the_other_and_not_too_often(bar, notebook):
    bar.note("first")
    for update in range(1, 1000):
        bar.updated(dataclasses.replace(STATUS, update=update))
    assert len(notebook.shown) < 100
    bar.__exit__(None, None, None)
    assert notebook.calls == 1
    assert notebook.shown[-1] == {"text/html": bar.picture(), "text/plain": figures(bar._status)}
    assert "update 999 epoch" in words(notebook.shown[-1]["text/html"])


def test_anything_else_is_refused_before_anything_slow():
    with pytest.raises(SettingError, match=r"^`progress` is of type str, but it must be true or false$"):
        chargru.train(progress="yes", updates=1)
