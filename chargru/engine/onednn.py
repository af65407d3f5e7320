"""Products by oneDNN's inner product, where torch has it; it takes a weight that was packed once.

On processors whose vectors the library behind torch.mm leaves half unused, it takes half the time. The
operations are torch's own, but not of its public interface, so each process tries them once and does without
where they are missing or have changed.
"""

import functools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Linear = Callable[[Tensor, Tensor | None], Tensor]

LEAST_PRODUCTS = 2_000_000  # multiplications; below that torch.mm is as fast


def packed_linear(weight: Tensor, rows: int) -> Linear | None:
    """A function of (x, bias) that computes x weight^T + bias for x of about `rows` rows; None: use torch's."""
    if weight.dtype != torch.float32 or weight.device.type != "cpu" or weight.numel() * rows < LEAST_PRODUCTS:
        return None
    return _pack(weight.contiguous(), rows) if _works() else None


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """The product (M, N) of x (M, K) and `weight` (N, K) transposed, plus bias (N)."""
    packed = packed_linear(weight, len(x))
    return functional.linear(x, weight, bias) if packed is None else packed(x, bias)


def _pack(weight: Tensor, rows: int) -> Linear:
    operations = torch.ops.mkldnn
    packed = operations._reorder_linear_weight(weight, rows)  # noqa: SLF001
    product = operations._linear_pointwise  # noqa: SLF001
    return lambda x, bias: product(x, packed, bias, "none", [], "")


@functools.cache
def _works() -> bool:
    try:
        product = _pack(torch.ones(3, 2), 4)(torch.ones(4, 2), torch.ones(3))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False
    return torch.equal(product, torch.full((4, 3), 3.0))
