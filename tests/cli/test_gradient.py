"""`chargru gradient`, as a user types it."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import autograd
import numpy as np
import pytest
from typer.testing import CliRunner

from chargru.cli.app import app
from chargru.insight.gradient import gradient
from chargru.insight.weight_gradient import weight_gradient
from chargru.model import read_model, write_model

TEXT = autograd.random_text(40)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, model in (("one", autograd.model()), ("two", autograd.model(2, "before", hidden_size=3))):
        (tmp_path / name).mkdir()
        write_model(tmp_path / name, replace(model, trace_text=TEXT))
    return tmp_path


def chargru(*arguments):
    return CliRunner().invoke(app, ["gradient", "-c", "one", *arguments])


def test_table_fits_80_columns_and_says_both_names():
    result = chargru("--against", "two")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Against: two," in result.stdout
    assert "Untrained: orthogonal recurrent blocks, inputs in +-1, b_z = 1, seed 0" in result.stdout
    assert result.stderr == "using one\n"


def test_against_takes_a_name_as_checkpoint_does(runs):
    (runs / "checkpoints").mkdir()
    (runs / "two").rename(runs / "checkpoints" / "three")
    result = chargru("--against", "three", "--lags", "3")
    assert result.exit_code == 0
    assert "Against: checkpoints/three," in result.stdout


def test_json_is_what_the_library_measures():
    document = json.loads(chargru("--against", "two", "--format", "json", "--lags", "3,7", "--positions", "4").stdout)
    expected = gradient(read_model("one"), TEXT, lags=[3, 7], positions=4, against=read_model("two"))
    assert document["positions"] == expected.positions.tolist()
    assert [row["lag"] for row in document["log10_sizes"]] == [3, 7]
    assert document["log10_sizes"][1]["whole"]["mean"] == expected.whole.mean(7)
    assert document["log10_sizes"][1]["against"]["mean"] == expected.against.mean(7)


def test_file_and_text_are_read(runs):
    (runs / "my.txt").write_text("abcdabcd")
    from_file, from_text = (
        chargru("--file", "my.txt", "--format", "csv"),
        chargru("--text", "abcdabcd", "--format", "csv"),
    )
    assert from_file.stdout == from_text.stdout
    assert from_text.stdout.splitlines()[1].startswith("whole,1,-")


def test_npz_goes_to_a_file():
    assert chargru("--format", "npz", "--out", "sizes.npz").stdout == ""
    expected = gradient(read_model("one"), TEXT)
    np.testing.assert_array_equal(np.load("sizes.npz")["whole"], expected.whole.log10)


def test_jacobian_of_a_layer():
    result = CliRunner().invoke(app, ["gradient", "-c", "two", "--jacobian", "last", "--layer", "1"])
    assert "dh_40/dh_39 of layer 1, 3 x 3" in result.stdout
    assert "bounds no product" in result.stdout


def test_weights_of_a_step():
    rows = chargru("--weights", "12", "--format", "csv").stdout.splitlines()
    assert len(rows) == 1 + 3 * 12
    expected = weight_gradient(read_model("one"), TEXT, step=12).shares()[0, 2, 11]
    assert float(rows[-1].split(",")[-1]) == expected


def ends_of(*patterns):
    return {match.end() for pattern in patterns for match in re.finditer(pattern, TEXT)}


def test_places_in_the_text_are_measured_instead():
    """Those that have the largest lag and a next character; what is left out is said."""
    found = ends_of("a", "b.")
    kept = sorted(step for step in found if 7 <= step < 40)
    assert 2 < len(kept) < len(found)
    result = chargru("--at", "a", "--at", "b.", "--lags", "3,7", "--format", "json")
    document = json.loads(result.stdout)
    expected = gradient(read_model("one"), TEXT, lags=[3, 7], positions=kept)
    assert document["positions"] == kept
    assert document["log10_sizes"][1]["whole"]["mean"] == expected.whole.mean(7)
    assert f"note: {len(found) - len(kept)} of {len(found)} places left out, with no lag 7" in result.stderr


@pytest.mark.parametrize(
    ("places", "lags", "kept"),
    [((3, 4, 30), [1, 2], [3, 4, 30]), ((3, 12, 30), [1, 2, 5, 10], [12, 30]), ((1, 39, 40), [1, 2, 5, 10], [39])],
)
def test_without_lags_half_of_the_places_are_measured(places, lags, kept):
    patterns = [word for place in places for word in ("--at", f"(?s)^.{{{place}}}")]
    document = json.loads(chargru(*patterns, "--format", "json").stdout)
    assert [row["lag"] for row in document["log10_sizes"]] == lags
    assert document["positions"] == kept


def test_few_places_are_named_with_what_was_read_there():
    (first, *_) = sorted(step for step in ends_of("a") if step >= 9)
    pattern = f"(?s)^.{{{first}}}"
    assert f"T = {first} ('a')" in " ".join(chargru("--at", pattern, "--lags", "1").stdout.split())


def test_a_long_text_is_cut_and_said(monkeypatch):
    monkeypatch.setattr("chargru.insight.gradient.LONGEST", 30)
    monkeypatch.setattr("chargru.cli.gradient.LONGEST", 30)
    result = chargru("--lags", "2")
    assert "the first 30 of 40 characters are read" in result.stderr
    assert "on 30 characters" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", ""], "--text is empty"),
        (["--text", "a"], "--text is too short: 1 character"),
        (["--text", "abX"], "--text, line 1, column 3: the character 'X' (U+0058)"),
        (["--text", "ab", "--file", "x"], "both --text and a file are given"),
        (["--lags", "40"], "there is no lag 40"),
        (["--lags", "a"], "'a' is not a list of lags"),
        (["--positions", "0"], "0 positions are too few"),
        (["--jacobian", "41"], "there is no step 41"),
        (["--jacobian", "2-3"], "'2-3' is not one step"),
        (["--weights", "last"], "step 40 is the last"),
        (["--weights", "3", "--lags", "2"], "--lags does not go with"),
        (["--weights", "3", "--jacobian", "2"], "both --jacobian and --weights"),
        (["--at", "["], "--at '[' is not a regular expression"),
        (["--at", "XYZ"], "--at 'XYZ' matches nothing in the text of 40 characters"),
        (["--text", "ab", "--at", "b"], "no place matched has 1 character up to it and one behind it"),
        (["--at", "^..", "--lags", "3"], "no place matched has 3 characters up to it and one behind it"),
        (["--at", "a", "--positions", "3"], "both --positions and --at are given"),
        (["--at", "a", "--weights", "3"], "--at does not go with --jacobian or --weights"),
        (["--layer", "1"], "--layer goes with --jacobian only"),
        (["--format", "npz"], "npz is binary"),
        (["--against", "nowhere"], "there is no run nowhere"),
        (["--format", "csv", "--out", "."], ". is a directory"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_1(arguments, message):
    result = chargru(*arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert [line.startswith(f"error: {message}") for line in lines].count(True) == 1
    assert lines[-1].startswith("hint: ")
    assert result.stdout == ""


def test_torch_is_not_imported():
    code = "import sys; from chargru.cli.app import app; app(['gradient', '-c', 'one'], standalone_mode=False); "
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
