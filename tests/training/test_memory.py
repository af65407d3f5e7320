"""Memory is judged before it is asked for, by an estimate that training bears out."""

import subprocess
import sys
from pathlib import Path

import pytest

import chargru.memory
from chargru.errors import SettingError
from chargru.gru.weights import Architecture
from chargru.training import memory

PEAK = """
import sys
from chargru.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code
# Not ru_maxrss, which begins with that of the process that started this one.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) * 1024)
"""


def test_what_does_not_fit_is_refused_with_what_it_takes(monkeypatch):
    monkeypatch.setattr(chargru.memory, "free", lambda: 8_000_000_000)
    with pytest.raises(SettingError) as refused:
        memory.require(Architecture(60, 20_000), lanes=32, window=64)
    assert refused.value.message == (
        "training 1 layer of 20,000 units with 32 lanes and windows of 64 "
        "needs 64.6 GB of memory, but only 8.0 GB is free"
    )
    assert refused.value.hint == "give a smaller `hidden_size`, `layers`, `batch_size` or `window`"


def test_every_layer_and_every_lane_counts_and_a_million_layers_are_quickly_judged(monkeypatch):
    monkeypatch.setattr(chargru.memory, "free", lambda: 1_000_000_000)
    memory.require(Architecture(60, 64), lanes=32, window=64)
    for network, lanes in ((Architecture(60, 64, layers=1_000_000), 1), (Architecture(60, 64), 100_000)):
        with pytest.raises(SettingError, match=r"of memory, but only 1\.0 GB is free"):
            memory.require(network, lanes, window=64)


def test_a_machine_that_does_not_say_what_it_has_is_trusted(monkeypatch):
    monkeypatch.setattr(chargru.memory, "free", lambda: None)
    memory.require(Architecture(60, 1_000_000), lanes=32, window=64)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process's memory")
@pytest.mark.slow
@pytest.mark.parametrize(("units", "layers", "lanes", "window"), [(1000, 1, 4, 8), (64, 2, 512, 256)])
def test_the_estimate_is_what_training_takes(tmp_path, units, layers, lanes, window):
    (tmp_path / "t.txt").write_text("The cat sat on the mat. " * 30_000)
    sizes = [f"--hidden-size={units}", f"--layers={layers}", f"--batch-size={lanes}", f"--window={window}"]
    command = [
        sys.executable,
        "-c",
        PEAK,
        "train",
        "t.txt",
        "--out",
        "run",
        "--updates",
        "1",
        "--precision",
        "fp32",
        *sizes,
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    estimate = memory.needed(Architecture(12, units, layers), lanes, window)
    assert 0.5 < int(done.stdout.split()[-1]) / estimate < 1.5
