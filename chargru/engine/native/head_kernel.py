"""The head's loss by the compiled kernel `head.h`: its memory, and its threads."""

import ctypes
from typing import NamedTuple

import torch
from torch import Tensor

from chargru.engine.native import build, structs
from chargru.engine.native.kernels import REALS, Pointers, run_on_threads

ALIGNMENT = 64  # bytes, at least a vector


class Task(Pointers):
    """The struct `head` of head.h."""

    _fields_ = structs.HEAD


class Gradients(NamedTuple):
    """Of the mean loss: by h (N, H), weight (V, H) and bias (V)."""

    h: Tensor
    weight: Tensor
    bias: Tensor


def loss(
    h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None, *, gradients: bool
) -> tuple[Tensor, Gradients | None]:
    """-ln p of each target (N), and the gradients of their mean if wanted; `kernels.available` says whether it can.

    `kept_BH` is what the rows of each step are multiplied by first; N is a multiple of B. `targets_N` holds ids
    below V: the kernel does not look.
    """
    library = build.library(REALS[h_NH.dtype])
    assert library is not None
    (N, H), V, blocks = h_NH.shape, len(weight), min(torch.get_num_threads(), len(h_NH))
    width, panel = int(library.multiple()), int(library.panel())
    S, P = _up_to(V, width), _up_to(H, panel)
    tensors = {
        "h": h_NH.contiguous(),
        "weight": weight.contiguous(),
        "bias": bias.contiguous(),
        "targets": targets_N.long().contiguous(),
        "nats": h_NH.new_empty(N),
        "downwards": h_NH.new_empty(_up_to(V, panel), H),
        "biases": h_NH.new_empty(S),
        "space": h_NH.new_empty(blocks * int(library.chunk()) * (P + width + S) + ALIGNMENT),
    }
    if kept_BH is not None:
        tensors["kept"] = kept_BH.contiguous()
    if gradients:
        tensors |= {"d_h": torch.empty_like(tensors["h"]), "across": h_NH.new_empty(V, P)}
        tensors |= {"d_weight": h_NH.new_zeros(blocks, V, P), "d_bias": h_NH.new_zeros(blocks, S)}
    lanes = N if kept_BH is None else len(kept_BH)
    task = Task(rows=N, lanes=lanes, hidden=H, vocabulary=V)
    task.point(**tensors)
    task.space += -task.space % ALIGNMENT
    library.head_begin(ctypes.byref(task))
    run_on_threads(library.head_loss, task, blocks)
    if not gradients:
        return tensors["nats"], None
    sums = tensors["d_weight"].sum(0)[:, :H], tensors["d_bias"].sum(0)[:V]
    return tensors["nats"], Gradients(tensors["d_h"], *sums)


def _up_to(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple
