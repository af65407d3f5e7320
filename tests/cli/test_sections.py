"""The help of the commands with many options: every option once, in its section, most used first."""

import os
import subprocess
import sys

import pytest
import typer

from chargru.cli.app import app
from chargru.cli.sections import TITLES

COMMANDS = typer.main.get_group(app).commands


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
    found = sections(text)
    assert list(found) == ["Text", "Budget", "Model", "Learning", "Run and data", "Machine", "Output"]
    assert found["Budget"] == ["--minutes", "--epochs", "--updates"]
    assert found["Model"] == ["--hidden-size", "--layers", "--reset", "--force", "--initial-memory"]
    assert found["Machine"] == ["--device", "--threads", "--precision"]
    assert "--hidden-size" in "\n".join(text.splitlines()[:24])


def test_trace_shows_where_first(chargru):
    found = sections(chargru("trace", "--help").stdout)
    assert found["What is traced"][:4] == ["--step", "--at", "--text", "--file"]
    assert found["Letters and formats"] == ["--convention", "--compare", "--format", "--out", "--no-pager"]


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_every_option_is_shown_once_within_the_width(name, columns):
    """In a process of its own, since typer's test runner has a fixed width."""
    parameters = COMMANDS[name].params
    assert set(TITLES[name]) <= {parameter.name for parameter in parameters}
    command = [sys.executable, "-m", "chargru", name, "--help"]
    environment = {**os.environ, "COLUMNS": str(columns)}
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    shown = [option for options in sections(text).values() for option in options]
    expected = [max(one.opts, key=len) for one in parameters if one.param_type_name == "option"]
    assert shown == [*expected, "--help"]
    a_choice_alone = ("  --convention", "  --format")
    assert [line for line in text.splitlines() if len(line) > columns and not line.startswith(a_choice_alone)] == []
