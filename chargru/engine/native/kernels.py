"""The recurrence of a window by the compiled kernels: what `kernels.c` needs, and its threads.

The threads are those of torch where torch's OpenMP can be reached, so that there is no second set of threads to
compete with the first.
"""

import ctypes
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from chargru import host
from chargru.engine.native import build
from chargru.engine.native.abi import Task, WindowTask, up_to
from chargru.engine.window import BUFFERS, Window

REALS: dict[torch.dtype, build.Real] = {torch.float32: "float", torch.float64: "double"}


def available(like: Tensor) -> bool:
    """Whether there are kernels for the device and dtype of `like`; builds them if need be."""
    real = REALS.get(like.dtype)
    return like.device.type == "cpu" and real is not None and build.library(real) is not None


def pad(window: Window) -> int:
    """P: H rounded up to what the processor takes at once."""
    return up_to(window.h.shape[2], _library(window).multiple())


def forward(window: Window) -> None:
    """Fills `window.h` (T, B, H) and, if kept, `window.rows` (T, B, 4, P)."""
    task = _task(window)
    packed = _pack(window, "pack_forward", task)
    b_hn = packed.new_zeros(task.padded)
    b_hn[: task.hidden] = window.b_hn
    task.point(b_hn=b_hn, rounded=_rounded(window, task))
    _run(window, "forward", task, min(torch.get_num_threads(), task.lanes))
    BUFFERS.give(packed)


def backward(window: Window, d_h: Tensor | None, d_last: Tensor | None) -> tuple[Tensor, Tensor]:
    """As `Engine.backward` says."""
    task = _task(window)
    blocks = min(torch.get_num_threads(), task.lanes)
    packed = _pack(window, "pack_backward", task)
    carried = packed.new_empty(task.lanes, task.padded)
    d_bias = packed.new_zeros(blocks, 4, task.padded)
    d_0 = torch.empty_like(window.h_0)
    task.point(d_h=None if d_h is None else d_h.contiguous(), d_last=None if d_last is None else d_last.contiguous())
    task.point(d_0=d_0, carried=carried, d_bias=d_bias, rounded=_rounded(window, task))
    _run(window, "backward", task, blocks)
    BUFFERS.give(packed)
    return d_0, d_bias.sum(0)


def scatter(window: Window, vocabulary: int) -> Tensor:
    """As `Engine.scatter` says."""
    task = _task(window)
    d_table = window.h.new_zeros(vocabulary, 3, task.padded)
    task.point(d_table=d_table)
    _run(window, "scatter", task, torch.get_num_threads())
    return d_table


def outer_products(window: Window, left: Tensor, right: Tensor, right_0: Tensor | None = None) -> Tensor:
    """As `Engine.outer_products` says."""
    task = _task(window)
    total = left.new_empty(left.shape[1], right.shape[1])
    first, then = (right_0, right) if right_0 is not None else (right, right[task.lanes :])
    assert len(first) == 1 or first.stride(0) == right.stride(0), "rows of right_0 and right lie as far apart"
    blocks = torch.get_num_threads()
    space = BUFFERS.take((blocks, _library(window).space()), total)
    task.point(sum=total, space=space)
    task.point_rows(left=left, right=then, right_0=first)
    task.left_count, task.left_stride = left.shape[1], left.stride(0)
    task.right_count, task.right_stride = right.shape[1], right.stride(0)
    _run(window, "outer_products", task, blocks)
    BUFFERS.give(space)
    return total


def _task(window: Window) -> WindowTask:
    steps, lanes, hidden = window.h.shape
    task = WindowTask(steps=steps, lanes=lanes, hidden=hidden, padded=pad(window))
    task.before, task.keep = window.before, window.keep
    numbers = {"ids": window.ids, "table": window.table, "rows": window.rows, "weight": window.weight_hh}
    task.point(**numbers, h_0=window.h_0, h=window.h)
    return task


def _pack(window: Window, function: str, task: WindowTask) -> Tensor:
    """W_hh in the order in which `forward` or `backward` reads it."""
    packed = BUFFERS.take((3 * task.padded * task.padded,), window.h)
    task.point(packed=packed)
    _run(window, function, task, torch.get_num_threads())
    return packed


def _rounded(window: Window, task: WindowTask) -> Tensor:
    """Room for what products in bfloat16 read next, of one step and the one beside it."""
    lanes = task.lanes + _library(window).spare() if window.precision == "bf16" else 0
    return torch.empty(6 * lanes * task.padded, dtype=torch.bfloat16)


def _library(window: Window) -> ctypes.CDLL:
    found = build.library("bfloat16" if window.precision == "bf16" else REALS[window.h.dtype])
    assert found is not None
    return found


def _run(window: Window, function: str, task: WindowTask, blocks: int) -> None:
    """Calls a function of kernels.c on as many threads as there are blocks; returns when all are done."""
    run_on_threads(getattr(_library(window), function), task, blocks)


def run_on_threads(call: Any, task: Task, blocks: int) -> None:
    """Calls a function of the library on as many threads as there are blocks."""
    task.blocks, task.next = blocks, 0
    if blocks == 1:
        call(ctypes.byref(task))
    else:
        _parallel()(call, task)


@functools.cache
def _parallel() -> Callable[[Any, Task], None]:
    """How to call a function on several threads: by torch's own OpenMP, or else by threads of Python."""
    openmp = host.c_function("GOMP_parallel")
    if openmp is None:
        return _by_python_threads
    openmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)
    openmp.restype = None

    def by_openmp(call: Any, task: Task) -> None:
        openmp(ctypes.cast(call, ctypes.c_void_p), ctypes.byref(task), task.blocks, 0)

    return by_openmp


def _by_python_threads(call: Any, task: Task) -> None:
    """The caller does its share; ctypes lets go of the interpreter's lock meanwhile."""
    others = [_threads().submit(call, ctypes.byref(task)) for _ in range(task.blocks - 1)]
    call(ctypes.byref(task))
    for other in others:
        other.result()


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, torch.get_num_threads() - 1), thread_name_prefix="chargru")
