"""docs/reliability.md: each promise names a test, and the test is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reliability.md").read_text()
PROMISES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| promise", "| ---"))]


def test_there_are_promises():
    assert len(PROMISES) > 15


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise[2:40])
def test_a_promise_has_a_test(promise):
    path, name = re.search(r"\| `(tests/[\w/]+\.py)::(\w+)` \|$", promise).groups()
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), flags=re.M)
