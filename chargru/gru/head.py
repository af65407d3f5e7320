"""The head's loss: dropout, linear scores and their cross-entropy in one, for the trainer.

    symbol      variable     shape
    h           h_NH         (N, H)    states of N = T B characters
    m           kept_BH      (B, H)    dropout's factors, the same at every step
    W, b        weight, bias (V, H), (V)
    a = W (m * h) + b                  scores
    p = softmax(a)           p_NV      (N, V)
    L = mean of -ln p[target]
    dL/da = (p - one-hot target) / N

The plain version is `plain_loss`. The fast one, on a CPU with the compiled kernels, makes the gradients along with
the loss, while the scores are at hand, and hands them out when they are asked for. A test holds the two equal.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from chargru.gru import head_kernel, kernels, onednn
from chargru.gru.layer import check_ids


def loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> Tensor:
    """The mean of -ln p over N targets, in nats; differentiable once by h, weight and bias.

    `kept_BH` multiplies the B rows of each step; N is a multiple of B. Raises SettingError for targets beyond V.
    """
    check_ids(targets_N, len(weight))
    if not kernels.available(h_NH):
        return plain_loss(h_NH, weight, bias, targets_N, kept_BH)
    value: Tensor = _Loss.apply(h_NH, weight, bias, targets_N, kept_BH)  # type: ignore[no-untyped-call]
    return value


def plain_loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> Tensor:
    """The same in torch's operations."""
    if kept_BH is not None:
        h_NH = (h_NH.view(-1, *kept_BH.shape) * kept_BH).flatten(0, 1)
    return functional.cross_entropy(functional.linear(h_NH, weight, bias), targets_N)


def nats(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
    """-ln p of each target (N), without gradients. Raises SettingError for targets beyond V."""
    check_ids(targets_N, len(weight))
    if kernels.available(h_NH):
        return head_kernel.loss(h_NH, weight, bias, targets_N, None, gradients=False)[0]
    return functional.cross_entropy(onednn.linear(h_NH, weight, bias), targets_N, reduction="none")


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None
    ) -> Tensor:
        wanted = any(ctx.needs_input_grad)
        nats_N, gradients = head_kernel.loss(h_NH, weight, bias, targets_N, kept_BH, gradients=wanted)
        if gradients is not None:
            ctx.save_for_backward(*gradients)
        return nats_N.mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        made = ctx.saved_tensors
        if float(gradient) != 1:
            made = tuple(tensor * gradient for tensor in made)
        return (*made, None, None)
