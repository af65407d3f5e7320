"""Long tables on a terminal go through the pager; nothing else does."""

import os
import re
import shutil
import stat
import subprocess
import sys

import pytest
from drawn import model
from terminals import on_a_terminal

from chargru.model import write_model

LAST = "More: --all"
NEEDS_LESS = pytest.mark.skipif(shutil.which("less") is None, reason="this system has no less")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "run").mkdir()
    write_model(tmp_path / "run", model(units=40))
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\ncat > got\necho "through the pager, LESS=$LESS, $1"\n')
    pager.chmod(pager.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def shown(folder, *arguments, **options):
    return on_a_terminal(("trace", "-c", "run", *arguments), folder=folder, **options)


def test_a_long_table_goes_through_the_pager_in_colour(folder):
    text, code = shown(folder, PAGER="./pager 'an argument'")
    assert code == 0
    assert text == "using run\nthrough the pager, LESS=FRXK, an argument\n"
    got = (folder / "got").read_text()
    assert "\x1b[1m" in got
    assert LAST in got


def test_less_is_told_nothing_that_the_user_says_otherwise(folder):
    assert "LESS=-S," in shown(folder, PAGER="./pager", LESS="-S")[0]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("--no-pager",), {}),
        ((), {"PAGER": ""}),
        ((), {"PAGER": "cat"}),
        ((), {"PAGER": "no-such-pager"}),
        ((), {"PAGER": "./run"}),
        ((), {"PAGER": "less '"}),
        ((), {"TERM": "dumb"}),
        ((), {"TERM": None}),
        ((), {"size": (60, 80)}),
        (("--format", "markdown"), {}),
        (("--format", "csv"), {}),
    ],
)
def test_else_it_is_printed(folder, arguments, options):
    text, code = shown(folder, *arguments, **{"PAGER": "./pager", **options})
    assert code == 0
    assert text.startswith("using run\n")
    assert len(text.splitlines()) > 40
    assert not (folder / "got").exists()


def test_no_pager_goes_before_the_command_as_well(folder):
    for arguments in (("--no-pager", "trace"), ("trace", "--no-pager")):
        text, _ = on_a_terminal((*arguments, "-c", "run"), folder=folder, PAGER="./pager")
        assert LAST in text


@pytest.mark.parametrize("command", [("trace",), ("gradient",), ("info", "run"), ("evaluate", "--text", "The cat")])
def test_every_command_with_a_long_table_has_it(folder, command):
    where = () if command[0] == "info" else ("-c", "run")
    size = (3, 80)
    through, _ = on_a_terminal((*command, *where), folder=folder, PAGER="./pager", size=size)
    assert "through the pager" in through
    printed, _ = on_a_terminal((*command, *where, "--no-pager"), folder=folder, PAGER="./pager", size=size)
    assert "through the pager" not in printed


def test_a_line_wider_than_the_terminal_counts_as_several(folder):
    assert "through the pager" not in shown(folder, PAGER="./pager", size=(50, 80))[0]
    assert "through the pager" in shown(folder, PAGER="./pager", size=(50, 20))[0]


def test_what_leaves_a_line_for_the_prompt_fits(folder):
    lines = len(shown(folder, "--no-pager")[0].splitlines()) - 1  # "using run" goes to stderr
    assert "through the pager" in shown(folder, PAGER="./pager", size=(lines, 80))[0]
    assert "through the pager" not in shown(folder, PAGER="./pager", size=(lines + 1, 80))[0]


@NEEDS_LESS
@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "Ctrl-C"])
def test_leaving_less_early_is_quiet(folder, key):
    text, code = shown(folder, typed=[("likeliest", key)], PAGER=None)
    assert code == 0
    assert "likeliest" in text
    assert LAST not in text
    assert not re.search("Traceback|Abort|error|hint", text)


def test_a_pager_that_reads_nothing_is_quiet(folder):
    assert shown(folder, PAGER="true") == ("using run\n", 0)


def test_the_exit_code_is_the_command_s(folder):
    (folder / "pager").write_text("#!/bin/sh\ncat > got\nexit 3\n")
    assert shown(folder, PAGER="./pager")[1] == 0
    text, code = shown(folder, "--force", "n=1", PAGER="./pager")
    assert code == 1
    assert "error: " in text


def test_what_is_piped_or_written_to_a_file_has_no_pager(folder):
    command = [sys.executable, "-m", "chargru", "trace", "-c", "run"]
    piped = subprocess.run(
        command, cwd=folder, env={**_environment(), "PAGER": "./pager"}, capture_output=True, check=True
    )
    assert LAST in piped.stdout.decode()
    assert shown(folder, "--out", "there.txt", PAGER="./pager")[0] == "using run\nwrote there.txt\n"
    assert (folder / "there.txt").read_bytes() == piped.stdout
    assert not (folder / "got").exists()


def _environment():
    return {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}
