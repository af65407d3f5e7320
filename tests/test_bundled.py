"""The runs that ship with chargru, against their own description."""

import hashlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from chargru import bundled
from chargru.cats import grammar
from chargru.model import MODEL, read_model
from chargru.run import METRICS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "checkpoints" / "README.md").read_text()


def described(row):
    return float(re.search(rf"^\| {row}.*\| ([\d.]+) \|$", PAGE, flags=re.M).group(1))


each_run = pytest.mark.parametrize("name", bundled.RUNS)


@each_run
def test_the_page_names_the_score(name):
    trained = read_model(bundled.run_path(name)).trained
    assert described(f"`{name}`") == pytest.approx(trained["val_bpc"], abs=5e-5)
    assert described("the grammar's own") < trained["val_bpc"]


@each_run
def test_the_recorded_score_is_that_of_the_weights(name):
    from chargru.evaluation import recorded_score

    model = read_model(bundled.run_path(name))
    nats, states = recorded_score(model.weights, model.vocabulary.encode(model.trace_text))
    assert nats == pytest.approx(model.trained["trace_nats"], abs=1e-12)
    assert np.abs(states[0] - model.trained["trace_h"][0]).max() < 1e-12


@each_run
def test_the_curve_is_that_of_the_run(name):
    """Its best validation is the score that the model records, at the update that it records."""
    rows = [json.loads(row) for row in (bundled.run_path(name) / METRICS).read_text().splitlines()]
    best = min((row for row in rows if row["val_bpc"] is not None), key=lambda row: row["val_bpc"])
    trained = read_model(bundled.run_path(name)).trained
    assert (best["update"], best["val_bpc"]) == (trained["best_update"], trained["val_bpc"])
    assert rows[-1]["update"] == trained["budget"]["amount"] == 30_000


@each_run
def test_the_recorded_sha256_are_those_of_the_file(name):
    """By the recipe of docs/runs.md, on the file alone."""
    with safe_open(bundled.run_path(name) / MODEL, framework="np") as file:
        document = json.loads(file.metadata()["chargru"])
        H, V = document["hidden_size"], len(document["vocabulary"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    shapes = {"gru.weight_ih_l0": (3 * H, V), "gru.weight_hh_l0": (3 * H, H), "gru.bias_ih_l0": (3 * H,)}
    shapes |= {"gru.bias_hh_l0": (3 * H,), "head.weight": (V, H), "head.bias": (V,)}
    assert {name: value.shape for name, value in tensors.items()} == shapes
    weights = b"".join(name.encode() + tensors[name].tobytes() for name in shapes)
    assert document["trained"]["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    recorded = document["trained"].pop("document_sha256")
    written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert recorded == hashlib.sha256(written.encode()).hexdigest()


@each_run
def test_the_text_that_trace_shows_begins_with_the_cat(name):
    model, text = read_model(bundled.run_path(name)), bundled.text_path().read_text()
    split = model.trained["text"]["split"]
    assert text[split - 1] == "\n"
    assert model.trace_text == text[split : split + 512]
    assert model.trace_text.startswith("The cat, which had chased the pigs beside the dark house, was full.\n")
    assert model.trace_text[33] == "s"


@pytest.mark.slow
def test_the_named_commands_train_them_again(tmp_path):
    """Side by side, as each takes one core for some minutes."""
    lines = [line for line in PAGE.splitlines() if line.startswith("    chargru train")]
    started = [
        subprocess.Popen([sys.executable, "-m", *shlex.split(line)], cwd=tmp_path, stderr=subprocess.PIPE)
        for line in lines
    ]
    for training in started:
        _, said = training.communicate()
        assert training.returncode == 0, said
    for name in bundled.RUNS:
        again, shipped = read_model(tmp_path / f"{name}-again"), read_model(bundled.run_path(name))
        assert again.trained["val_bpc"] == pytest.approx(shipped.trained["val_bpc"], abs=0.02)


@pytest.mark.slow
def test_the_whole_floor():
    text = bundled.text_path().read_text()
    split = read_model(bundled.run_path()).trained["text"]["split"]
    assert described("the grammar's own") == pytest.approx(float(grammar.surprisal(text, split).mean()), abs=5e-5)
