"""Start-up: the quick commands, against importing what they stand on (numpy, typer, rich, safetensors).

Each is a process of its own; they take turns, and each figure is the median of its turns. The bare interpreter is
shown beside them.

    python benchmarks/startup.py
    python benchmarks/startup.py --turns 30 --format json
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.model import Model, write_model
from chargru.text.vocabulary import Vocabulary

FLOOR = "import numpy, typer, rich, safetensors"
TEXT = "The cats, which the dogs near the old barn had chased, were full.\n"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15, help="processes of each kind (default 15)")
    parser.add_argument("--hidden-size", type=int, default=128, help="of the model that is read (default 128)")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def write_run(folder: str, hidden: int) -> None:
    vocabulary = Vocabulary.from_text(TEXT)
    architecture = Architecture(len(vocabulary), hidden)
    write_model(Path(folder), Model(vocabulary, unpack(architecture, initialise(architecture, 0)), trace_text=TEXT))


def commands(folder: str) -> dict[str, list[str]]:
    """What is timed, by name."""
    chargru = [sys.executable, "-m", "chargru"]
    return {
        "python alone": [sys.executable, "-c", "pass"],
        "floor": [sys.executable, "-c", f"{FLOOR}, rich.table, safetensors.numpy"],
        "chargru --help": [*chargru, "--help"],
        "chargru info": [*chargru, "info", folder],
        "chargru sample": [*chargru, "sample", "-c", folder, "--seed", "1", "--length", "100"],
        "chargru trace": [*chargru, "trace", "-c", folder, "--step", "34"],
    }


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure(turns: int, folder: str) -> list[dict[str, float | str]]:
    """The median of each, interleaved; `ratio` is to the floor."""
    timed = commands(folder)
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(turns + 1):
        for name, command in timed.items():
            took = seconds(command)
            if turn:  # the first only warms the disk's cache
                taken[name].append(took)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    return [
        {"command": name, "ms": round(1000 * median, 1), "ratio": round(median / medians["floor"], 2)}
        for name, median in medians.items()
    ]


def main() -> None:
    chosen = options()
    with tempfile.TemporaryDirectory() as folder:
        write_run(folder, chosen.hidden_size)
        rows = measure(chosen.turns, folder)
    about = {"system": platform.platform(), "cores": os.cpu_count(), "python": platform.python_version()}
    if chosen.format == "json":
        print(json.dumps({"schema": "chargru.benchmark.startup/1", "machine": about, "rows": rows}, indent=2))
        return
    for name, value in about.items():
        print(f"{name}: {value}")
    print(f"floor: {FLOOR}\n\n{'':<16} {'ms':>7} {'ratio':>6}")
    for row in rows:
        print(f"{row['command']:<16} {row['ms']:>7.1f} {row['ratio']:>6.2f}")


if __name__ == "__main__":
    main()
