"""`chargru ablate`: the text that it scores, its formats, what it says and refuses."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.insight.ablation import ablate
from chargru.training.retrain import retrain


def document(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_file_and_a_literal_text(chargru, tiny_run, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT)
    expected = ablate(model(units=5), TEXT)
    for arguments, name in ((("--text", TEXT), "--text"), ((file,), str(file))):
        found = document(chargru("ablate", *arguments, "-c", tiny_run, "--format", "json"))
        assert (found["text"], found["checkpoint"]) == (name, str(tiny_run))
        bits = [one["val_bpc"] for one in found["variants"]]
        assert np.abs(np.array(bits) - [one.val_bpc for one in expected.variants]).max() < 1e-12


def test_the_table_is_what_print_shows(chargru, tiny_run):
    result = chargru("ablate", "--text", TEXT, "-c", tiny_run)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("A trained network with a stuck gate is a damaged network")
    assert "as it is" in result.stdout


def test_characters_and_unknown(chargru, tiny_run):
    result = chargru("ablate", "--text", "Ö" + TEXT, "-c", tiny_run, "--unknown", "skip", "--characters", 9)
    assert "note: left out 1 character that the model does not know" in result.stderr
    assert f"note: the first 9 characters are scored, {len(TEXT) - 10} are left out" in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.txt",), "error: there is no file none.txt"),
        (("--text", "T"), "error: there is nothing to score: of 1 character none has one before it"),
        (("--text", "The", "--characters", "0"), "error: --characters is 0, but it must be at least 1"),
        ((), "error: the run does not say which text it was trained on"),
    ],
)
def test_bad_input_is_one_line(chargru, tiny_run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = chargru("ablate", *arguments, "-c", tiny_run)
    assert (result.exit_code, result.stdout) == (1, "")
    _, error, hint = result.stderr.splitlines()
    assert error.startswith(message)
    assert hint.startswith("hint: ")


SMALL = ("--updates", "3", "--hidden-size", "4", "--seed", "1")


def test_retrain_from_the_command_line(chargru, tiny_run):
    result = chargru("ablate", "--retrain", "--text", TEXT * 8, "-c", tiny_run, *SMALL, "--format", "json")
    found = document(result)
    assert found["schema"] == "chargru.retraining/1"
    assert (found["hidden_size"], found["budget"], found["seeds"]) == (4, "3 updates", [1])
    expected = retrain(model(units=5), TEXT * 8, updates=3, hidden_size=4, seed=1)
    assert [one["trials"][0]["val_bpc"] for one in found["variants"]] == [one.bits for one in expected.variants]
    assert "1 of 11: as it is, seed 1" in result.stderr


def test_ctrl_c_writes_what_is_done_and_ends_with_130(tiny_run):
    """It is sent when the second training begins."""
    arguments = ["ablate", "--retrain", "--text", TEXT * 8, "-c", str(tiny_run), *SMALL[2:], "--updates", "40"]
    command = [sys.executable, "-m", "chargru", *arguments, "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("2 of 11"):
            process.send_signal(signal.SIGINT)
    out = process.stdout.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 130, "".join(said)
    found = json.loads(out)
    assert 1 <= len(found["variants"]) < 11
    assert "Traceback" not in "".join(said)


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (("--minutes", "1"), "--minutes goes with --retrain only", "add --retrain, or leave --minutes out"),
        (("--hidden-size", "4"), "--hidden-size goes with --retrain only", "add --retrain, or leave --hidden-size out"),
        (("--retrain", "--characters", "4"), "--characters does not go with --retrain", "leave --characters out"),
        (("--retrain", "--unknown", "skip"), "--unknown does not go with --retrain", "leave --unknown out"),
        (("--retrain", "--seeds", "0"), "--seeds is 0, but it must be from 1 to 100", "give --seeds another value"),
        (("--retrain", "--text", "T"), "the text is too small to train on", ""),
    ],
)
def test_options_that_do_not_fit_are_one_line(chargru, tiny_run, arguments, error, hint):
    result = chargru("ablate", *arguments, "-c", tiny_run)
    assert (result.exit_code, result.stdout) == (1, "")
    *_, said, done = result.stderr.splitlines()
    assert said.startswith(f"error: {error}")
    assert done.startswith(f"hint: {hint}")
