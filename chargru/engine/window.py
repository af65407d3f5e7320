"""What the two engines of a layer share: its rows, and the products that take all steps at once.

T steps, B lanes, H hidden, V ids, I dense input; P is H rounded up to what the engine works in (P = H for
torch operations). `rows` (T, B, 4, P) holds what each step makes, in four slots:

    slot    before the forward pass      after it                        after the backward pass
    N       W_in x + b_in                n                               gradient of what tanh takes
    R       W_ir x + b_ir + b_hr         r                               gradient of what its sigmoid takes
    Z       W_iz x + b_iz + b_hz         z                               gradient of what its sigmoid takes
    C       b_hn (reset after)           W_hn h_{t-1} + b_hn (after)     its gradient (after)
                                         r * h_{t-1} (before)            r * h_{t-1} (before)

Slots N, R, Z belong to the input and R, Z, C to the state, each three in one piece, so that a weight's
gradient is one product over all steps. With reset before, b_hn merges too and is added to slot N.
"""

import threading
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from chargru.engine.native.precision import Resolved
from chargru.engine.onednn import linear

N, R, Z, C = range(4)
PACKED = (R, Z, N)  # the order of torch.nn.GRU


class Weights(NamedTuple):
    """A layer's parameters as torch.nn.GRU packs them: (3H, I or V), (3H, H), (3H), (3H)."""

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor
    bias_hh: Tensor


@dataclass
class Window:
    """One window on its way through an engine. `table` (V, 4, P) and `ids` (T, B) go together.

    `precision` is that of the products with W_hh and of dL/dW_hh; "fp32" is the type of the weights.
    """

    before: bool
    h_0: Tensor
    weight_hh: Tensor
    b_hn: Tensor
    h: Tensor
    rows: Tensor | None
    ids: Tensor | None = None
    table: Tensor | None = None
    keep: bool = True
    precision: Resolved = "fp32"


class Buffers:
    """Work memory that lives between windows, so that each need not ask the system for fresh pages.

    `take` hands out memory that nobody else holds, with any content; `give` brings it back. What is never
    given back is freed as usual, so a graph that is dropped without a backward pass costs nothing. At most `most`
    tensors of `most_bytes` together wait for their next use.
    """

    def __init__(self, most: int = 8, most_bytes: int = 1 << 30) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._free: list[Tensor] = []
        self._lock = threading.Lock()

    def take(self, shape: tuple[int, ...], like: Tensor) -> Tensor:
        """A contiguous tensor of `shape`, with the dtype and device of `like`."""
        with self._lock:
            for i, tensor in reversed(list(enumerate(self._free))):  # the last one is still in the cache
                if tensor.shape == shape and tensor.dtype == like.dtype and tensor.device == like.device:
                    return self._free.pop(i)
        with torch.inference_mode(mode=False):
            return torch.empty(shape, dtype=like.dtype, device=like.device)

    def give(self, tensor: Tensor | None) -> None:
        """Takes back what `take` handed out; where they are too many, or too large together, the oldest go."""
        if tensor is not None:
            with self._lock:
                self._free = [*self._free, tensor][-self._most :]
                while sum(free.nbytes for free in self._free) > self._most_bytes:
                    self._free.pop(0)


BUFFERS = Buffers()


def slot_biases(weights: Weights, *, before: bool) -> Tensor:
    """(3, H): what the input's share of slots N, R, Z gets added; b_hn only where it merges."""
    b_ih, b_hh = weights.bias_ih.reshape(3, -1), weights.bias_hh.reshape(3, -1)
    merged = (b_ih + b_hh).roll(1, 0)
    if not before:
        merged[N] = b_ih[2]
    return merged


def make_table(weights: Weights, padded: int, *, before: bool) -> Tensor:
    """(V, 4, P): row v is what reading id v puts into the slots; slot C is b_hn."""
    hidden, vocabulary = weights.weight_hh.shape[1], weights.weight_ih.shape[1]
    table = BUFFERS.take((vocabulary, 4, padded), weights.weight_ih)
    table[..., hidden:] = 0
    biases = slot_biases(weights, before=before)
    for slot, weight in zip(PACKED, weights.weight_ih.chunk(3), strict=True):
        torch.add(weight.t(), biases[slot], out=table[:, slot, :hidden])
    table[:, C, :hidden] = weights.bias_hh[2 * hidden :]
    return table


def slot_weight(weight_ih: Tensor, padded: int) -> Tensor:
    """(3 P, I): the rows of `weight_ih` in the order of slots N, R, Z, zero where an index is padding."""
    hidden, size = weight_ih.shape[0] // 3, weight_ih.shape[1]
    ordered = weight_ih.new_zeros(3, padded, size)
    ordered[:, :hidden] = weight_ih.reshape(3, hidden, size).roll(1, 0)
    return ordered.view(3 * padded, size)


def input_products(x: Tensor, weights: Weights, rows: Tensor, *, before: bool) -> None:
    """Fills slots N, R, Z of `rows` from dense `x` (T, B, I), all steps in one product."""
    padded, hidden = rows.shape[-1], weights.weight_hh.shape[1]
    biases = functional.pad(slot_biases(weights, before=before), (0, padded - hidden)).flatten()
    products = linear(x.flatten(0, 1), slot_weight(weights.weight_ih, padded), biases)
    rows.view(-1, 4 * padded)[:, : 3 * padded] = products
    rows[:, :, :C, hidden:] = 0  # not 0 times an infinite input


def unslot(slots: Tensor, hidden: int) -> Tensor:
    """(3H, ...) in torch.nn.GRU's order from slots N, R, Z of shape (3, P, ...)."""
    return torch.cat([slots[slot, :hidden] for slot in PACKED])


def bias_gradients(sums: Tensor, hidden: int, before: bool) -> tuple[Tensor, Tensor]:
    """dL/db_ih and dL/db_hh, (3H) each, from the sums (4, P) of the rows' gradients."""
    d_ih = unslot(sums, hidden)
    if before:
        return d_ih, d_ih.clone()
    return d_ih, torch.cat((d_ih[: 2 * hidden], sums[C, :hidden]))
