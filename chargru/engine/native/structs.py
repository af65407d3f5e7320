"""The structs of the kernels, field by field, and whether a library has the same. Without torch."""

import ctypes
from typing import Any

Fields = tuple[tuple[str, Any], ...]


def _fields(kind: Any, names: str) -> Fields:
    return tuple((name, kind) for name in names.split())


WINDOW: Fields = (
    *_fields(ctypes.c_int64, "steps lanes hidden padded before keep blocks next"),
    *_fields(ctypes.c_void_p, "ids table rows weight packed rounded b_hn h_0 h"),
    *_fields(ctypes.c_void_p, "d_h d_last d_0 carried d_bias d_table sum left right right_0"),
    *_fields(ctypes.c_int64, "left_count left_stride right_count right_stride"),
)
"""`window` of window.h."""

HEAD: Fields = (
    *_fields(ctypes.c_int64, "rows lanes hidden vocabulary blocks next"),
    *_fields(ctypes.c_void_p, "h kept weight bias targets downwards across biases space nats d_h d_weight d_bias"),
)
"""`head` of head.h."""


class _Field(ctypes.Structure):
    """One entry of a table that a library exports; the last one has no name, and the size of the whole struct."""

    _fields_ = (("name", ctypes.c_char_p), ("offset", ctypes.c_int64), ("size", ctypes.c_int64))


def difference(library: ctypes.CDLL, table: str, fields: Fields) -> str:
    """Where the struct that a library describes in `table` is not `fields`, in one line; empty if it is."""
    own = type("Own", (ctypes.Structure,), {"_fields_": fields})
    expected = [(name, getattr(own, name).offset, getattr(own, name).size) for name, _ in fields]
    entries = ctypes.cast(getattr(library, table), ctypes.POINTER(_Field))
    for number, field in enumerate([*expected, ("", 0, ctypes.sizeof(own))]):
        entry = entries[number]
        found = ((entry.name or b"").decode(), int(entry.offset), int(entry.size))
        if found != field:
            return f"{table} has {found} where {field} is expected"
    return ""
