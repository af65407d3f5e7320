"""What can run a layer over a window, and the head: the engines, best first.

A new engine is a class with what `Engine` asks for, and its place in ENGINES.
"""

from typing import Protocol

import torch
from torch import Tensor

from chargru.engine import torch_ops
from chargru.engine.native import head_kernel, kernels
from chargru.engine.plain import plain_loss
from chargru.engine.window import Window
from chargru.errors import SettingError


class Engine(Protocol):
    """Runs windows and the head's loss. P is H as the engine pads it; `window` says what the rows hold."""

    @property
    def name(self) -> str:
        """What `gru_layer(engine=...)` calls it."""
        ...

    @property
    def needs_rows(self) -> bool:
        """Whether it works in the rows even of a window that keeps nothing."""
        ...

    @property
    def rounds(self) -> tuple[torch.dtype, ...]:
        """The types for which it has products in bfloat16, if the processor has."""
        ...

    def available(self, like: Tensor) -> bool:
        """Whether it can run on tensors of the device and dtype of `like`."""
        ...

    def pad(self, window: Window) -> int:
        """P for this window."""
        ...

    def forward(self, window: Window) -> None:
        """Fill `window.h` (T, B, H) and the rows (T, B, 4, P), if there are any, from ids and table or dense rows."""
        ...

    def backward(self, window: Window, d_h: Tensor | None, d_last: Tensor | None) -> tuple[Tensor, Tensor]:
        """Turn the rows into gradients in place; return dL/dh_0 (B, H) and the rows' sums (4, P).

        `d_h` (T, B, H) and `d_last` (B, H) are the gradients that come from outside; None is zero.
        """
        ...

    def scatter(self, window: Window, vocabulary: int) -> Tensor:
        """(V, 3, P): the gradient of the table's slots N, R, Z: the rows' gradients added up by id."""
        ...

    def outer_products(self, window: Window, left: Tensor, right: Tensor, right_0: Tensor | None = None) -> Tensor:
        """(L, R): the sum over rows of left_k right_k^T, for `left` (T B, L) and `right` (T B, R).

        With `right_0` (B, R) the first B rows are its, and `right` follows, its last B rows unused.
        """
        ...

    def loss(
        self, h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor, kept_BH: Tensor | None = None
    ) -> Tensor:
        """The head's loss as `head.loss` describes it, for what fits."""
        ...

    def nats(self, h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
        """-ln p of each target (N), without gradients."""
        ...


class Compiled:
    """The kernels in C, built at first use; on a CPU, in float32 and float64."""

    name = "compiled"
    needs_rows = False
    rounds = (torch.float32,)
    available = staticmethod(kernels.available)
    pad = staticmethod(kernels.pad)
    forward = staticmethod(kernels.forward)
    backward = staticmethod(kernels.backward)
    scatter = staticmethod(kernels.scatter)
    outer_products = staticmethod(kernels.outer_products)
    loss = staticmethod(head_kernel.loss)
    nats = staticmethod(head_kernel.nats)


class TorchOperations:
    """torch's own operations; on any device, in any type."""

    name = "torch"
    needs_rows = True
    rounds = ()
    pad = staticmethod(torch_ops.pad)
    forward = staticmethod(torch_ops.forward)
    backward = staticmethod(torch_ops.backward)
    scatter = staticmethod(torch_ops.scatter)
    outer_products = staticmethod(torch_ops.outer_products)
    loss = staticmethod(plain_loss)
    nats = staticmethod(torch_ops.nats)

    def available(self, like: Tensor) -> bool:  # noqa: ARG002
        """Everywhere."""
        return True


ENGINES: tuple[Engine, ...] = (Compiled(), TorchOperations())


def choose(name: str, like: Tensor) -> Engine:
    """The engine of that name, or for "auto" the first that can run on tensors such as `like`. Raises SettingError."""
    named = [engine for engine in ENGINES if name in ("auto", engine.name)]
    if not named:
        names = ", ".join(["auto", *(engine.name for engine in ENGINES[:-1])])
        raise SettingError(f"no engine {name!r}", f"choose {names} or {ENGINES[-1].name}")
    for engine in named:
        if engine.available(like):
            return engine
    raise SettingError(
        f"no {name} layer for {like.dtype} on {like.device.type}", f"choose the engine {ENGINES[-1].name}, or auto"
    )
