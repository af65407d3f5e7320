"""The head's loss: linear scores and their cross-entropy in one, for the trainer on a CPU.

    symbol      variable     shape
    h           h_NH         (N, H)    states of N = T B characters
    W, b        weight, bias (V, H), (V)
    a = W h + b                        scores
    p = softmax(a)           p_NV      (N, V)
    L = mean of -ln p[target]
    dL/da = (p - one-hot target) / N

The plain version is `torch.nn.functional.linear` and `cross_entropy`; this one keeps p alone, in place of the
scores, and takes the products from `onednn` where that is quicker. A test holds the two equal.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from chargru.gru import onednn


def loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
    """The mean of -ln p over N targets, in nats; differentiable once by h, weight and bias."""
    if h_NH.device.type != "cpu":
        return functional.cross_entropy(functional.linear(h_NH, weight, bias), targets_N)
    value: Tensor = _Loss.apply(h_NH, weight, bias, targets_N)  # type: ignore[no-untyped-call]
    return value


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
        log_p_NV = onednn.linear(h_NH, weight, bias).log_softmax(dim=1)
        value = functional.nll_loss(log_p_NV, targets_N)
        ctx.save_for_backward(h_NH, weight, log_p_NV.exp_(), targets_N)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        h_NH, weight, p_NV, targets_N = ctx.saved_tensors
        d_a_NV = p_NV * (gradient / len(targets_N))
        d_a_NV.scatter_add_(1, targets_N[:, None], (-gradient / len(targets_N)).expand(len(targets_N), 1))
        return onednn.linear(d_a_NV, weight.t()), d_a_NV.t() @ h_NH, d_a_NV.sum(dim=0), None
