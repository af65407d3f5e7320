"""The kernels' library as ctypes sees it: its structs and its functions, each declared once. Without torch.

A struct stands in C and here. `declare` compares the two, as a field in another place would corrupt memory silently.
"""

import ctypes
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

CONSTANTS = ("vector_width", "multiple", "columns", "spare", "space", "tiles", "ready")


class Task(ctypes.Structure):
    """A struct of the kernels. Its pointers are set here alone, and keep what they point to alive."""

    blocks: int
    next: int

    def point(self, **memory: "Tensor | None") -> None:
        """Point each named field to contiguous memory, None to NULL; it lives as long as the struct, at least."""
        for name, each in memory.items():
            if each is not None and not each.is_contiguous():
                raise RuntimeError(f"internal error: {name} is not contiguous")
            self._point(name, None if each is None else each.data_ptr(), each)

    def point_rows(self, **memory: "Tensor") -> None:
        """The same for matrices whose rows may lie apart, if the numbers of a row lie side by side."""
        for name, each in memory.items():
            if not each.is_contiguous() and each.stride(1) != 1:
                raise RuntimeError(f"internal error: the rows of {name} are not contiguous")
            self._point(name, each.data_ptr(), each)

    def point_arrays(self, **arrays: NDArray[Any]) -> None:
        """The same for contiguous arrays of NumPy."""
        for name, array in arrays.items():
            if not array.flags.c_contiguous:
                raise RuntimeError(f"internal error: {name} is not contiguous")
            self._point(name, array.ctypes.data, array)

    def _point(self, name: str, address: int | None, memory: object) -> None:
        setattr(self, name, address)
        self.__dict__.setdefault("memory", {})[name] = memory


def _integers(*names: str) -> list[tuple[str, type]]:
    return [(name, ctypes.c_int64) for name in names]


def _pointers(*names: str) -> list[tuple[str, type]]:
    return [(name, ctypes.c_void_p) for name in names]


class WindowTask(Task):
    """The struct `window` of window.h, field by field."""

    _fields_ = (
        *_integers("steps", "lanes", "hidden", "padded", "before", "keep", "blocks", "next"),
        *_pointers("ids", "table", "rows", "weight", "packed", "rounded", "b_hn", "h_0", "h"),
        *_pointers("d_h", "d_last", "d_0", "carried", "d_bias", "d_table"),
        *_pointers("sum", "left", "right", "right_0", "space"),
        *_integers("left_count", "left_stride", "right_count", "right_stride"),
    )


class HeadTask(Task):
    """The struct `head` of head.h, field by field."""

    _fields_ = (
        *_integers("rows", "lanes", "hidden", "vocabulary", "blocks", "next"),
        *_pointers("h", "kept", "weight", "bias", "targets", "downwards", "across", "biases", "space"),
        *_pointers("nats", "d_h", "d_weight", "d_bias"),
    )


class Field(ctypes.Structure):
    """A row of what `window_layout` and `head_layout` return; the last one has no name and the size as its offset."""

    _fields_ = (("name", ctypes.c_char_p), ("offset", ctypes.c_int64), ("size", ctypes.c_int64))


WINDOW = ("pack_forward", "pack_backward", "forward", "backward", "scatter", "outer_products")
HEAD = ("head_begin", "head_loss")


def declare(library: ctypes.CDLL, *, head: bool) -> str:
    """Set the types of all functions that Python calls; return what does not fit Python's side, empty if all fits."""
    try:
        for name in CONSTANTS:
            _declare(library, name, ctypes.c_int64)
        mismatch = _declare_task(library, "window", WindowTask, WINDOW)
        if head and not mismatch:
            mismatch = _declare_task(library, "head", HeadTask, HEAD)
            _declare(library, "head_space", ctypes.c_int64, ctypes.POINTER(HeadTask))
    except AttributeError as error:
        return f"the library lacks a function ({error})"
    return mismatch


def _declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


def _declare_task(library: ctypes.CDLL, name: str, task: type[Task], functions: tuple[str, ...]) -> str:
    for function in functions:
        _declare(library, function, None, ctypes.POINTER(task))
    rows = _declare(library, f"{name}_layout", ctypes.POINTER(Field))()
    for i, (field, *_) in enumerate(task._fields_):
        there, here = rows[i], getattr(task, field)
        if (there.name.decode(), there.offset, there.size) != (field, here.offset, here.size):
            return f"the library's struct {name} has {there.name.decode() or 'no field'} where Python has {field}"
    end = rows[len(task._fields_)]
    return "" if (end.name, end.offset) == (b"", ctypes.sizeof(task)) else f"the library's struct {name} is longer"


def up_to(count: int, multiple: int) -> int:
    """`count` rounded up to a multiple."""
    return -(-count // multiple) * multiple
