"""Fixtures of many test files: torch as it was, NumPy on one thread, a small run, a folder without runs, commands."""

import pytest
import torch
from drawn import TEXT, model
from typer.testing import CliRunner

from chargru import bundled
from chargru.gru import numpy_threads
from chargru.model import write_model


@pytest.fixture(autouse=True)
def _torch_as_it_was():
    """What a test does to torch's number of threads and random state reaches no other."""
    threads, random_state = torch.get_num_threads(), torch.get_rng_state()
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(random_state)


@pytest.fixture(autouse=True)
def _numpy_on_one_thread():
    """One thread for NumPy's products: beside another busy process two are many times slower. Put back after."""
    with numpy_threads.threads(1):
        yield


@pytest.fixture
def one_thread():
    """torch uses one thread; put back as all of torch is."""
    torch.set_num_threads(1)


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
