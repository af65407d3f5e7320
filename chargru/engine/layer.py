"""One GRU layer over a whole window, forward and backward, exact and fast.

The engines (`engines`) give the same numbers as `torch.nn.GRU` and as the plain equations (`plain`): the compiled
kernels, built at first use, on a processor, and torch operations anywhere else.

The backward pass is back-propagation through time by hand. It carries dh alone; with the factors
(1-z)(1-n^2) for the candidate, (h_{t-1}-n) z (1-z) for z and r (1-r) for r it turns what the forward pass kept
into the gradients of the pre-activations, in place, and each weight's gradient is then one product over all
steps. docs/performance.md counts what that saves.
"""

from dataclasses import replace
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from chargru.engine.eager import converted, untraced, without_autocast
from chargru.engine.engines import Engine, choose
from chargru.engine.native.precision import Precision, Resolved, resolve
from chargru.engine.onednn import linear
from chargru.engine.window import (
    BUFFERS,
    Weights,
    Window,
    bias_gradients,
    input_products,
    make_table,
    slot_weight,
    unslot,
)
from chargru.errors import SettingError
from chargru.gru.weights import Reset


@untraced
def gru_layer(
    x: Tensor,
    h_0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
    *,
    reset: Reset = "after",
    engine: str = "auto",
    precision: Precision = "fp32",
) -> tuple[Tensor, Tensor]:
    """All states h (T, B, H) of a window and the last one (B, H).

    `x` holds ids (T, B) of any integer type, read as one-hot columns, or dense input (T, B, I). `h_0` is
    (B, H). The weights are packed as torch.nn.GRU packs them, rows r, z, n: (3H, V or I), (3H, H), (3H), (3H).
    With `reset` "after" (torch.nn.GRU's) r multiplies W_hn h + b_hn, with "before" it multiplies h.
    float32 or float64. Differentiable once, by everything but ids.

    `engine` is the name of one; "auto" takes the first of `engines` that can run here.
    `precision` "fp32" multiplies in the type of the weights; "bf16" rounds the operands of the products with
    W_hh and of dL/dW_hh to bfloat16; "auto" does so where `precision.resolve` says that it is faster.
    Under autocast the layer computes in the type of its weights all the same, and returns it; `x` and `h_0` of
    autocast's type are converted to it. torch.compile leaves the layer out of its graphs.

    Raises SettingError for shapes, types or ids that do not fit, or for what cannot be had here.
    """
    x, h_0 = converted(x, weight_hh), converted(h_0, weight_hh)
    weights = Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    check(x, h_0, weights, reset)
    chosen = choose(engine, h_0)
    run = _Run(reset == "before", chosen, choose_precision(precision, chosen, h_0))
    with without_autocast(h_0):
        if torch.is_grad_enabled() and any(t.requires_grad for t in (x, h_0, *weights)):
            h, last = _Layer.apply(x, h_0, run, *weights)  # type: ignore[no-untyped-call]
            return h, last
        window = _forward(x, h_0, weights, run, keep=False)
    BUFFERS.give(window.rows)
    return window.h, window.h[-1].clone()


def choose_precision(precision: Precision, engine: Engine, like: Tensor) -> Resolved:
    """What `engine` multiplies in, for a state such as `like`. Raises SettingError."""
    fits = like.dtype in engine.rounds
    if precision == "auto" and not fits:
        return "fp32"
    resolved = resolve(precision, like.shape[1])
    if resolved == "bf16" and not fits:
        raise SettingError(
            f"products in bfloat16 need the compiled layer and float32, not {like.dtype} on {like.device.type}",
            "use the precision fp32",
        )
    return resolved


def check(x: Tensor, h_0: Tensor, weights: Weights, reset: str) -> None:
    """Raises SettingError unless everything fits together; ids are compared with V."""
    if reset not in ("after", "before"):
        raise SettingError(f"no reset placement {reset!r}", "choose after or before")
    dense, size = x.is_floating_point(), weights.weight_ih.shape[-1]
    if x.dim() != (3 if dense else 2) or 0 in x.shape:
        raise SettingError(f"x has shape {tuple(x.shape)}", "give ids (T, B) or dense input (T, B, I), none empty")
    if not dense:
        check_ids(x, size)
    like, H = weights.weight_hh, weights.weight_hh.shape[-1]
    shapes = {
        "x": (*x.shape[:2], size),
        "h_0": (x.shape[1], H),
        "weight_ih": (3 * H, size),
        "weight_hh": (3 * H, H),
        "bias_ih": (3 * H,),
        "bias_hh": (3 * H,),
    }
    for name, tensor in {"h_0": h_0, **weights._asdict(), **({"x": x} if dense else {})}.items():
        if tuple(tensor.shape) != shapes[name]:
            raise SettingError(f"{name} has shape {tuple(tensor.shape)}, not {shapes[name]}", "see gru_layer")
        if tensor.dtype != like.dtype or tensor.device != like.device:
            raise SettingError(
                f"{name} is {tensor.dtype} on {tensor.device}", f"weight_hh is {like.dtype} on {like.device}"
            )


def check_ids(ids: Tensor, vocabulary: int) -> None:
    """Raises SettingError unless `ids` are integers from 0 to below `vocabulary`."""
    if ids.dtype == torch.bool or ids.is_complex() or ids.is_floating_point():
        raise SettingError(f"ids are {ids.dtype}", "give integers")
    low, high = (int(v) for v in ids.aminmax())
    if low < 0 or high >= vocabulary:
        raise SettingError(f"ids run from {low} to {high}", f"the vocabulary has ids 0 to {vocabulary - 1}")


class _Run(NamedTuple):
    """What a window is run with, apart from its tensors."""

    before: bool
    engine: Engine
    precision: Resolved


def _forward(x: Tensor, h_0: Tensor, weights: Weights, run: _Run, *, keep: bool) -> Window:
    """Runs a window. Its rows are from BUFFERS, and None where nothing needed them."""
    window = _window(x, h_0, weights, run, h_0.new_empty(*x.shape[:2], h_0.shape[1]), keep=keep)
    padded = run.engine.pad(window)
    if keep or window.ids is None or run.before or run.engine.needs_rows:
        window.rows = BUFFERS.take((*x.shape[:2], 4, padded), h_0)
    if window.ids is None:
        input_products(x, weights, cast(Tensor, window.rows), before=run.before)
    else:
        window.table = make_table(weights, padded, before=run.before)
    run.engine.forward(window)
    BUFFERS.give(window.table)
    return window


def _window(x: Tensor, h_0: Tensor, weights: Weights, run: _Run, h: Tensor, *, keep: bool) -> Window:
    ids = None if x.is_floating_point() else x.long().contiguous()
    b_hn = weights.bias_hh[2 * h_0.shape[1] :]
    weight_hh = weights.weight_hh.contiguous()
    return Window(
        run.before, h_0.contiguous(), weight_hh, b_hn, h, rows=None, ids=ids, keep=keep, precision=run.precision
    )


def _input_gradients(x: Tensor, weights: Weights, window: Window, run: _Run) -> tuple[Tensor, Tensor]:
    """dL/dx (T, B, I), empty for ids, and dL/dW_ih (3H, I or V), from the rows' gradients."""
    rows, hidden = cast(Tensor, window.rows), weights.weight_hh.shape[1]
    padded = rows.shape[-1]
    if window.ids is not None:
        d_table = run.engine.scatter(window, weights.weight_ih.shape[1])
        return rows.new_empty(0), unslot(d_table.permute(1, 2, 0), hidden)
    d_slots = rows.view(-1, 4 * padded)[:, : 3 * padded]
    unrounded = replace(window, precision="fp32")
    d_weight = run.engine.outer_products(unrounded, d_slots, x.contiguous().flatten(0, 1)).view(3, padded, -1)
    d_x = linear(d_slots, slot_weight(weights.weight_ih, padded).t()).view_as(x)
    return d_x, unslot(d_weight, hidden)


def _state_weight_gradient(window: Window, run: _Run) -> Tensor:
    """dL/dW_hh (3H, H) from the rows' gradients; step 1 multiplied h_0, the others the state before them."""
    rows, hidden = cast(Tensor, window.rows), window.h.shape[2]
    padded = rows.shape[-1]
    flat, h = rows.view(-1, 4 * padded), window.h.flatten(0, 1)
    gates = flat[:, padded : 3 * padded] if run.before else flat[:, padded:]
    packed: Tensor = run.engine.outer_products(window, gates, h, window.h_0).view(-1, padded, hidden)[:, :hidden]
    if run.before:
        candidate = run.engine.outer_products(window, flat[:, :hidden], flat[:, 3 * padded : 3 * padded + hidden])
        packed = torch.cat((packed, candidate[None]))
    return packed.reshape(3 * hidden, hidden)


class _Layer(torch.autograd.Function):
    """The layer with its derivative. The rows stay on the context until the first backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, h_0: Tensor, run: _Run, *weights: Tensor) -> tuple[Tensor, Tensor]:
        window = _forward(x, h_0, Weights(*weights), run, keep=True)
        ctx.save_for_backward(x, h_0, window.h, *weights)
        ctx.set_materialize_grads(value=False)
        ctx.run, ctx.rows = run, window.rows
        return window.h, window.h[-1].clone()

    @staticmethod
    @once_differentiable
    @untraced
    def backward(ctx: Any, d_h: Tensor | None, d_last: Tensor | None) -> tuple[Tensor | None, ...]:
        if d_h is None and d_last is None:
            return (None,) * 7
        x, h_0, h, *rest = ctx.saved_tensors
        weights, run, hidden = Weights(*rest), ctx.run, h_0.shape[1]
        window = _window(x, h_0, weights, run, h, keep=True)
        window.rows, ctx.rows = ctx.rows, None
        with without_autocast(h):
            if window.rows is None:  # a second backward pass: the first made its gradients in place
                window.rows = _forward(x, h_0, weights, run, keep=True).rows
            d_0, sums = run.engine.backward(window, d_h, d_last)
            d_x, d_ih = _input_gradients(x, weights, window, run)
            d_hh = _state_weight_gradient(window, run)
        BUFFERS.give(window.rows)
        return d_x if window.ids is None else None, d_0, None, d_ih, d_hh, *bias_gradients(sums, hidden, run.before)
