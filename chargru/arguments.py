"""Arguments of the library, as they are given: read as what is meant, or refused by name.

NumPy's numbers are as good as Python's; what comes back is Python's, which JSON can hold.
"""

import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

from chargru import host
from chargru.errors import SettingError, named

_GIGABYTE = 1e9
_SMALL = 100_000_000
"""Bytes that are taken unasked."""


def whole(name: str, value: Any) -> int:
    """A whole number. Raises SettingError."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise _refused(name, value, "a whole number")
    return operator.index(value)


def real(name: str, value: Any) -> float:
    """A number. Raises SettingError."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _refused(name, value, "a number")
    return float(value)


def string(name: str, value: Any) -> str:
    """A string. Raises SettingError."""
    if not isinstance(value, str):
        raise _refused(name, value, "a string")
    return value


def several(name: str, values: Any) -> tuple[Any, ...]:
    """A list, or whatever gives one thing after another; but no string. Raises SettingError."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise _refused(name, values, "a list")
    return tuple(values)


READ = {int: whole, float: real, str: string, tuple: several}
"""By the type of what is meant."""


def require_memory(n_bytes: int, what: str, hint: str) -> None:
    """Raises SettingError where so many bytes, for what is named, are more than the memory that is free."""
    free = host.free_memory() if n_bytes > _SMALL else None
    if free is not None and n_bytes > free:
        message = f"{what} takes {n_bytes / _GIGABYTE:,.1f} GB of memory, and {free / _GIGABYTE:,.1f} GB are free"
        raise SettingError(message, hint)


def _refused(name: str, value: object, meant: str) -> SettingError:
    shown = repr(value)
    shown = shown if len(shown) <= 40 else f"of type {type(value).__name__}"
    return SettingError(f"{named(name)} is {shown}, but it must be {meant}", f"give {named(name)} another value")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Which of the known words was probably meant: the only one that begins so, else the one most like it, if any."""
    from difflib import get_close_matches

    words = list(known)
    begins = [one for one in words if word and one.lower().startswith(word.lower())]
    if len(begins) == 1:
        return begins[0]
    return next(iter(get_close_matches(word, words, n=1)), None)
