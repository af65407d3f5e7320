"""`chargru page`, as it is typed."""

import os
import re
import subprocess
import sys

import pytest
from drawn import TEXT, model

from chargru.insight.exploration import explore
from chargru.model import read_model, write_model
from chargru.show.formats import show

FILE = "explorer.html"


@pytest.fixture
def here(tiny_run, monkeypatch):
    """The current folder, beside the run `tiny`."""
    monkeypatch.chdir(tiny_run.parent)
    return tiny_run.parent


@pytest.fixture
def page(chargru, here):  # noqa: ARG001 -- where it runs
    """Run the command: page("--steps", 9) -> what it says on stderr; stdout is empty."""

    def call(*arguments, exit_code=0):
        done = chargru("page", "-c", "tiny", *arguments)
        assert (done.exit_code, done.stdout) == (exit_code, ""), done.stderr
        return done.stderr

    return call


def made(**arguments):
    """What the library makes of the same."""
    return show(explore(read_model("tiny"), **arguments), "html")


def test_it_writes_what_the_library_shows(page, here):
    said = page()
    assert (here / FILE).read_text(encoding="utf-8") == made(where="the run's text")
    size = round((here / FILE).stat().st_size / 1000)
    assert said == f"using tiny\nwrote explorer.html ({size:,} kB): open it in a browser\n"


def test_options_are_arguments(page, here):
    (here / "t.txt").write_text("The dogs.\n", encoding="utf-16")
    for given, arguments in (
        (["--text", "The cats"], {"text": "The cats", "where": "--text"}),
        (["--file", "t.txt", "--encoding", "utf-16"], {"text": "The dogs.\n", "where": "t.txt"}),
        (["--steps", 40], {"steps": 40, "where": "the run's text"}),
        (["--force", "z[3]=1", "--force", "r=0@5-9"], {"force": ["z[3]=1", "r=0@5-9"], "where": "the run's text"}),
        (["--half"], {"half": True, "where": "the run's text"}),
    ):
        page(*given)
        assert (here / FILE).read_text(encoding="utf-8") == made(**arguments)


def test_a_text_that_is_cut_is_said_in_one_line(page):
    note = "note: --text has 840 characters, the page the first 512; give --steps for more"
    assert page("--text", TEXT * 10).splitlines()[1:-1] == [note]
    assert page("--text", TEXT, "--steps", 84).splitlines()[1:-1] == []
    note = "note: --text has 840 characters, the page the first 700"
    assert page("--text", TEXT * 10, "--steps", 700).splitlines()[1:-1] == [note]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--steps", 0], "error: --steps is 0, but it must be from 1 to 4,000\nhint: give --steps another value"),
        (["--steps", 4001], "error: --steps is 4001, but it must be from 1 to 4,000"),
        (["--text", "a", "--file", "b"], "error: both --text and a file are given"),
        (["--text", "Q"], "error: --text, line 1, column 1: the character 'Q' (U+0051) is not in the vocabulary"),
        (["--text", ""], "error: --text is empty\nhint: give a text of at least one character"),
        (["--force", "q=1"], "error: 'q=1' holds 'q', but only the gates r and z can be held"),
        (["--force", "r=1@85"], "error: 'r=1@85' names a step that is not there: the run's text has 84 steps"),
        (["--out", ""], "error: --out '' names no file\nhint: name one, as in --out result"),
        (["--out", "-"], "error: --out '-' names no file\nhint: name one, as in --out ./-"),
        (["--out", "."], "error: . is a directory\nhint: name a file in it"),
        (["--out", "no/where.html"], "hint: make that folder first, or choose another --out"),
    ],
)
def test_what_cannot_be_is_one_error(page, here, arguments, message):
    assert message in page(*arguments, exit_code=1)
    assert not (here / FILE).exists()


def test_a_weight_that_two_bytes_cannot_hold(page, here):
    ours = model(units=5)
    ours.weights.layers[0].bias_ih[3] = 1e5
    write_model(here / "tiny", ours)
    said = page("--half", exit_code=1).splitlines()
    assert said[1:] == [
        "error: a weight is as large as 100,000, but two bytes hold at most 65,504",
        "hint: leave --half out",
    ]


def test_a_file_that_is_no_page_is_not_overwritten(page, here):
    (here / FILE).write_text("<!doctype html>\nmine, about chargru page")
    said = page(exit_code=1)
    assert said.splitlines() == [
        "error: explorer.html is there already, and was not made by chargru page",
        "hint: name another file: --out FILE",
    ]
    assert (here / FILE).read_text() == "<!doctype html>\nmine, about chargru page"
    page("--out", FILE)
    assert (here / FILE).read_text(encoding="utf-8") == made(where="the run's text")


def test_the_text_is_not_overwritten(page, here):
    (here / "t.txt").write_text(TEXT)
    (here / "link").symlink_to("t.txt")
    said = page("--file", "t.txt", "--out", "link", exit_code=1)
    assert "error: --out would replace " in said
    assert (here / "t.txt").read_text() == TEXT


def test_a_page_of_before_is_overwritten(page, here):
    page("--steps", 9)
    page("--steps", 10)
    assert (here / FILE).read_text(encoding="utf-8") == made(steps=10, where="the run's text")


def test_out_is_written_and_named(page, here):
    assert re.search(r"^wrote a <b>\.html \(\d+ kB\)", page("--out", "a <b>.html"), re.MULTILINE)
    assert (here / "a <b>.html").read_text(encoding="utf-8") == made(where="the run's text")
    assert not (here / FILE).exists()


def test_without_anything_it_is_of_the_bundled_run(chargru, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert chargru("page").exit_code == 0
    assert "<title>cats, explored</title>" in (tmp_path / FILE).read_text(encoding="utf-8")


def opened(here, **environment):
    """The command in a process of its own, since Python looks for browsers once; what it says on stderr."""
    command = [sys.executable, "-m", "chargru", "page", "-c", "tiny", "--out", "a page.html", "--open"]
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    done = subprocess.run(command, cwd=here, env=kept | environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr


def test_open_gives_the_page_to_the_browser(here):
    browser = here / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$0.opened"\n')
    browser.chmod(0o755)
    assert "note:" not in opened(here, BROWSER=f"{browser} %s")
    assert (here / "browser.opened").read_text() == (here / "a page.html").as_uri()


def test_where_there_is_no_browser_that_is_a_note(here):
    said = opened(here, PATH=str(here)).splitlines()
    assert said[1].startswith("wrote a page.html")
    assert said[2:] == ["note: no browser could be started here; open a page.html in one yourself"]


def test_it_leaves_torch_out(here):
    code = "import sys; from chargru.cli.app import app; app(['page', '-c', 'tiny'], standalone_mode=False);"
    command = [sys.executable, "-c", f"{code} sys.exit('torch' in sys.modules)"]
    assert subprocess.run(command, cwd=here, capture_output=True, check=False).returncode == 0
