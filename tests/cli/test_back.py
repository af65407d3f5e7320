"""`chargru trace --back N`: where a state comes from."""

import io
import json

import numpy as np
import pytest

from chargru.insight.ledger import ledger
from chargru.model import read_model

TEXT = "The cat, which the dogs had chased"


def test_the_listed_parts_and_the_rest_add_up_to_the_state(chargru, tiny_run):
    done = chargru("trace", "-c", tiny_run, "--text", TEXT, "--back", 4, "--index", "2")
    expected = ledger(read_model(tiny_run), TEXT, step=34)
    assert done.exit_code == 0
    total = next(line for line in done.stdout.splitlines() if line.strip().startswith("sum"))
    assert float(total.split()[-1]) == pytest.approx(expected.h[2], abs=5.1e-5)
    assert "Index 2" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_is_the_trace_with_a_ledger_a_step(chargru, tiny_run):
    arguments = ("trace", "-c", tiny_run, "--text", TEXT, "--step", "33-34", "--format", "json")
    plain, document = (json.loads(chargru(*arguments, *more).stdout) for more in ((), ("--back", 3, "--index", "1")))
    taken = document.pop("ledger")
    assert document == plain
    assert [one["step"] for one in taken] == [33, 34]
    for one, step in zip(taken, plain["steps"], strict=True):
        row = one["indices"][0]
        parts = sum(part["part"] for part in row["steps"]) + row["h_0"]["part"]
        assert parts == pytest.approx(step["layers"][0]["h"][1], abs=1e-12)
        assert sum(part["w"] for part in row["steps"]) + row["h_0"]["w"] == pytest.approx(1.0, abs=1e-12)


def test_npz_holds_every_share(chargru, tiny_run, tmp_path):
    out = tmp_path / "ledger.npz"
    assert chargru("trace", "-c", tiny_run, "--text", TEXT, "--back", 3, "--format", "npz", "-o", out).exit_code == 0
    with np.load(io.BytesIO(out.read_bytes())) as arrays:
        assert np.abs(arrays["w"].sum(axis=0) - 1).max() < 1e-12
        assert np.abs(arrays["part"].sum(axis=0) - arrays["h"]).max() < 1e-12


def test_a_forced_gate_shows_in_the_ledger(chargru, tiny_run):
    done = chargru(
        *("trace", "-c", tiny_run, "--text", TEXT, "--back", 3, "--force", "z=0", "--format", "json", "--index", "0")
    )
    row = json.loads(done.stdout)["ledger"][0]["indices"][0]
    assert row["steps"][-1]["w"] == 1.0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--back", 0), "--back is 0"),
        (("--back", 3, "--format", "markdown"), "no format markdown"),
        (("--back", 3, "--format", "csv", "--step", "1-2"), "of one step"),
    ],
)
def test_bad_input_is_one_line(chargru, tiny_run, more, said):
    done = chargru("trace", "-c", tiny_run, "--text", TEXT, *more)
    assert done.exit_code == 1
    assert said in next(line for line in done.stderr.splitlines() if line.startswith("error"))
