"""The recurrence of a window in torch operations, its backward pass written by hand.

Runs on any device and needs no compiler. Against autograd through `torch.nn.GRU` it saves work: the input
is in the rows already, gates are made in place, what the derivative needs of the forward pass is prepared for
several steps at once, and no weight gradient is made inside the loop. The slots of `rows` are in `window`.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from chargru.engine.onednn import linear, packed_linear
from chargru.engine.window import BUFFERS, C, N, R, Window, Z

FACTOR_BYTES = 1 << 20  # of derivatives prepared at once; more leaves the processor's cache

Adder = Callable[[Tensor, Tensor], Tensor]


def pad(window: Window) -> int:
    """P: torch operations need no padding."""
    return window.h.shape[2]


def forward(window: Window) -> None:
    """Fills `window.h` and `window.rows` (always needed here) from table and ids, or from dense rows."""
    rows, hidden = window.rows, window.h.shape[2]
    assert rows is not None
    if window.ids is not None and window.table is not None:
        torch.index_select(window.table.flatten(1), 0, window.ids.flatten(), out=rows.view(-1, 4 * hidden))
    else:
        rows[:, :, C] = window.b_hn
    run = _forward_before if window.before else _forward_after
    run(window, rows.flatten(2))


def _adder(weight: Tensor, lanes: int) -> Adder:
    """A function of (y, x) that adds x weight^T to y in place and returns y, for `weight` (rows, K).

    torch.addmm packs `weight` anew at each step, oneDNN once a window.
    """
    packed = packed_linear(weight, lanes)
    if packed is not None:
        return lambda y, x: y.add_(packed(x, None))
    transposed = weight.t()
    return lambda y, x: y.addmm_(x, transposed)


def _forward_after(window: Window, rows: Tensor) -> None:
    hidden, h = window.h.shape[2], window.h_0
    add_product = _adder(window.weight_hh, len(h))
    n, r, z, hn = (slot.unbind() for slot in rows.chunk(4, 2))
    gates, products = rows[..., hidden : 3 * hidden].unbind(), rows[..., hidden:].unbind()
    for t, h_new in enumerate(window.h.unbind()):
        add_product(products[t], h)
        gates[t].sigmoid_()
        _tanh(n[t].addcmul_(r[t], hn[t]))
        h = torch.lerp(n[t], h, z[t], out=h_new)


def _forward_before(window: Window, rows: Tensor) -> None:
    hidden, h = window.h.shape[2], window.h_0
    add_to_gates, add_to_candidate = (
        _adder(weight, len(h)) for weight in torch.split_with_sizes(window.weight_hh, [2 * hidden, hidden])
    )
    n, r, z, rh = (slot.unbind() for slot in rows.chunk(4, 2))
    gates = rows[..., hidden : 3 * hidden].unbind()
    for t, h_new in enumerate(window.h.unbind()):
        add_to_gates(gates[t], h).sigmoid_()
        _tanh(add_to_candidate(n[t], torch.mul(r[t], h, out=rh[t])))
        h = torch.lerp(n[t], h, z[t], out=h_new)


def _tanh(x: Tensor) -> None:
    """Puts tanh x = 2 sigmoid(2x) - 1 in place of x: a third of torch.tanh's time, error below 2e-7 (float32)."""
    torch.add(x.new_tensor(-1), x.mul_(2).sigmoid_(), alpha=2, out=x)


def backward(window: Window, d_h: Tensor | None, d_last: Tensor | None) -> tuple[Tensor, Tensor]:
    """As `Engine.backward` says, P = H."""
    rows = window.rows
    assert rows is not None
    steps, lanes, _, hidden = rows.shape
    carried = rows.new_zeros(lanes, hidden) if d_last is None else d_last.clone()
    if d_h is not None:
        carried += d_h[-1]
    outside = (None,) * steps if d_h is None else (None, *d_h[:-1].unbind())
    chunk = max(1, min(steps, FACTOR_BYTES // (4 * lanes * hidden * rows.element_size())))
    factors, sums = BUFFERS.take((chunk, lanes, 4, hidden), rows), rows.new_zeros(1, 4 * hidden)
    ones = rows.new_ones(1, chunk * lanes)
    # Gradients go back through all rows of W_hh at once, or with reset before through r and z, then n.
    parts = [2 * hidden, hidden] if window.before else [3 * hidden]
    adders = [_adder(weight.t(), lanes) for weight in torch.split_with_sizes(window.weight_hh, parts)]
    run = _backward_before if window.before else _backward_after
    for end in range(steps, 0, -chunk):
        some = slice(max(0, end - chunk), end)
        _prepare(window, rows[some], some, factors)
        carried = run(adders, rows[some], factors, outside[some], carried)
        sums.addmm_(ones[:, : (end - some.start) * lanes], rows[some].view(-1, 4 * hidden))
    BUFFERS.give(factors)
    return carried, sums.view(4, hidden)


def _prepare(window: Window, rows: Tensor, some: slice, factors: Tensor) -> None:
    """Fills `factors` with what dh_t is multiplied by to give each slot's gradient.

    N: (1-z)(1-n^2); Z: (h_{t-1}-n) z (1-z), where (h_{t-1}-n) z is h_t - n; R: N (W_hn h_{t-1} + b_hn) r (1-r);
    C: N r. With reset before there is no C, and R, for what arrives at r * h, is h_{t-1} r (1-r).
    """
    n, r, z, c = rows.unbind(2)
    f_n, f_r, f_z, f_c = factors[: len(rows)].unbind(2)
    take = torch.sub(rows.new_ones(()), z, out=f_r)
    torch.sub(window.h[some], n, out=f_z).mul_(take)
    torch.mul(n, n, out=f_n)
    torch.addcmul(take, take, f_n, value=-1, out=f_n)
    if window.before:
        torch.addcmul(c, c, r, value=-1, out=f_r)
    else:
        torch.mul(f_n, r, out=f_c)
        torch.mul(f_c, c, out=f_r)
        f_r.addcmul_(f_r, r, value=-1)


def _backward_after(
    adders: list[Adder], rows: Tensor, factors: Tensor, outside: tuple[Tensor | None, ...], dh: Tensor
) -> Tensor:
    add_from_products = adders[0]
    products, z = rows.flatten(2)[..., dh.shape[1] :].unbind(), rows[:, :, Z].unbind()
    for t in reversed(range(len(rows))):
        after = outside[t]
        carried = dh * z[t] if after is None else torch.addcmul(after, dh, z[t])
        torch.mul(factors[t], dh[:, None], out=rows[t])
        dh = add_from_products(carried, products[t])
    return dh


def _backward_before(
    adders: list[Adder], rows: Tensor, factors: Tensor, outside: tuple[Tensor | None, ...], dh: Tensor
) -> Tensor:
    hidden, (add_from_gates, add_from_candidate) = dh.shape[1], adders
    gates = rows.flatten(2)[..., hidden : 3 * hidden].unbind()
    for t in reversed(range(len(rows))):
        after, (n, r, z, _) = outside[t], rows[t].unbind(1)
        carried = dh * z if after is None else torch.addcmul(after, dh, z)
        torch.mul(dh, factors[t, :, Z], out=z)
        drh = add_from_candidate(torch.zeros_like(dh), torch.mul(dh, factors[t, :, N], out=n))
        carried.addcmul_(drh, r)
        torch.mul(drh, factors[t, :, R], out=r)
        dh = add_from_gates(carried, gates[t])
    return dh


def scatter(window: Window, vocabulary: int) -> Tensor:
    """As `Engine.scatter` says, P = H."""
    assert window.rows is not None
    assert window.ids is not None
    hidden = window.h.shape[2]
    flat = window.rows.view(-1, 4 * hidden)
    ids = window.ids.flatten()
    d_table: Tensor = torch.ops.aten.embedding_dense_backward(
        flat, ids, vocabulary, padding_idx=-1, scale_grad_by_freq=False
    )
    return d_table.view(vocabulary, 4, hidden)[:, :3]


def outer_products(window: Window, left: Tensor, right: Tensor, right_0: Tensor | None = None) -> Tensor:
    """As `Engine.outer_products` says."""
    if right_0 is None:
        return torch.mm(left.t(), right)
    lanes = len(window.h_0)
    return torch.mm(left[:lanes].t(), right_0).addmm_(left[lanes:].t(), right[:-lanes])


def nats(h_NH: Tensor, weight: Tensor, bias: Tensor, targets_N: Tensor) -> Tensor:
    """-ln p of each target (N), for `head.nats`."""
    return functional.cross_entropy(linear(h_NH, weight, bias), targets_N.long(), reduction="none")
