"""`chargru evaluate`: the user's text or the run's own, figures and refusals."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled
from chargru.cats.grammar import write
from chargru.evaluation import score, score_windows
from chargru.gru.network import Network
from chargru.insight.agreement import agreement
from chargru.model import read_model, write_model
from chargru.text.source import Source

KNOWN = "The cats had chased the dogs.\n" * 20
SPLIT = 400


def expected(text, drawn):
    return score(Network(drawn.weights), drawn.vocabulary.encode(text))


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(KNOWN)
    return path


@pytest.fixture
def trained_run(tmp_path, text_file):
    """A run that says it was trained on text_file, the last 200 characters for validation."""
    return write_trained(tmp_path, text_file, split=SPLIT)


def write_trained(folder, text_file, split, sha256=None):
    text = text_file.read_text()
    sha256 = sha256 or hashlib.sha256(text.encode()).hexdigest()
    source = Source((str(text_file),), "utf-8", sha256, len(text), split)
    path = folder / "trained"
    path.mkdir()
    write_model(path, dataclasses.replace(model(TEXT), trained={"text": source.to_document()}))
    return path


def document(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_file_is_scored_whole_but_its_first_character(chargru, trained_run, text_file):
    found = document(chargru("evaluate", text_file, "-c", trained_run, "--format", "json"))
    score_ = expected(KNOWN, model(TEXT))
    assert found["schema"] == "chargru.evaluation/1"
    assert found["characters"] == len(KNOWN) - 1
    assert abs(found["val_nats"] - score_.nats) < 1e-9
    assert abs(found["val_bpc"] - score_.nats / np.log(2)) < 1e-9
    assert abs(found["perplexity"] - np.exp(score_.nats)) < 1e-6
    assert (found["text"], found["checkpoint"], found["window"]) == (str(text_file), str(trained_run), None)


def test_without_a_file_the_validation_split_is_scored_whole(chargru, trained_run):
    found = document(chargru("evaluate", "-c", trained_run, "--format", "json"))
    assert found["text"] == "the run's validation split"
    assert found["characters"] == len(KNOWN) - SPLIT
    assert abs(found["val_nats"] - expected(KNOWN[SPLIT - 1 :], model(TEXT)).nats) < 1e-9


def test_literal_text_is_scored(chargru, tiny_run):
    found = document(chargru("evaluate", "--text", "The cat", "-c", tiny_run, "--format", "json"))
    assert found["characters"] == 6
    assert abs(found["val_nats"] - expected("The cat", model(TEXT, units=5)).nats) < 1e-9


def test_windows_are_independent(chargru, trained_run, text_file):
    found = document(chargru("evaluate", text_file, "-c", trained_run, "--window", 20, "--format", "json"))
    drawn = model(TEXT)
    windows = score_windows(Network(drawn.weights), drawn.vocabulary.encode(KNOWN), 20)
    assert abs(found["val_nats"] - windows.nats) < 1e-9
    assert abs(found["val_nats"] - expected(KNOWN, drawn).nats) > 1e-6
    assert found["window"] == 20


def test_the_table_shows_the_same_figures(chargru, trained_run, text_file):
    result = chargru("evaluate", text_file, "-c", trained_run)
    score_ = expected(KNOWN, model(TEXT))
    assert [line.split()[:2] for line in result.stdout.splitlines()[2:]] == [
        ["characters", f"{score_.characters:,}"],
        ["nats", f"{score_.nats:.4f}"],
        ["bits", f"{score_.bpc:.4f}"],
        ["perplexity", f"{score_.perplexity:.4g}"],
    ]


def test_several_files_are_one_text(chargru, trained_run, text_file):
    found = document(chargru("evaluate", text_file, text_file, "-c", trained_run, "--format", "json"))
    assert found["characters"] == 2 * len(KNOWN) - 1


def test_unknown_characters_are_an_error_with_place_and_count(chargru, tiny_run, tmp_path):
    path = tmp_path / "odd.txt"
    path.write_text("The cat\nQuQ")
    result = chargru("evaluate", path, "-c", tiny_run)
    assert result.exit_code == 1
    assert f"error: {path}, line 2, column 1: the character 'Q' (U+0051)" in result.stderr
    assert "it occurs 2 times" in result.stderr
    assert "hint: leave them out with: --unknown skip" in result.stderr


def test_unknown_characters_can_be_skipped(chargru, tiny_run):
    result = chargru("evaluate", "--text", "ThQe", "-c", tiny_run, "--unknown", "skip", "--format", "json")
    found = document(result)
    assert (found["characters"], found["skipped"]) == (2, 1)
    assert "left out 1 character that the model does not know" in result.stderr
    assert abs(found["val_nats"] - expected("The", model(TEXT, units=5)).nats) < 1e-9


def refused(result):
    assert result.exit_code == 1
    assert result.stdout == ""
    return [line for line in result.stderr.splitlines() if line.startswith(("error: ", "hint: "))]


def test_a_text_that_has_changed_is_refused(chargru, trained_run, text_file):
    text_file.write_text(KNOWN + "more")
    error, hint = refused(chargru("evaluate", "-c", trained_run))
    assert error == f"error: {text_file} is not the text that this run was trained on: it has changed"
    assert "SHA-256" in hint


def test_a_text_that_is_gone_is_refused(chargru, trained_run, text_file):
    text_file.unlink()
    error, _ = refused(chargru("evaluate", "-c", trained_run))
    assert error == f"error: the run's text {text_file} is gone"


def test_a_run_without_validation_split_is_refused(chargru, tmp_path, text_file):
    path = write_trained(tmp_path, text_file, split=len(KNOWN))
    error, hint = refused(chargru("evaluate", "-c", path))
    assert error == "error: the run has no validation split: it was trained on its whole text"
    assert hint == "hint: name a text as --text or FILE"


def test_a_run_that_does_not_know_its_text_is_refused(chargru, tiny_run):
    assert refused(chargru("evaluate", "-c", tiny_run)) == [
        "error: the run does not say which text it was trained on",
        "hint: name a text as --text or FILE",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.txt",), "there is no file none.txt"),
        (("--text", "T"), "there is nothing to score: of 1 character none has one before it"),
        (("--text", ""), "there is nothing to score: of 0 characters none has one before it"),
        (("--text", "The", "--window", "0"), "--window is 0"),
        (("file", "--text", "The"), "both --text and a file are given"),
    ],
)
def test_bad_input_is_one_line(chargru, tiny_run, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    error, hint = refused(chargru("evaluate", *arguments, "-c", tiny_run))
    assert error.startswith(f"error: {message}")
    assert len(hint) > len("hint: ")


def test_a_model_without_a_head_is_refused(chargru, tmp_path):
    write_model(tmp_path, model(head=False))
    assert refused(chargru("evaluate", "--text", "The", "-c", tmp_path))[0].endswith("so it predicts no characters")


def test_a_long_text_is_scored_by_the_layer_with_the_same_result(chargru, tiny_run, tmp_path, monkeypatch):
    from chargru import scoring

    path = tmp_path / "long.txt"
    path.write_text(TEXT * 40)
    plainly = json.loads(chargru("evaluate", path, "-c", tiny_run, "--format", "json").stdout)
    monkeypatch.setattr(scoring, "LONG", 0)
    done = chargru("evaluate", path, "-c", tiny_run, "--format", "json")
    assert "loading torch" in done.stderr
    assert json.loads(done.stdout)["val_nats"] == pytest.approx(plainly["val_nats"], abs=1e-6)


def test_an_unknown_character_is_placed_in_its_own_file(chargru, tiny_run, tmp_path):
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("The cat\nThe cat\n")
    second.write_text("The c\u00e9t\n")
    done = chargru("evaluate", first, second, "-c", tiny_run)
    assert done.exit_code == 1
    assert "second.txt, line 1, column 6" in done.stderr
    skipped = chargru("evaluate", first, second, "-c", tiny_run, "--unknown", "skip", "--format", "json")
    assert json.loads(skipped.stdout)["characters"] == 16 + 8 - 1 - 1


def test_a_memory_that_outlasts_the_warm_up_is_scored_as_one_stream_and_said(chargru):
    """The bundled run with z held at 0.999: lanes with a warm-up alone gave 4.455 nats for one stream's 8.702."""
    bundled_run = read_model(bundled.run_path())
    validation = bundled.text_path().read_text()[-5_000:]
    held = bundled_run.force("z=0.999")
    expected = score(Network(held.weights, np.float64), held.vocabulary.encode(validation), lanes=1)
    result = chargru(
        "evaluate", "-c", bundled.run_path(), "--text", validation, "--force", "z=0.999", "--format", "json"
    )
    found = document(result)
    assert abs(found["val_nats"] - expected.nats) < 1e-4
    assert found["reread"] > 0
    assert found["original"]["val_nats"] < 1
    note = "remembers for more than 256 characters: for an exact score"
    assert note in result.stderr
    assert f"{found['reread']:,} characters were read twice" in result.stderr


def test_a_memory_within_the_warm_up_is_read_once(chargru, tmp_path):
    text = write(5_000, 5)
    write_model(tmp_path, model(text))
    result = chargru("evaluate", "-c", tmp_path, "--text", text, "--format", "json")
    assert document(result)["reread"] == 0
    assert "read twice" not in result.stderr


# --agreement

AGREEING = "The cat was full.\nThe dogs, which the cat had seen, were full.\n"


@pytest.fixture
def agreeing(tmp_path):
    """A run that knows the characters of cats, and a file of two sentences."""
    write_model(tmp_path, model(write(20_000, 5)))
    (tmp_path / "two.txt").write_text(AGREEING)
    return tmp_path


def test_agreement_of_a_file(chargru, agreeing):
    drawn, path = model(write(20_000, 5)), agreeing / "two.txt"
    found = document(chargru("evaluate", "--agreement", path, "-c", agreeing, "--format", "json"))
    right = int((agreement(drawn, AGREEING).log_odds > 0).sum())
    assert (found["text"], found["corpus"], found["verbs"], found["model"]["right"]) == (str(path), "cats", 2, right)
    twice = document(chargru("evaluate", "--agreement", path, path, "-c", agreeing, "--format", "json"))
    assert (twice["verbs"], twice["model"]["right"]) == (4, 2 * right)


@pytest.mark.usefixtures("agreeing")
def test_agreement_of_new_text_of_two_models(chargru, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # short names: a long one breaks at the end of a line
    (tmp_path / "other").mkdir()
    write_model(tmp_path / "other", model(write(20_000, 5), seed=1))
    result = chargru("evaluate", "--agreement", "-c", ".", "--against", "other", "--force", "z=0")
    assert result.exit_code == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert text.startswith("o, . with z=0 held: right in ")
    assert "x, other: " in text
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--agreement", "--window", "5"), "--window does not go with --agreement"),
        (("--agreement", "--unknown", "skip"), "--unknown does not go with --agreement"),
        (("--against", "x"), "--against goes with --agreement only"),
        (("--corpus", "cats"), "--corpus goes with --agreement only"),
        (("--text", "The", "--format", "csv"), "a score has no format csv"),
        (("--agreement", "--against", "nowhere"), "there is no run nowhere; there are: cats, cats-rnn"),
        (("--agreement", "--corpus", "dogs"), "there is no corpus 'dogs'"),
        (("--agreement", "--corpus", "village"), "new text of village, line "),
        (("--agreement", "--text", "The cats"), "--text has no verb that agrees with a noun before it"),
        (("--agreement", "--text", "The cats was full."), "--text: the grammar of cats cannot write 'a' at line 1"),
        (("--agreement", "--text", "The cat was full.", "--force", "z=0@99"), "'z=0@99' names a step that is not"),
    ],
)
def test_agreement_refuses_in_one_line(chargru, agreeing, arguments, message):
    error, hint = refused(chargru("evaluate", *arguments, "-c", agreeing))
    assert error.startswith(f"error: {message}")
    assert len(hint) > len("hint: ")


# --highlight


def test_the_bits_of_each_character_come_to_the_score(chargru, trained_run, text_file):
    arguments = ("evaluate", text_file, "-c", trained_run, "--format", "json")
    found, score_ = document(chargru(*arguments, "--highlight")), document(chargru(*arguments))
    assert found["schema"] == "chargru.surprise/1"
    assert (found["content"], found["bits"][0]) == (KNOWN, None)
    assert abs(sum(found["bits"][1:]) / score_["characters"] - score_["val_bpc"]) < 1e-6
    assert found["val_bpc"] == score_["val_bpc"]


def test_highlight_without_a_file_shows_the_validation_split(chargru, trained_run):
    shown = chargru("evaluate", "-c", trained_run, "--highlight", "--characters", 29, env={"COLUMNS": "60"}).stdout
    assert shown.startswith("Surprise by character: the run's validation split, read by")
    assert KNOWN[SPLIT : SPLIT + 29].splitlines()[0] + "⏎\n" in shown
    assert "The first 29 of 200 characters" in shown
    assert max(map(len, shown.splitlines())) <= 60 or str(trained_run) in shown


def test_highlight_with_and_without_colours(chargru, tiny_run):
    arguments = ("evaluate", "--text", "The cat", "-c", tiny_run, "--highlight")
    colours = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": None}
    coloured = chargru(*arguments, env=colours).stdout
    assert "48;2;" in coloured
    assert "bits of a character:" in coloured
    for less in ({"NO_COLOR": "1"}, {"TERM": "xterm", "COLORTERM": None}, {"FORCE_COLOR": None}):
        plain = chargru(*arguments, env={**colours, **less}).stdout
        assert "48;2;" not in plain
        assert "Below a character stand its bits" in plain


def test_highlight_says_what_was_left_out(chargru, tiny_run):
    result = chargru("evaluate", "--text", "ThQe cat", "-c", tiny_run, "--unknown", "skip", "--highlight")
    lines = result.stdout.splitlines()
    assert lines[lines.index("ThQe cat") + 1][2] == "?"
    assert "note: left out 1 character that the model does not know" in result.stderr


def test_highlight_to_a_page_and_to_a_file(chargru, tiny_run, tmp_path):
    arguments = ("evaluate", "--text", "The cat", "-c", tiny_run, "--highlight")
    page = chargru(*arguments, "--format", "html").stdout
    assert page.startswith('<meta charset="utf-8">')
    chargru(*arguments, "--format", "html", "--out", tmp_path / "page.html", env={"FORCE_COLOR": "1"})
    assert (tmp_path / "page.html").read_text() == page
    chargru(*arguments, "--out", tmp_path / "page.txt", env={"FORCE_COLOR": "1"})
    assert "\x1b" not in (tmp_path / "page.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--agreement", "--highlight"), "--highlight does not go with --agreement"),
        (("--text", "The", "--characters", "5"), "--characters goes with --highlight only"),
        (("--text", "The", "--highlight", "--characters", "0"), "--characters is 0, but it must be at least 1"),
        (("--text", "The", "--format", "html"), "a score has no format html"),
        (("--text", "T", "--highlight"), "there is nothing to score"),
    ],
)
def test_highlight_refuses_in_one_line(chargru, tiny_run, arguments, message):
    error, hint = refused(chargru("evaluate", *arguments, "-c", tiny_run))
    assert error.startswith(f"error: {message}")
    assert len(hint) > len("hint: ")
