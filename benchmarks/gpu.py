"""One whole update on a GPU: cuDNN as chargru uses it, chargru's own layer, and cuDNN's update as one CUDA graph.

chargru keeps cuDNN there unless another path is 1.2 times faster at H = 128 to 1024 and B = 32 to 512. An update is
what the trainer does: forward, head, cross-entropy, backward, clipping, AdamW. The paths take turns, and each figure
is the median of its repetitions.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --device cpu --hidden-sizes 64 --lanes 32 --seconds 1
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch
from torch.nn import functional

from chargru.engine.layer import gru_layer
from chargru.engine.module import CharGRU
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture

VOCABULARY = 65


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--hidden-sizes", type=int, nargs="+", default=[128, 256, 512, 1024], metavar="H")
    parser.add_argument("--lanes", type=int, nargs="+", default=[32, 128, 512], metavar="B")
    parser.add_argument("--steps", type=int, default=64, help="steps T of a window (default 64)")
    parser.add_argument("--seconds", type=float, default=6.0, help="time for each pair of sizes (default 6)")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser.parse_args()


class Update:
    """One update on ids that lie on the device already; `own` takes chargru's layer instead of torch.nn.GRU's."""

    def __init__(self, hidden: int, lanes: int, steps: int, device: str, *, own: bool) -> None:
        architecture = Architecture(VOCABULARY, hidden)
        self.model, self.own = CharGRU(architecture), own
        self.model.load(initialise(architecture, 0))
        self.model.to(device)
        self.ids = torch.randint(VOCABULARY, (steps + 1, lanes), device=device)
        self.state = self.model.zero_state(lanes)
        capturable = {"capturable": True} if device.startswith("cuda") else {}
        groups = self.model.parameter_groups(0.01)
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, fused=True, **capturable)

    def __call__(self) -> None:
        """Forward, backward, clip, step."""
        self.optimiser.zero_grad(set_to_none=False)
        recurrent, inputs = self.model.recurrent, self.ids[:-1]
        if self.own:
            h, _ = gru_layer(inputs, self.state[0], *recurrent.all_weights[0], engine="torch")
        else:
            h, _ = torch.nn.GRU.forward(recurrent, recurrent.one_hot(inputs), self.state)
        logits = self.model.head(h).flatten(0, 1)
        functional.cross_entropy(logits, self.ids[1:].flatten()).backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()


def graph_of(update: Update) -> Callable[[], None]:
    """The same update, recorded once and replayed by the GPU alone."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            update()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        update()
    return graph.replay


def median_ms(paths: dict[str, Callable[[], None]], seconds: float, device: str) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in paths}
    wait = torch.cuda.synchronize if device.startswith("cuda") else (lambda: None)
    end = time.perf_counter() + seconds
    while min(map(len, times.values())) < 5 or time.perf_counter() < end:
        for name, path in paths.items():
            wait()
            started = time.perf_counter()
            path()
            wait()
            times[name].append(1000 * (time.perf_counter() - started))
    return {name: statistics.median(found[2:]) for name, found in times.items()}


def measure(hidden: int, lanes: int, chosen: argparse.Namespace) -> dict[str, object]:
    sizes = (hidden, lanes, chosen.steps, chosen.device)
    plain = Update(*sizes, own=False)
    paths: dict[str, Callable[[], None]] = {"cudnn_ms": plain, "own_ms": Update(*sizes, own=True)}
    if chosen.device.startswith("cuda"):
        paths["graph_ms"] = graph_of(Update(*sizes, own=False))
    found = median_ms(paths, chosen.seconds, chosen.device)
    ratios = {name.replace("_ms", "_ratio"): found["cudnn_ms"] / ms for name, ms in found.items() if name != "cudnn_ms"}
    return {"hidden_size": hidden, "lanes": lanes, **found, **ratios}


def main() -> None:
    chosen = options()
    if chosen.device.startswith("cuda") and not torch.cuda.is_available():
        raise SystemExit("there is no GPU here; try --device cpu to see that it runs")
    name = torch.cuda.get_device_name() if chosen.device.startswith("cuda") else "CPU (no GPU: the figures say nothing)"
    rows = [measure(hidden, lanes, chosen) for hidden in chosen.hidden_sizes for lanes in chosen.lanes]
    if chosen.format == "json":
        machine = {"device": name, "torch": torch.__version__}
        print(json.dumps({"schema": "chargru.benchmark.gpu/1", "machine": machine, "rows": rows}))
        return
    print(f"{name}, torch {torch.__version__}, T = {chosen.steps}; ratios are to cuDNN")
    for row in rows:
        print(
            "  ".join(
                f"{key} {value:.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()
            )
        )


if __name__ == "__main__":
    main()
