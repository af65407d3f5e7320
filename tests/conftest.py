"""Fixtures that several test files share: a small run on disk, a folder without runs, the command line."""

import pytest
from drawn import TEXT, model
from typer.testing import CliRunner

from chargru import bundled
from chargru.model import write_model


@pytest.fixture
def tiny_run(tmp_path):
    """A run of 5 units that knows the characters of TEXT."""
    path = tmp_path / "tiny"
    path.mkdir()
    write_model(path, model(TEXT, units=5))
    return path


@pytest.fixture
def empty_folder(tmp_path, monkeypatch):
    """The current folder, without runs; and no run ships with the program."""
    monkeypatch.setattr(bundled, "_PACKAGE", tmp_path / "nowhere" / "chargru")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def chargru():
    """Run the command line: chargru("sample", "-c", path) -> result with stdout, stderr, exit_code."""
    from chargru.cli.app import app

    def call(*arguments, **options):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], **options)

    return call
