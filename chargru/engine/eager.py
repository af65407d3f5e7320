"""What lets the layer and the head compute the same under torch.compile and under autocast as without them."""

import functools
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor
from torch._compile import _disable_dynamo

P = ParamSpec("P")
R = TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """`function`, which torch.compile leaves out of its graphs, with all that it calls.

    The compiler would not see that a kernel reads and writes tensors through their addresses. This is
    torch.compiler.disable, which imports the compiler for a second; without the compiler nothing is compiled.
    """
    disabled = _disable_dynamo(function)  # imports the compiler when it is first called

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return disabled(*args, **kwargs) if "torch._dynamo" in sys.modules else function(*args, **kwargs)

    return call


def without_autocast(like: Tensor) -> AbstractContextManager[object]:
    """A context in which products of tensors such as `like` have their type."""
    return torch.autocast(like.device.type, enabled=False) if _in_autocast(like) else nullcontext()


def converted(tensor: Tensor, like: Tensor) -> Tensor:
    """`tensor`; under autocast in the type of `like`, if it has the one that other layers return there."""
    if _in_autocast(like) and tensor.dtype == torch.get_autocast_dtype(like.device.type):
        return tensor.to(like.dtype)
    return tensor


def _in_autocast(like: Tensor) -> bool:
    device = like.device.type
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
