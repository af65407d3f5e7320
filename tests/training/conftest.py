"""Fixtures of the training tests: one thread, and a folder to train in with a small text."""

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
