"""From a text to a trained model that every command reads, in one folder."""

import json
import math

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from chargru.cats import grammar
from chargru.cli.app import app
from chargru.engine.module import plain
from chargru.model import read_model


def chargru(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    (folder / "cats.txt").write_text(grammar.write(60_000, seed=9))
    out = folder / "run"
    report = chargru(
        *("train", folder / "cats.txt", "--out", out, "--hidden-size", 24, "--batch-size", 16, "--window", 32),
        *("--learning-rate", 0.02, "--epochs", 2, "--threads", 1, "--format", "json"),
    )
    return out, json.loads(report)


def plain_nats(model, text):
    """The score of a text by a plain torch.nn.GRU and Linear in float64: the first character is read only."""
    gru, head = plain(model.weights)
    ids = torch.from_numpy(model.vocabulary.encode(text).astype(np.int64))
    one_hot = torch.nn.functional.one_hot(ids[:-1], len(model.vocabulary)).double()
    with torch.no_grad():
        logits = head(gru(one_hot[:, None])[0][:, 0])
        return float(torch.nn.functional.cross_entropy(logits, ids[1:]))


def test_it_learns_more_than_the_frequencies_of_characters(trained):
    _, report = trained
    text = grammar.write(60_000, seed=9)
    shares = np.unique(list(text), return_counts=True)[1] / len(text)
    assert report["val_bpc"] < 0.75 * float(-(shares * np.log2(shares)).sum())


def test_the_score_is_that_of_a_plain_torch_gru(trained):
    out, report = trained
    text = grammar.write(60_000, seed=9)
    model = read_model(out)
    split = model.trained["text"]["split"]
    assert report["val_nats"] == pytest.approx(plain_nats(model, text[split - 1 :]), abs=1e-3)
    again = json.loads(chargru("evaluate", "-c", out, "--format", "json"))
    assert again["val_nats"] == pytest.approx(report["val_nats"], abs=1e-4)
    assert again["val_bpc"] == pytest.approx(again["val_nats"] / math.log(2), rel=1e-12)
    assert again["characters"] == len(text) - split


def test_the_recorded_score_of_the_trace_text_is_right(trained):
    model = read_model(trained[0])
    assert model.trained["trace_nats"] == pytest.approx(plain_nats(model, model.trace_text), abs=1e-9)


def test_every_command_reads_it(trained):
    out, report = trained
    sample = chargru("sample", "-c", out, "--length", 50, "--seed", 1)
    assert sample == chargru("sample", "-c", out, "--length", 50, "--seed", 1)
    assert json.loads(chargru("info", out, "--format", "json"))
    step = json.loads(chargru("trace", "-c", out, "--step", 34, "--format", "json", "--check"))["steps"][0]
    assert step["char"] == read_model(out).trace_text[33]
    assert len(step["layers"][0]["z"]) == 24
    assert f"{report['parameters']:,}" in chargru("info", out)
