"""The head's loss by the compiled kernel `head.h`: its memory, its threads and its derivative.

The gradients are made along with the loss, while the scores are at hand, and handed out when they are asked for.
"""

import ctypes
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from chargru.engine.eager import untraced
from chargru.engine.native import build
from chargru.engine.native.abi import HeadTask, up_to
from chargru.engine.native.kernels import REALS, run_on_threads

GRADIENT_BYTES = 256 << 20
"""The most that all threads together take to add up dL/dW, a copy (V, H) each; where that is too little, fewer run.

64 threads have enough up to a million weights in float32. To lock shared copies would let all run, but the sums would
then depend on which thread came first, and a run that is repeated would give other numbers.
"""


class Gradients(NamedTuple):
    """Of the mean loss: by h (N, H), weight (V, H) and bias (V)."""

    h: Tensor
    weight: Tensor
    bias: Tensor


def loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> Tensor:
    """The mean of -ln p, differentiable once by h, weight and bias; `head.loss` says what is what."""
    if torch.is_grad_enabled() and any(t.requires_grad for t in (h_NH, weight, bias)):
        value: Tensor = _Loss.apply(h_NH, weight, bias, targets_N, kept_BH)  # type: ignore[no-untyped-call]
        return value
    return _run(h_NH, weight, bias, targets_N, kept_BH, gradients=False)[0].mean()


def nats(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
    """-ln p of each target (N), without gradients."""
    return _run(h_NH, weight, bias, targets_N, None, gradients=False)[0]


class _Loss(torch.autograd.Function):
    """The loss with its derivative. The gradients stay on the context until the first backward pass."""

    @staticmethod
    def forward(
        ctx: Any, h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None
    ) -> Tensor:
        nats_N, ctx.made = _run(h_NH, weight, bias, targets_N, kept_BH, gradients=True)
        ctx.save_for_backward(h_NH, weight, bias, targets_N, kept_BH)
        return nats_N.mean()

    @staticmethod
    @once_differentiable
    @untraced
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        made, ctx.made = ctx.made, None
        if made is None:  # a second backward pass: the first gave its tensors away
            made = _run(*ctx.saved_tensors, gradients=True)[1]
        if float(gradient) != 1:
            made = tuple(tensor.mul_(gradient) for tensor in made)
        return (*made, None, None)


def _run(
    h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None, *, gradients: bool
) -> tuple[Tensor, Gradients | None]:
    """-ln p of each target (N), and the gradients of their mean if wanted.

    `targets_N` holds ids below V: the kernel does not look.
    """
    library = build.library(REALS[h_NH.dtype])
    assert library is not None
    (N, H), V = h_NH.shape, len(weight)
    S, P = up_to(V, library.multiple()), up_to(H, library.columns())
    blocks = _blocks(N, V * P * h_NH.element_size() if gradients else 0)
    task = HeadTask(rows=N, lanes=N if kept_BH is None else len(kept_BH), hidden=H, vocabulary=V)
    tensors = {
        "h": h_NH.contiguous(),
        "weight": weight.contiguous(),
        "bias": bias.contiguous(),
        "targets": targets_N.long().contiguous(),
        "nats": h_NH.new_empty(N),
        "downwards": h_NH.new_empty(up_to(V, library.columns()), H),
        "biases": h_NH.new_empty(S),
        "space": h_NH.new_empty(blocks, library.head_space(ctypes.byref(task))),
    }
    if kept_BH is not None:
        tensors["kept"] = kept_BH.contiguous()
    if gradients:
        tensors |= {"d_h": torch.empty_like(tensors["h"]), "across": h_NH.new_empty(V, P)}
        tensors |= {"d_weight": h_NH.new_zeros(blocks, V, P), "d_bias": h_NH.new_zeros(blocks, S)}
    task.point(**tensors)
    library.head_begin(ctypes.byref(task))
    run_on_threads(library.head_loss, task, blocks)
    if not gradients:
        return tensors["nats"], None
    sums = tensors["d_weight"].sum(0)[:, :H], tensors["d_bias"].sum(0)[:V]
    return tensors["nats"], Gradients(tensors["d_h"], *sums)


def _blocks(rows: int, gradient_bytes: int) -> int:
    """How many threads share the rows; each adds up a gradient of W of its own, of so many bytes."""
    most = max(1, GRADIENT_BYTES // gradient_bytes) if gradient_bytes else rows
    return min(torch.get_num_threads(), rows, most)
