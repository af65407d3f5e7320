"""`chargru sample`: what it prints where, and what it refuses."""

import json
import os
import pty
import subprocess
import sys

import pytest
from drawn import model

from chargru.model import read_model, write_model
from chargru.sampling import Samples, SampleSettings, pieces, sample

SEED = ("--seed", 3)


def test_it_prints_the_text_of_the_library(chargru, tiny_run):
    result = chargru("sample", "-c", tiny_run, *SEED, "--length", 80)
    assert result.exit_code == 0
    assert result.stdout == sample(read_model(tiny_run), length=80, seed=3) + "\n"


def test_the_choice_of_run_is_named_on_stderr(chargru, tiny_run):
    assert chargru("sample", "-c", tiny_run, *SEED).stderr == f"using {tiny_run}\n"


def test_the_prime_comes_first(chargru, tiny_run):
    result = chargru("sample", "-c", tiny_run, *SEED, "--prime", "The cat", "--length", 9)
    assert result.stdout == "The cat" + sample(read_model(tiny_run), length=9, seed=3, prime="The cat") + "\n"


def test_length_0_prints_the_prime_alone(chargru, tiny_run):
    assert chargru("sample", "-c", tiny_run, *SEED, "--prime", "The", "--length", 0).stdout == "The\n"


def test_a_fresh_seed_is_named_and_repeats_the_text(chargru, tiny_run):
    first, second = (chargru("sample", "-c", tiny_run) for _ in range(2))
    seed = first.stderr.split()[-1]
    assert first.stdout != second.stdout
    assert chargru("sample", "-c", tiny_run, "--seed", seed).stdout == first.stdout


def test_every_choice_reaches_the_library(chargru, tiny_run):
    options = ("--temperature", 1.5, "--top-k", 9, "--top-p", 0.9, "--until", "e", "--length", 300)
    settings = {"length": 300, "temperature": 1.5, "top_k": 9, "top_p": 0.9, "until": "e"}
    expected = sample(read_model(tiny_run), **settings, seed=3)
    assert expected.endswith("e")
    assert chargru("sample", "-c", tiny_run, *SEED, *options).stdout == expected + "\n"


def test_several_samples_are_printed_one_after_another(chargru, tiny_run):
    rows = list(pieces(read_model(tiny_run), SampleSettings(length=70), seed=3, count=2))
    one, two = ("".join(column) for column in zip(*rows, strict=True))
    result = chargru("sample", "-c", tiny_run, *SEED, "--length", 70, "--count", 2, "--prime", "")
    assert result.stdout == f"--- sample 1 of 2 ---\n{one}\n--- sample 2 of 2 ---\n{two}\n"


def test_json_holds_seed_prime_and_samples(chargru, tiny_run):
    result = chargru("sample", "-c", tiny_run, *SEED, "--length", 40, "--prime", "T", "--format", "json")
    assert json.loads(result.stdout) == {
        "schema": "chargru.sample/1",
        "checkpoint": str(tiny_run),
        "seed": 3,
        "prime": "T",
        "samples": [sample(read_model(tiny_run), length=40, seed=3, prime="T")],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--temperature", "-1"), "--temperature is -1.0"),
        (("--top-k", "0"), "--top-k is 0"),
        (("--top-p", "2"), "--top-p is 2.0"),
        (("--length", "-5"), "--length is -5"),
        (("--count", "0"), "--count is 0"),
        (("--seed", "-1"), "--seed is -1"),
        (("--until", ""), "--until is ''"),
        (("--prime", "a\nbQ"), "--prime, line 2, column 2: the character 'Q' (U+0051) is not in the vocabulary"),
    ],
)
def test_a_bad_value_is_one_line_and_a_hint(chargru, tiny_run, options, message):
    result = chargru("sample", "-c", tiny_run, *options)
    assert result.exit_code == 1
    assert result.stdout == ""
    error, hint = result.stderr.splitlines()[-2:]
    assert error.startswith(f"error: {message}")
    assert hint.startswith("hint: ")


def test_a_value_of_the_wrong_kind_is_wrong_usage(chargru, tiny_run):
    assert chargru("sample", "-c", tiny_run, "--length", "many").exit_code == 2


def test_a_run_that_is_not_there_is_one_line(chargru, tmp_path):
    result = chargru("sample", "-c", tmp_path / "none")
    assert result.exit_code == 1
    assert f"error: there is no run {tmp_path / 'none'}; there are: cats, cats-rnn\n" in result.stderr


@pytest.fixture
def control_run(tmp_path):
    """A run on a text of characters that steer a terminal."""
    path = tmp_path / "control"
    path.mkdir()
    write_model(path, model("\x1b[2J\x07\t\n\x9b"))
    return path


def arguments(path):
    return [sys.executable, "-m", "chargru", "sample", "-c", str(path), "--seed", "1", "--length", "200"]


def test_a_pipe_gets_the_very_characters(control_run):
    made = subprocess.run(arguments(control_run), capture_output=True, check=True).stdout.decode()
    assert made == sample(read_model(control_run), length=200, seed=1) + "\n"
    assert "\x1b" in made


def test_a_terminal_gets_control_characters_escaped(control_run):
    master, slave = pty.openpty()
    with subprocess.Popen(arguments(control_run), stdout=slave, stderr=subprocess.DEVNULL) as process:
        os.close(slave)
        shown = b""
        while chunk := _read(master):
            shown += chunk
    assert process.returncode == 0
    expected = sample(read_model(control_run), length=200, seed=1)
    for control in "\x1b\x07\x9b":
        expected = expected.replace(control, f"\\x{ord(control):02x}")
    assert shown.decode().replace("\r\n", "\n") == expected + "\n"


def _read(master):
    try:
        return os.read(master, 4096)
    except OSError:  # the other end is closed
        return b""


def test_a_closed_pipe_ends_quietly(tiny_run):
    command = " ".join([*arguments(tiny_run)[:-1], "200000", "| head -c 10"])
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0
    assert len(result.stdout) == 10
    assert result.stderr == f"using {tiny_run}\n"


def test_samples_of_the_library_are_shown_as_they_are_printed(chargru, tiny_run):
    arguments = ("sample", "-c", tiny_run, *SEED, "--length", 40, "--count", 2, "--prime", "T", "--force", "z=0")
    document = json.loads(chargru(*arguments, "--format", "json").stdout)
    samples, original = (tuple(document[name]) for name in ("samples", "original"))
    found = Samples(document["checkpoint"], 3, "T", samples, tuple(document["forced"]), original)
    assert str(found) == chargru(*arguments).stdout
