"""One GRU layer, and the head's loss, in the plain equations, differentiated by autograd: slow, short, and right.

What `layer` and `head` compute fast must equal this; with another function than tanh, or without the carry, nothing
else computes it. Shapes: T steps, B lanes, H hidden, I input, V ids.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear


def plain_layer(
    x: Tensor,
    h_0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
    *,
    reset: str = "after",
    activation: Callable[[Tensor], Tensor] = torch.tanh,
    carry: bool = True,
) -> tuple[Tensor, Tensor]:
    """All states (T, B, H) and the last (B, H) of the layer that `layer.gru_layer` describes.

    `activation` is what the candidate is made with; without `carry` h = (1 - z) n.
    """
    products = linear(x, weight_ih, bias_ih) if x.is_floating_point() else weight_ih.t()[x] + bias_ih
    h, states = h_0, []
    for product in products:
        _, z, n, h = plain_step(product, h, weight_hh, bias_hh, reset=reset, activation=activation)
        h = h if carry else (1 - z) * n
        states.append(h)
    return torch.stack(states), h


def plain_step(
    product: Tensor,
    h: Tensor,
    weight_hh: Tensor,
    bias_hh: Tensor,
    *,
    reset: str,
    activation: Callable[[Tensor], Tensor] = torch.tanh,
) -> tuple[Tensor, ...]:
    """r_t, z_t, n_t and h_t (B, H) from h_{t-1} and `product` = W_ih x_t + b_ih (B, 3H); https://arxiv.org/abs/1406.1078.

    With reset "after" r multiplies W_hn h + b_hn, as in torch.nn.GRU; with "before" it multiplies h.
    """
    (x_r, x_z, x_n), (W_r, W_z, W_n), (b_r, b_z, b_n) = (p.chunk(3, -1) for p in (product, weight_hh.t(), bias_hh))
    r = torch.sigmoid(x_r + h @ W_r + b_r)
    z = torch.sigmoid(x_z + h @ W_z + b_z)
    from_state = r * (h @ W_n + b_n) if reset == "after" else (r * h) @ W_n + b_n
    n = activation(x_n + from_state)
    return r, z, n, (1 - z) * n + z * h


def plain_loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> Tensor:
    """The mean of -ln p that `head.loss` describes."""
    if kept_BH is not None:
        h_NH = (h_NH.view(-1, *kept_BH.shape) * kept_BH).flatten(0, 1)
    return cross_entropy(linear(h_NH, weight, bias), targets_N.long())
