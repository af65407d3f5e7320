"""The training benchmark runs and prints the document that other programs read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chargru.engine.native.precision import has_bf16

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_document(engine):
    options = ("--hidden-sizes", "8", "--lanes", "4", "--steps", "6", "--seconds", "0.01", "--engine", engine)
    done = subprocess.run(
        [sys.executable, "benchmarks/training.py", *options, "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    document = json.loads(done.stdout)
    row, *others = document["rows"]
    assert document["schema"] == "chargru.benchmark.training/1"
    assert (row["hidden_size"], row["precision"]) == (8, "fp32")
    assert [other["precision"] for other in others] == (["bf16"] if engine == "auto" and has_bf16() else [])
    for name, of in (("ratio", "nn_gru_ms"), ("floor_share", "floor_ms")):
        least, most = quotients(row[of], row["ours_ms"])
        assert least - 0.0005 <= row[name] <= most + 0.0005


def quotients(above, below):
    """The least and the largest quotient of two numbers that are given to three digits after the point."""
    half = 0.0005
    return (above - half) / (below + half), (above + half) / max(below - half, 1e-9)
