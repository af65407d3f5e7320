"""Every gate of one stream, in float64 and block by block: what a whole text can be measured by, at little memory.

`network.advance` computes the same one step at a time and keeps every addend; a test holds the two equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from chargru.gru import numpy_threads
from chargru.gru.cell import sigmoid
from chargru.gru.network import Ids
from chargru.gru.stepped import Held
from chargru.gru.weights import Array, LayerWeights, mergeable

BLOCK = 2048
"""Steps at once, at most."""


@dataclass(frozen=True)
class Block:
    """N steps of one layer in a row: arrays (N, H) of `torch.nn.GRU`'s values."""

    h_prev: Array
    r: Array
    z: Array
    n: Array
    h: Array


def blocks(held: Held, ids: Ids, on_step: Callable[[], None] | None = None) -> Iterator[tuple[Block, ...]]:
    """Read ids (T) from h_0 = 0: one `Block` a layer, from the bottom up, for some steps at a time, in order."""
    before = held.weights.architecture.reset == "before"
    states: list[Array] = [np.zeros(layer.hidden_size) for layer in held.weights.layers]
    made: dict[tuple[bool, ...], list[_Layer]] = {}
    for active, steps in _stretches(held, len(ids)):
        if active not in made:
            made[active] = [_Layer(layer, before=before) for layer in held.at(steps.start + 1).layers]
        first, *rest = made[active]
        with numpy_threads.threads(1):
            found = [first.run(first.table[ids[steps.start : steps.stop]] + first.bias, states[0], on_step)]
            for layer, h in zip(rest, states[1:], strict=True):
                found.append(layer.run(found[-1].h @ layer.table + layer.bias, h))
        states = [block.h[-1] for block in found]
        yield tuple(found)


def _stretches(held: Held, length: int) -> Iterator[tuple[tuple[bool, ...], range]]:
    """Steps (0-based) that the same weights read, at most BLOCK at once."""
    for start in range(0, length, BLOCK):
        steps = range(start, min(start + BLOCK, length))
        runs = groupby(steps, lambda t: held.active(t + 1)) if held.forces else [(held.active(1), iter(steps))]
        for active, run in runs:
            same = list(run)
            yield active, range(same[0], same[-1] + 1)


class _Layer:
    """One layer: `table` (I, 3H) and `bias` (3H) of what it reads, the biases that merge within."""

    def __init__(self, weights: LayerWeights, *, before: bool) -> None:
        self.before = before
        self.table = np.ascontiguousarray(weights.weight_ih.T)
        self.bias = weights.with_biases_merged(*mergeable(before=before)).bias_ih
        self.b_hn = weights.b_h("n")
        H = weights.hidden_size
        self._carried = np.ascontiguousarray(weights.weight_hh[: 2 * H] if before else weights.weight_hh)
        self._W_hn = np.ascontiguousarray(weights.W_h("n"))

    def run(self, a: Array, h: Array, on_step: Callable[[], None] | None = None) -> Block:
        """N steps from h (H); a (N, 3H) is the input's part of the pre-activations, and is overwritten."""
        H, first = len(h), h
        n_NH, h_NH = np.empty((len(a), H)), np.empty((len(a), H))
        for row, n, after in zip(a, n_NH, h_NH, strict=True):
            carried, gates = self._carried @ h, row[: 2 * H]
            gates += carried[: 2 * H]
            rz = np.tanh(gates * 0.5)
            rz *= 0.5
            rz += 0.5
            r, z = rz[:H], rz[H:]
            old = self._W_hn @ (r * h) if self.before else r * (carried[2 * H :] + self.b_hn)
            np.tanh(row[2 * H :] + old, n)
            np.subtract(h, n, after)
            after *= z
            after += n
            h = after
            if on_step is not None:
                on_step()
        r_z = sigmoid(a[:, : 2 * H])  # precise at both ends, where the quick one above is to 1e-16 only
        return Block(np.concatenate([first[None], h_NH[:-1]]), r_z[:, :H], r_z[:, H:], n_NH, h_NH)
