"""kill -9 before every call that writes, and at random moments: the run loads, goes on, and ends with the same bits."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def counted(*options):
    """What `python -m tests.faults` counts at its end. A process of its own: one with threads should not fork."""
    words = [sys.executable, "-m", "tests.faults", "--quiet", *map(str, options)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {what: int(count) for what, count in re.findall(r"([^;:]+): (\d+)(?:; |\n)", done.stdout)}


def test_a_kill_before_a_call_that_writes_costs_nothing():
    found = counted("--every-call", "--step", 13)
    assert found["finished with the same bits"] > 12
    assert found["a model and a state"] > 9


def test_a_kill_at_a_random_moment_costs_nothing():
    found = counted("--rounds", 8)
    assert sum(found.values()) - found["finished with the same bits"] == 8


@pytest.mark.slow
def test_a_kill_before_any_call_that_writes_costs_nothing():
    found = counted("--every-call")
    assert found["finished with the same bits"] > 150
    assert found["no state yet"] > 3


@pytest.mark.slow
def test_many_kills_cost_nothing():
    assert counted("--rounds", 50, "--seed", 1)["a model and a state"] > 35
