"""The head's loss: dropout, linear scores and their cross-entropy in one, for the trainer.

    symbol      variable     shape
    h           h_NH         (N, H)    states of N = T B characters
    m           kept_BH      (B, H)    dropout's factors, the same at every step
    W, b        weight, bias (V, H), (V)
    a = W (m * h) + b                  scores
    p = softmax(a)           p_NV      (N, V)
    L = mean of -ln p[target]
    dL/da = (p - one-hot target) / N

The plain version is `plain.plain_loss`; a test holds every engine's to it. Each engine offers its own.
"""

from torch import Tensor

from chargru.engine.eager import converted, untraced, without_autocast
from chargru.engine.engines import choose
from chargru.engine.layer import check_ids
from chargru.errors import SettingError


@untraced
def loss(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> Tensor:
    """The mean of -ln p over N targets, in nats; differentiable once by h, weight and bias.

    `kept_BH` multiplies the B rows of each step; N is a multiple of B. Raises SettingError for shapes, types or
    targets that do not fit. Autocast and torch.compile change it no more than they do `layer.gru_layer`; only without
    the kernels is a backward pass that runs under autocast torch's, in its type.
    """
    h_NH, kept_BH = converted(h_NH, weight), None if kept_BH is None else converted(kept_BH, weight)
    check(h_NH, weight, bias, targets_N, kept_BH)
    with without_autocast(weight):
        return choose("auto", h_NH).loss(h_NH, weight, bias, targets_N, kept_BH)


@untraced
def nats(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
    """-ln p of each target (N), without gradients. Raises SettingError as `loss` does."""
    h_NH = converted(h_NH, weight)
    check(h_NH, weight, bias, targets_N)
    with without_autocast(weight):
        return choose("auto", h_NH).nats(h_NH, weight, bias, targets_N)


def check(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None) -> None:
    """Raises SettingError unless everything fits together. Targets on a GPU are left to torch, which waits for none."""
    lanes = len(h_NH) if kept_BH is None else len(kept_BH)
    if h_NH.dim() != 2 or 0 in h_NH.shape or lanes == 0 or len(h_NH) % lanes:
        raise SettingError(f"h has shape {tuple(h_NH.shape)}", "give (N, H), none empty, N a multiple of the lanes")
    (N, H), V = h_NH.shape, len(weight)
    wanted = {"weight": (weight, (V, H)), "bias": (bias, (V,))}
    if kept_BH is not None:
        wanted["kept"] = (kept_BH, (lanes, H))
    for name, (tensor, shape) in wanted.items():
        if tuple(tensor.shape) != shape or tensor.dtype != h_NH.dtype or tensor.device != h_NH.device:
            found = f"{tuple(tensor.shape)}, {tensor.dtype} on {tensor.device}"
            raise SettingError(f"{name} is {found}", f"h asks for {shape}, {h_NH.dtype} on {h_NH.device}")
    if tuple(targets_N.shape) != (N,):
        raise SettingError(f"targets have shape {tuple(targets_N.shape)}", f"h asks for {(N,)}")
    if targets_N.device.type == "cpu":
        check_ids(targets_N, V)
