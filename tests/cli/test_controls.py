"""Raw where a program reads, escaped where a person does: what steers a terminal never reaches one."""

import dataclasses
import re
from pathlib import Path

import pytest
from drawn import model
from terminals import on_a_terminal

from chargru.model import write_model

STEERING = "\x1b\x07\r\x9b\x85\x7f\u202e\u2066\u200e\ufeff\u2028\U000e0041\u0378\u061c"
"""Control characters, bidirectional ones, what cannot be seen, what Unicode does not know."""
HONEST = "abc \n\tשل中\u3000"
TEXT = (HONEST + STEERING) * 6
OURS = re.compile(r"\x1b\[[\d;]*m|\x1b\[\??\d*[A-KSThl]|\r(?=\x1b|$)")
"""Our colours and the live display's moves."""

READING = [
    "sample --length 150 --seed 1 --temperature 5",
    "sample --length 40 --seed 1 --temperature 5 --format json",
    *(f"trace --format {name} --no-pager" for name in ("table", "json", "csv", "markdown", "latex", "html")),
    "trace --all --no-pager",
    "trace --back 5 --no-pager",
    "trace --compare torch,course --no-pager",
    "gates --no-pager",
    "gates --format csv",
    "gates --format markdown",
    "gradient --no-pager",
    "info",
    "info --format json",
    f"evaluate --no-pager --highlight --text {TEXT.replace(' ', '')}",
    f"evaluate --format csv --highlight --text {TEXT.replace(' ', '')}",
]
WORD = "x\x1b[31m\u202e\x9b"
MISTYPED = [
    f"{WORD}",
    f"--{WORD}",
    f"train --o{WORD}",
    f"train {WORD}",
    f"train --minutes {WORD}",
    f"train --init-from {WORD}",
    f"sample --format {WORD}",
    f"sample --prime {WORD}",
    f"sample a {WORD}",
    f"trace --step {WORD}",
    f"trace --at ({WORD}",
    f"trace --force r={WORD}",
    f"info {WORD}",
    f"runs {WORD}",
    f"runs rm {WORD}",
]


def words_of(command):
    return command.split(" ")


@pytest.fixture
def steering_run(tmp_path, monkeypatch):
    """A run whose vocabulary, text and name are full of such characters; its name is short, or a line would break."""
    monkeypatch.chdir(tmp_path)
    path = Path("run\u202e")
    path.mkdir()
    write_model(path, dataclasses.replace(model(TEXT, units=4), trace_text=TEXT))
    return path


def steers(shown):
    """The characters shown raw that steer a terminal."""
    return sorted({char for char in OURS.sub("", shown) if char in STEERING})


@pytest.mark.parametrize("command", READING, ids=lambda command: " ".join(command.split(" ")[:3]))
def test_no_command_that_reads_a_run_steers_the_terminal(steering_run, command):
    name, *others = words_of(command)
    run = [steering_run] if name == "info" else ["-c", steering_run]
    shown, code = on_a_terminal([name, *run, *others])
    assert code == 0
    assert steers(shown) == []
    assert "run\\u202e" in shown or name == "info"


@pytest.mark.parametrize(
    "command", MISTYPED, ids=lambda command: command.split(" ")[0][:8] + command.split(" ")[-1][:6]
)
def test_what_is_mistyped_does_not_steer_it_either(tmp_path, command):
    shown, code = on_a_terminal(words_of(command), folder=tmp_path)
    assert code in (1, 2)
    assert "\\u202e" in shown or "\\x1b" in shown
    assert set(steers(shown)) <= {"\r"}  # the live display's own


def test_a_sample_shows_the_same_text_on_a_terminal_and_in_a_pipe(chargru, steering_run):
    command = ("sample", "-c", steering_run, "--length", 150, "--seed", 1, "--temperature", 5)
    piped = chargru(*command).stdout
    assert set(STEERING) - {"\r"} <= set(piped)
    shown, _ = on_a_terminal(command)
    expected = "".join(
        char.encode("unicode_escape").decode() if char in STEERING else char for char in piped.replace("\r\n", "\n")
    )
    written = shown.split("\n", 1)[1]
    assert written.replace("\\r", "") == expected.replace("\\r", "")


def test_a_table_for_a_program_has_the_characters_themselves(chargru, steering_run, tmp_path):
    command = ("trace", "-c", steering_run, "--step", "1-last", "--format", "csv")
    piped = chargru(*command).stdout
    assert set(STEERING) <= set(piped)
    chargru(*command, "--out", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes().decode() == piped
