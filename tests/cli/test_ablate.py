"""`chargru ablate`: the text that it scores, its formats, what it says and refuses."""

import json

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.insight.ablation import ablate


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
