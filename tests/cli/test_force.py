"""--force and reset-before networks in every command, as they are typed."""

import json

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import evaluation
from chargru.gru.network import Network
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.insight.trace import trace
from chargru.model import read_model, write_model
from chargru.sampling import sample


@pytest.fixture
def tiny(tmp_path):
    write_model(tmp_path, model())
    return tmp_path


def answer(chargru, *arguments):
    result = chargru(*arguments)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_trace(chargru, tiny):
    document = answer(chargru, "trace", "-c", tiny, "--force", "r=1", "--force", "z[3]=0@20-34", "--format", "json")
    traced = trace(model(), steps=[34], force=["r=1", "z[3]=0@20-34"])
    assert document["forced"]["held"] == ["r=1", "z[3]=0@20-34"]
    assert np.array_equal(document["steps"][0]["layers"][0]["h"], traced.h[0])
    table = chargru("trace", "-c", tiny, "--force", "r=1").stdout
    assert "What holding r=1 changed, up to step 34" in table


@pytest.mark.parametrize("force", [["z=0"], ["z[0-3]=1@5-40"], ["r=0.3@2-last"]])
def test_sample_writes_both_texts(chargru, tiny, force):
    given = [word for item in force for word in ("--force", item)]
    result = chargru("sample", "-c", tiny, *given, "--seed", 3, "--length", 60)
    assert result.exit_code == 0, result.stderr
    held, original = sample(model().force(*force), length=60, seed=3), sample(model(), length=60, seed=3)
    assert result.stdout == f"--- held: {force[0]} ---\n{held}\n--- without --force ---\n{original}\n"
    assert held != original
    document = answer(chargru, "sample", "-c", tiny, *given, "--seed", 3, "--length", 60, "--format", "json")
    assert (document["samples"], document["original"], document["forced"]) == ([held], [original], force)


@pytest.mark.parametrize("window", [None, 20])
@pytest.mark.parametrize("force", ["z[2]=1", "z[2]=1@5-11"])
def test_evaluate_shows_both_scores(chargru, tiny, force, window):
    options = [] if window is None else ["--window", window]
    found = answer(chargru, "evaluate", "--text", TEXT, "-c", tiny, "--force", force, *options, "--format", "json")
    ids, m = model().vocabulary.encode(TEXT), model().force(force)
    networks = {"": SteppedNetwork(Held(m.weights, m.scheduled)), "original": Network(model().weights)}
    for key, network in networks.items():
        score = evaluation.score(network, ids) if window is None else evaluation.score_windows(network, ids, window)
        assert (found[key] if key else found)["val_nats"] == pytest.approx(score.nats, abs=1e-6)
    assert found["forced"] == [force]
    shown = chargru("evaluate", "--text", TEXT, "-c", tiny, "--force", force).stdout
    assert shown.index("with gates held") < shown.index("without --force")


def test_gradient_stands_beside_the_original(chargru, tiny):
    forced = answer(chargru, "gradient", "-c", tiny, "--force", "z=0", "--lags", "1,5", "--format", "json")
    original = answer(chargru, "gradient", "-c", tiny, "--lags", "1,5", "--format", "json")
    assert forced["against"] == "this model without z=0 held"
    for now, before in zip(forced["log10_sizes"], original["log10_sizes"], strict=True):
        assert now["against"] == before["whole"]
        assert now["whole"] != before["whole"]


@pytest.mark.parametrize("command", ["trace", "sample", "evaluate", "gradient"])
@pytest.mark.parametrize(
    ("force", "message"),
    [
        ("n=1", "only the gates r and z can be held"),
        ("z[6]=1", "a layer of this model has 6 units"),
        ("z=1@9000", "names a step that is not there"),
    ],
)
def test_bad_force_is_one_line(chargru, tiny, command, force, message):
    text = ["--text", TEXT] if command == "evaluate" else []
    result = chargru(command, "-c", tiny, *text, "--force", force)
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert message in line


TINY = ("--updates", 3, "--hidden-size", 6, "--window", 8, "--batch-size", 4, "--threads", 1)


@pytest.mark.parametrize("option", [("--reset", "before"), ("--force", "r=1", "--force", "z=0")])
def test_a_trained_variant_is_served_by_every_command(chargru, tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.txt").write_text(TEXT * 12)
    assert chargru("train", "cat.txt", *TINY, *option, "--out", "here").exit_code == 0
    m = read_model("here")
    facts = answer(chargru, "info", "here", "--format", "json")
    assert (facts["reset"], facts["forced"]) == (m.architecture.reset, list(m.forced))
    traced = answer(chargru, "trace", "-c", "here", "--format", "json", "--check")
    assert traced["check"]["max_abs_difference"] < 1e-12
    assert chargru("sample", "-c", "here", "--seed", 1, "--length", 20).stdout == sample(m, length=20, seed=1) + "\n"
    score = answer(chargru, "evaluate", "-c", "here", "--format", "json")
    assert score["val_nats"] == pytest.approx(m.trained["val_nats"], abs=1e-5)
    assert answer(chargru, "gradient", "-c", "here", "--lags", "1,9", "--format", "json")["log10_sizes"]
    proof = answer(chargru, "prove", "-c", "here", "--format", "json")
    assert proof["passed"]
    assert proof["weights_sha256_holds"]
    assert proof["document_sha256_holds"]
