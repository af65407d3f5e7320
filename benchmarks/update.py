"""What of a training update is not the layer: the whole update beside the layer's own forward and backward pass.

The two take turns, on the same window and weights; the least time of each counts. Below them are the parts of the
rest, each alone. `chargru train` keeps the memory that it frees, and so does this.

    python benchmarks/update.py
    python benchmarks/update.py --hidden-size 512 --lanes 32 --steps 64 --precision bf16
"""

import argparse
import json
from collections.abc import Callable

import numpy as np
import torch
from training import VOCABULARY, least_ms, processor

from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.module import kept
from chargru.errors import SettingError
from chargru.gru.weights import Architecture
from chargru.text.batches import Batches
from chargru.training.process import settle
from chargru.training.settings import Settings
from chargru.training.trainer import Trainer


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden-size", type=int, default=256, metavar="H")
    parser.add_argument("--lanes", type=int, default=64, help="parallel streams B (default 64)")
    parser.add_argument("--steps", type=int, default=128, help="steps T of a window (default 128)")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--weight-drop", type=float, default=0.0)
    parser.add_argument("--precision", choices=("fp32", "bf16", "auto"), default="fp32")
    parser.add_argument("--threads", type=int, default=0, help="default: what torch takes")
    parser.add_argument("--seconds", type=float, default=20.0, help="time for the comparison (default 20)")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


def make_trainer(chosen: argparse.Namespace) -> Trainer:
    settings = Settings(
        hidden_size=chosen.hidden_size,
        batch_size=chosen.lanes,
        window=chosen.steps,
        dropout=chosen.dropout,
        weight_drop=chosen.weight_drop,
        precision=chosen.precision,
        threads=chosen.threads,
        device="cpu",
    )
    ids = np.random.default_rng(0).integers(0, VOCABULARY, 1_000_000).astype(np.uint8)
    batches = Batches(ids, VOCABULARY, lanes=chosen.lanes, window=chosen.steps, seed=0)
    return Trainer(Architecture(VOCABULARY, chosen.hidden_size, 1, "after"), settings, batches)


def layer_alone(trainer: Trainer) -> Callable[[], object]:
    """Forward and backward of the layer as the trainer runs it."""
    weights = trainer.model.recurrent.all_weights[0]
    ids = torch.from_numpy(trainer.batches.window_at(0, 0).inputs_TB)
    h_0 = trainer.state[0]
    outside = torch.randn(*ids.shape, h_0.shape[1])

    def run() -> object:
        h, _ = gru_layer(ids, h_0, *weights, precision=trainer.precision)
        return torch.autograd.grad(h, weights, outside)

    return run


def parts(trainer: Trainer, chosen: argparse.Namespace) -> dict[str, Callable[[], object]]:
    """The rest, piece by piece."""
    model, rows = trainer.model, chosen.steps * chosen.lanes
    h_NH = torch.randn(rows, chosen.hidden_size, requires_grad=True)
    targets = torch.randint(VOCABULARY, (rows,))
    factors = kept(h_NH.detach().view(chosen.steps, chosen.lanes, -1), chosen.dropout)

    def head_and_loss() -> object:
        value = head.loss(h_NH, model.head.weight, model.head.bias, targets, factors)
        return torch.autograd.grad(value, (h_NH, model.head.weight, model.head.bias))

    return {
        "head and loss": head_and_loss,
        "clipping": lambda: torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0),
        "AdamW": trainer.optimiser.step,
        "batch": lambda: trainer.batches.window_at(0, 1),
    }


def main() -> None:
    chosen = options()
    settle()
    try:
        trainer = make_trainer(chosen)
    except SettingError as error:
        raise SystemExit(f"error: {error.message}\nhint: {error.hint}") from None
    whole, layer = least_ms([lambda: trainer.update(0.5), layer_alone(trainer)], chosen.seconds)
    rest = {name: least_ms([run], 1.0)[0] for name, run in parts(trainer, chosen).items()}
    about = {"processor": processor(), "threads": torch.get_num_threads(), "precision": trainer.precision}
    document = {
        "schema": "chargru.benchmark.update/1",
        "machine": {**about, "hidden_size": chosen.hidden_size, "lanes": chosen.lanes, "steps": chosen.steps},
        "update_ms": round(whole, 3),
        "layer_ms": round(layer, 3),
        "rest_share": round(1 - layer / whole, 4),
        "parts_ms": {name: round(ms, 3) for name, ms in rest.items()},
    }
    if chosen.format == "json":
        print(json.dumps(document, indent=2))
        return
    for name, value in document["machine"].items():
        print(f"{name}: {value}")
    print(
        f"\n{'update':>14} {whole:8.2f} ms\n{'layer':>14} {layer:8.2f} ms\n{'the rest':>14} {1 - layer / whole:8.1%}\n"
    )
    for name, ms in rest.items():
        print(f"{name:>14} {ms:8.2f} ms")


if __name__ == "__main__":
    main()
