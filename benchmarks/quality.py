"""Loss against seconds: chargru's defaults, and the same training with torch.nn.GRU in the place of the layer.

Both train on the same text for the same wall-clock budgets, one after the other, each run from its start. The score
is the run's own, on the last tenth.

    python benchmarks/quality.py
    python benchmarks/quality.py shakespeare.txt --minutes 1 3 10
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from chargru import bundled, run_summary
from chargru.engine import module
from chargru.training import begin
from chargru.training.settings import DEFAULTS, Budget


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", nargs="?", default=str(bundled.text_path()))
    parser.add_argument("--minutes", type=float, nargs="+", default=[0.2, 0.6], metavar="M")
    parser.add_argument("--hidden-size", type=int, default=DEFAULTS.hidden_size, metavar="H")
    parser.add_argument("--layers", choices=("both", "ours", "nn.GRU"), default="both", help="which layer trains")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def nn_gru(x: Tensor, h_0: Tensor, *weights: Tensor, **_: object) -> tuple[Tensor, Tensor]:
    """What `gru_layer` returns, by the operation behind torch.nn.GRU, from ids or dense input."""
    if not x.is_floating_point():
        x = torch.nn.functional.one_hot(x, weights[0].shape[1]).to(h_0.dtype)
    h, last = torch._VF.gru(x, h_0[None], list(weights), True, 1, 0.0, True, False, False)  # noqa: FBT003, SLF001
    return h, last[0]


@contextmanager
def layer(name: str) -> Iterator[None]:
    """While entered, networks run on the named layer."""
    before = module.gru_layer
    if name == "nn.GRU":
        module.gru_layer = nn_gru  # type: ignore[assignment]
    try:
        yield
    finally:
        module.gru_layer = before


def measure(chosen: argparse.Namespace, minutes: float, name: str) -> dict[str, object]:
    settings = replace(DEFAULTS, hidden_size=chosen.hidden_size)
    with tempfile.TemporaryDirectory() as folder, layer(name):
        out = str(Path(folder) / "run")
        path = begin.start([chosen.text], settings=settings, budget=Budget("minutes", minutes), out=out)
        report = run_summary.report(path)
    return {"minutes": minutes, "layer": name, "val_nats": report.val_nats, "val_bpc": report.val_bpc,
            "updates": report.updates, "chars_per_second": report.chars_per_second}  # fmt: skip


def main() -> None:
    chosen = options()
    names = ("ours", "nn.GRU") if chosen.layers == "both" else (chosen.layers,)
    rows = [measure(chosen, minutes, name) for minutes in chosen.minutes for name in names]
    if chosen.format == "json":
        machine = {"cores": os.cpu_count(), "torch": torch.__version__}
        print(json.dumps({"schema": "chargru.benchmark.quality/1", "machine": machine, "rows": rows}))
        return
    print(f"{Path(chosen.text).name}, H = {chosen.hidden_size}, {os.cpu_count()} cores, torch {torch.__version__}")
    for row in rows:
        print(
            f"{row['minutes']:6g} min  {row['layer']:7}  {row['val_nats']:.4f} nats  {row['val_bpc']:.4f} bits  "
            f"{row['updates']:6,} updates  {row['chars_per_second']:9,.0f} chars/s"
        )


if __name__ == "__main__":
    main()
