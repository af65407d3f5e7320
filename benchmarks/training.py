"""One layer, forward and backward, over a window of one-hot characters: ours, torch.nn.GRU and the floor.

The floor is the layer's own matrix products alone, by torch.mm: per step h_{t-1} W_hh^T forward and dG_t W_hh
backward, and one product over all steps for dL/dW_hh. The three take turns, and each figure is the least of
its repetitions, so that a busy moment of the machine spoils none of them alone.

    python benchmarks/training.py
    python benchmarks/training.py --hidden-sizes 256 --engine torch --format json
    python benchmarks/training.py --precision bf16

Our layer has a row for each precision; a row's ratio and share are to the same nn.GRU and floor, in float32.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from chargru.engine.engines import ENGINES, choose
from chargru.engine.layer import Reset, gru_layer
from chargru.engine.native import build
from chargru.engine.native.precision import Resolved, has_bf16, unit
from chargru.errors import SettingError

VOCABULARY = 65


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=[64, 128, 256, 512], metavar="H")
    parser.add_argument("--lanes", type=int, default=64, help="parallel streams B (default 64)")
    parser.add_argument("--steps", type=int, default=128, help="steps T of a window (default 128)")
    parser.add_argument("--seconds", type=float, default=15.0, help="time for each hidden size (default 15)")
    parser.add_argument("--engine", choices=("auto", *(engine.name for engine in ENGINES)), default="auto")
    parser.add_argument(
        "--precision", choices=("fp32", "bf16", "both"), default="both", help="both: bf16 where it can be had (default)"
    )
    parser.add_argument("--reset", choices=("after", "before"), default="after")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default: what torch takes")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def our_update(hidden: int, chosen: argparse.Namespace, precision: Resolved) -> Callable[[], object]:
    """One forward and backward pass of our layer, with all of its gradients."""
    bound = hidden**-0.5
    shapes = ((3 * hidden, VOCABULARY), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,))
    weights = [torch.empty(shape).uniform_(-bound, bound).requires_grad_() for shape in shapes]
    steps, lanes = chosen.steps, chosen.lanes
    ids, h_0 = torch.randint(VOCABULARY, (steps, lanes)), torch.zeros(lanes, hidden)
    outside = torch.randn(steps, lanes, hidden)
    reset: Reset = chosen.reset

    def update() -> object:
        h, _ = gru_layer(ids, h_0, *weights, engine=chosen.engine, reset=reset, precision=precision)
        return torch.autograd.grad(h, weights, outside)

    return update


def nn_gru_update(hidden: int, steps: int, lanes: int) -> Callable[[], object]:
    """The same by torch.nn.GRU; its one-hot input is made beforehand."""
    gru = torch.nn.GRU(VOCABULARY, hidden)
    x = torch.nn.functional.one_hot(torch.randint(VOCABULARY, (steps, lanes)), VOCABULARY).float()
    h_0, outside = torch.zeros(1, lanes, hidden), torch.randn(steps, lanes, hidden)

    def update() -> object:
        h, _ = gru(x, h_0)
        return torch.autograd.grad(h, list(gru.parameters()), outside)

    return update


def floor(hidden: int, steps: int, lanes: int) -> Callable[[], object]:
    """The matrix products alone, each on operands of its own and into memory that is there already."""
    weight = torch.randn(3 * hidden, hidden)
    h, gradients = torch.randn(steps, lanes, hidden), torch.randn(steps, lanes, 3 * hidden)
    products, carried = torch.empty(lanes, 3 * hidden), torch.empty(lanes, hidden)
    d_weight = torch.empty(3 * hidden, hidden)

    def update() -> Tensor:
        for h_t in h:
            torch.mm(h_t, weight.t(), out=products)
        for gradient in gradients:
            torch.mm(gradient, weight, out=carried)
        return torch.mm(gradients.view(-1, 3 * hidden).t(), h.view(-1, hidden), out=d_weight)

    return update


def least_ms(updates: list[Callable[[], object]], seconds: float) -> list[float]:
    """The least time of each, in milliseconds; they take turns until the time is up, three times at least."""
    times: list[list[float]] = [[] for _ in updates]
    end = time.perf_counter() + seconds
    while len(times[0]) < 4 or time.perf_counter() < end:
        for update, taken in zip(updates, times, strict=True):
            start = time.perf_counter()
            update()
            taken.append((time.perf_counter() - start) * 1e3)
    return [min(taken[1:]) for taken in times]  # the first one warms up


def precisions(chosen: argparse.Namespace) -> list[Resolved]:
    """What our layer is to multiply in, as far as "both" can be had here."""
    if chosen.precision != "both":
        return [chosen.precision]
    like = torch.zeros(1)
    return ["fp32", "bf16"] if like.dtype in choose(chosen.engine, like).rounds and has_bf16() else ["fp32"]


def measure(hidden: int, chosen: argparse.Namespace) -> list[dict[str, float | int | str]]:
    """One row for each precision, all of the same run."""
    steps, lanes = chosen.steps, chosen.lanes
    wanted = precisions(chosen)
    ours = [our_update(hidden, chosen, precision) for precision in wanted]
    updates = [nn_gru_update(hidden, steps, lanes), floor(hidden, steps, lanes), *ours]
    theirs, least, *times = least_ms(updates, chosen.seconds)
    return [make_row(hidden, precision, ms, theirs, least) for precision, ms in zip(wanted, times, strict=True)]


def make_row(
    hidden: int, precision: Resolved, ours: float, theirs: float, least: float
) -> dict[str, float | int | str]:
    return {
        "hidden_size": hidden,
        "precision": precision,
        "ours_ms": round(ours, 3),
        "nn_gru_ms": round(theirs, 3),
        "floor_ms": round(least, 3),
        "ratio": round(theirs / ours, 3),
        "floor_share": round(least / ours, 3),
    }


def machine(chosen: argparse.Namespace) -> dict[str, object]:
    """What the figures depend on."""
    engine = choose(chosen.engine, torch.zeros(1))
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "engine": build.description() if engine.name == "compiled" else "torch operations",
        "bfloat16": unit() if "bf16" in precisions(chosen) else "not used",
        "lanes": chosen.lanes,
        "steps": chosen.steps,
        "vocabulary": VOCABULARY,
        "reset": chosen.reset,
    }


def processor() -> str:
    """The processor's name where the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def print_table(about: dict[str, object], rows: list[dict[str, float | int | str]]) -> None:
    for name, value in about.items():
        print(f"{name}: {value}")
    print(f"\n{'H':>5} {'precision':>9} {'ours ms':>9} {'nn.GRU ms':>10} {'floor ms':>9} {'ratio':>6}", end="")
    print(f" {'of the floor':>13}")
    for row in rows:
        print(
            f"{row['hidden_size']:>5} {row['precision']:>9} {row['ours_ms']:>9.2f} {row['nn_gru_ms']:>10.2f}"
            f" {row['floor_ms']:>9.2f} {row['ratio']:>6.2f} {row['floor_share']:>13.2f}"
        )


def main() -> None:
    chosen = options()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    try:
        rows = [row for hidden in chosen.hidden_sizes for row in measure(hidden, chosen)]
    except SettingError as error:
        raise SystemExit(f"error: {error.message}\nhint: {error.hint}") from None
    about = machine(chosen)
    if chosen.format == "json":
        print(json.dumps({"schema": "chargru.benchmark.training/1", "machine": about, "rows": rows}, indent=2))
    else:
        print_table(about, rows)


if __name__ == "__main__":
    main()
