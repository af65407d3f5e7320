"""Progress of a command: silent while it is quick, plain lines in a pipe, a bar on a terminal."""

import io

import pytest

from chargru.cli import progress
from chargru.cli.progress import Steps


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_what_is_quick_says_nothing(capsys):
    with Steps("scoring", 2) as steps:
        steps.advance(2)
    assert capsys.readouterr() == ("", "")


def test_a_pipe_gets_plain_lines_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SILENCE", 0.0)
    with Steps("scoring", 4) as steps:
        for _ in range(4):
            steps.advance()
    assert capsys.readouterr() == ("", "scoring: 25%\n")


def test_more_steps_than_foreseen_are_all_of_them(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SILENCE", 0.0)
    with Steps("writing", 10) as steps:
        steps.advance(12)
    assert capsys.readouterr().err == "writing: 100%\n"


@pytest.mark.parametrize(("term", "bar"), [("xterm", True), ("dumb", False)])
def test_a_terminal_gets_a_bar_if_it_can_show_one(monkeypatch, term, bar):
    terminal = Terminal()
    monkeypatch.setattr(progress, "SILENCE", 0.0)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", term)
    with Steps("scoring", 4) as steps:
        steps.advance()
        steps.advance()
    assert ("scoring: 25%\n" in terminal.getvalue()) is not bar
    assert ("━" in terminal.getvalue()) is bar
