"""Characters a second of one stream: chargru's sampler, and an eager torch.nn.GRU with a Linear.

The eager loop is what one writes with torch: one-hot input, one step of the GRU, the head, softmax, multinomial. The
two take turns with the same sizes, and each figure is the best of its turns, so that a busy moment spoils neither.

    python benchmarks/sampling.py
    python benchmarks/sampling.py --hidden-sizes 256 --count 64 --format json
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, Tensors, unpack
from chargru.model import Model
from chargru.sampling import SampleSettings, pieces
from chargru.text.vocabulary import Vocabulary

VOCABULARY = 65
TEMPERATURE = 0.8


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=[128, 256, 512], metavar="H")
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--count", type=int, default=64, help="streams of the third column (default 64)")
    parser.add_argument("--seconds", type=float, default=20.0, help="time for each hidden size (default 20)")
    parser.add_argument(
        "--threads", type=int, default=torch.get_num_threads(), help="torch's (default: its own choice)"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def ours(architecture: Architecture, tensors: Tensors, count: int) -> Callable[[int], None]:
    """Makes so many characters in each of `count` streams, as `chargru sample` does."""
    vocabulary = Vocabulary(tuple(chr(0x4E00 + id_) for id_ in range(VOCABULARY)))
    model = Model(vocabulary, unpack(architecture, tensors))

    def make(characters: int) -> None:
        for _ in pieces(model, SampleSettings(length=characters, temperature=TEMPERATURE), count=count):
            pass

    return make


def eager(architecture: Architecture, tensors: Tensors) -> Callable[[int], None]:
    """Makes so many characters with torch.nn.GRU, step by step."""
    H = architecture.hidden_size
    gru, head = torch.nn.GRU(VOCABULARY, H, architecture.layers), torch.nn.Linear(H, VOCABULARY)
    net = torch.nn.ModuleDict({"gru": gru, "head": head})
    net.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()})

    @torch.no_grad()
    def make(characters: int) -> None:
        id_, h, made = torch.tensor([0]), None, []
        for _ in range(characters):
            x = torch.nn.functional.one_hot(id_, VOCABULARY).float()
            output, h = gru(x, h)
            p = torch.softmax(head(output[0]) / TEMPERATURE, dim=-1)
            id_ = torch.multinomial(p, 1)
            made.append(id_.item())

    return make


def measure(hidden: int, chosen: argparse.Namespace) -> dict[str, float | int]:
    """The best rates of the three, interleaved until the time is up."""
    architecture = Architecture(VOCABULARY, hidden, chosen.layers)
    tensors = initialise(architecture, seed=0)
    turns = {
        "ours": (ours(architecture, tensors, 1), 1),
        "eager": (eager(architecture, tensors), 1),
        "many": (ours(architecture, tensors, chosen.count), chosen.count),
    }
    characters = {name: _enough(make, seconds=0.1) for name, (make, _) in turns.items()}
    best = dict.fromkeys(turns, 0.0)
    deadline = time.perf_counter() + chosen.seconds
    while time.perf_counter() < deadline:
        for name, (make, count) in turns.items():
            started = time.perf_counter()
            make(characters[name])
            best[name] = max(best[name], count * characters[name] / (time.perf_counter() - started))
    return {
        "hidden_size": hidden,
        "ours_chars_per_second": round(best["ours"]),
        "nn_gru_chars_per_second": round(best["eager"]),
        "ratio": round(best["ours"] / best["eager"], 2),
        "count": chosen.count,
        "count_chars_per_second": round(best["many"]),
    }


def _enough(make: Callable[[int], None], seconds: float) -> int:
    """How many characters take about that long; also warms up."""
    make(64)
    started = time.perf_counter()
    make(1024)
    return max(64, int(1024 * seconds / (time.perf_counter() - started)))


def machine(chosen: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "torch_threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "layers": chosen.layers,
        "vocabulary": VOCABULARY,
    }


def processor() -> str:
    """The processor's name where the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def print_table(about: dict[str, object], rows: list[dict[str, float | int]]) -> None:
    for name, value in about.items():
        print(f"{name}: {value}")
    print(f"\n{'H':>5} {'ours chars/s':>13} {'nn.GRU chars/s':>15} {'ratio':>6} {'streams':>8} {'all, chars/s':>13}")
    for row in rows:
        print(
            f"{row['hidden_size']:>5} {row['ours_chars_per_second']:>13,} {row['nn_gru_chars_per_second']:>15,}"
            f" {row['ratio']:>6.2f} {row['count']:>8} {row['count_chars_per_second']:>13,}"
        )


def main() -> None:
    chosen = options()
    torch.set_num_threads(chosen.threads)
    rows = [measure(hidden, chosen) for hidden in chosen.hidden_sizes]
    about = machine(chosen)
    if chosen.format == "json":
        print(json.dumps({"schema": "chargru.benchmark.sampling/1", "machine": about, "rows": rows}, indent=2))
    else:
        print_table(about, rows)


if __name__ == "__main__":
    main()
