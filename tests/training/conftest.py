"""Fixtures of the training tests: one thread, a folder to train in with a small text, and a clock."""

import time

import pytest
import sessions


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    pass


@pytest.fixture
def text(tmp_path, monkeypatch):
    """The path of sessions.TEXT, in a folder of the test's own, which is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cat.txt"
    path.write_text(sessions.TEXT)
    return str(path)


@pytest.fixture
def clock(monkeypatch):
    """The clock that sessions count by, which a test sets."""
    found = sessions.Clock()
    monkeypatch.setattr(time, "perf_counter", found)
    return found
