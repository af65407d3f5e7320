"""The help of the commands with many options: every option once, in its section, most used first."""

import os
import subprocess
import sys

import pytest
import typer

from chargru.cli.app import app
from chargru.cli.sections import GROUPS, TITLES

COMMANDS = typer.main.get_group(app).commands
OF_RUNS = ("rename", "rm", "prune")


def found(name):
    """A command, also one of `chargru runs`."""
    return (COMMANDS["runs"].commands if name in OF_RUNS else COMMANDS)[name]


def sections(text):
    """{title: the options in it}, as a reader finds them."""
    found, title = {}, None
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            title = line.removesuffix(":")
            found[title] = []
        elif title and line.startswith("  -"):
            found[title].append(next(word for word in line.split() if word.startswith("--")))
    return found


def test_train_shows_the_budget_and_the_model_first(chargru):
    text = chargru("train", "--help", env={"COLUMNS": "80"}).stdout
    shown = sections(text)
    assert list(shown) == ["Text", "Budget", "Model", "Learning", "Run and data", "Machine", "Output"]
    assert shown["Budget"] == ["--minutes", "--epochs", "--updates"]
    assert shown["Model"] == ["--hidden-size", "--layers", "--reset", "--force", "--initial-memory"]
    assert shown["Machine"] == ["--device", "--threads", "--precision"]
    assert "--hidden-size" in "\n".join(text.splitlines()[:24])


def test_trace_shows_where_first(chargru):
    shown = sections(chargru("trace", "--help").stdout)
    assert shown["What is traced"][:4] == ["--step", "--at", "--text", "--file"]
    assert shown["Letters and formats"] == ["--convention", "--compare", "--format", "--out", "--no-pager"]


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_every_option_is_shown_once_within_the_width(name, columns):
    """In a process of its own, since typer's test runner has a fixed width."""
    parameters = found(name).params
    assert set(TITLES[name]) - {"help"} <= {parameter.name for parameter in parameters}
    command = [sys.executable, "-m", "chargru", *(["runs"] if name in OF_RUNS else []), name, "--help"]
    environment = {**os.environ, "COLUMNS": str(columns)}
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    shown = [option for options in sections(text).values() for option in options]
    expected = [max(one.opts, key=len) for one in parameters if one.param_type_name == "option"]
    assert shown == [*expected, "--help"]
    assert [line for line in text.splitlines() if len(line) > columns] == []


def test_every_command_has_sections():
    assert {*COMMANDS, *OF_RUNS} == {*TITLES, "runs"}
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(COMMANDS)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_first_help_fits_a_screen_with_the_commands_most_used_first(columns):
    environment = {**os.environ, "COLUMNS": str(columns)}
    command = [sys.executable, "-m", "chargru"]
    text = subprocess.run([*command, "--help"], env=environment, capture_output=True, text=True, check=True).stdout
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr == text
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    assert len(lines) <= (25 if columns == 60 else 23)
    assert [line for line in lines if line.endswith(":")] == [*(f"{title}:" for title in GROUPS), "Options:"]
    shown = [line.split()[0] for line in lines if line[:2] == "  " and line[2:].split("  ")[0] in COMMANDS]
    assert shown == [name for group in GROUPS.values() for name in group]


def test_help_is_asked_for_by_h_everywhere(chargru):
    for words in ([], *([name] for name in COMMANDS), *(["runs", name] for name in OF_RUNS)):
        assert chargru(*words, "-h").stdout == chargru(*words, "--help").stdout != ""
