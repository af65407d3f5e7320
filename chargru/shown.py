"""Values that show themselves: `repr` in a line, `str` as the command prints it, HTML in a notebook.

What is printed or shown as HTML is written by `show`, which is called by name: the one arrow that runs up.
"""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any

FORMATS = "chargru.show.formats"

LONGEST_REPR = 180
"""Characters of a `repr`."""

LONGEST_GIVEN = 120
"""Characters of what somebody gave that a message repeats."""

MEGABYTE = 1_000_000

NOT_WRITTEN = {"written": False}
"""The metadata of a field that is not part of the fact's document."""

_JOINERS = "\u200c\u200d"
_SPACES = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_BEFORE_NUMBERS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
_SOFT_HYPHEN = "\xad"
_READ = f"\n\t{_JOINERS}{_SOFT_HYPHEN}{_SPACES}{_BEFORE_NUMBERS}"
"""Not printable to Python, and yet a part of what people read."""

_FLAG = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)")
"""A black flag and the tags that say of which region: England, Scotland, Wales."""

_LONGEST_STRING = 30
_SHORT = 4
"""A sequence of so many numbers or strings is written out, a longer one counted."""


class Brief:
    """A value whose `repr` is one line of at most LONGEST_REPR characters: arrays by shape, long parts by their size.

    A dataclass that inherits from it keeps this `repr`. Its words are its fields' unless it has an `in_brief`.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__repr__" not in vars(cls):
            setattr(cls, "__repr__", cls.__repr__)  # noqa: B010 -- in the class itself, so that @dataclass leaves it

    def __repr__(self) -> str:
        words = one_line(self.in_brief())
        room = LONGEST_REPR - len(type(self).__name__) - 3
        return f"<{type(self).__name__} {words if len(words) <= room else f'{words[: room - 3]}...'}>"

    def in_brief(self) -> str:
        """The words of `repr`."""
        return ", ".join(_fields(self))


class Shown(Brief):
    """A fact whose `str` is what the command prints, and whose HTML a notebook shows."""

    def __str__(self) -> str:
        return str(_formats().show(self))

    def _repr_html_(self) -> str:
        return html(self)


def html(fact: object) -> str:
    """What a notebook shows of a fact."""
    return str(_formats().html(fact))


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 layer, 2,000 layers."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def megabytes(n_bytes: int, of: int = 0) -> str:
    """So many bytes in words: 3 MB; with a total, 3 of 2,000 MB."""
    total = f" of {of // MEGABYTE:,}" if of else ""
    return f"{n_bytes // MEGABYTE:,}{total} MB"


def in_short(text: str, most: int = LONGEST_GIVEN) -> str:
    """What somebody gave, for a message: its two ends if it has more than `most` characters."""
    if len(text) <= most:
        return text
    end = most // 2 - 2
    return f"{text[:end]}...{text[-end:]}"


def quoted(text: str) -> str:
    """The same in quotes."""
    return repr(in_short(text))


def readable(text: str) -> str:
    """The same text for a person at a terminal, or in a notebook: what would steer the reader is shown escaped.

    That is every control character but newline and tab, the characters that turn the direction of a text or cannot be
    seen, lone halves of a pair, and what Unicode does not know. Letters of any direction stay as they are, and so do
    spaces, soft hyphens, the joiners that Persian, Hindi and emoji need, the tags of a flag, and the signs that stand
    before Arabic numbers. Where a program reads (a pipe, a file), text goes as it is.
    """
    if text.isprintable():
        return text
    escapes = {ord(char): _escaped(char) for char in set(text) if not (char in _READ or char.isprintable())}
    parts = _FLAG.split(text)
    parts[::2] = [part.translate(escapes) for part in parts[::2]]  # every other one is a flag
    return "".join(parts)


def one_line(text: str) -> str:
    """The same text with what would break a line, steer a terminal, or look like another space shown escaped."""
    return "".join(char if char.isprintable() or char in _JOINERS else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _fields(value: Any) -> Iterator[str]:
    for field in fields(value):
        found = getattr(value, field.name)
        default = field.default is not MISSING and found is field.default
        if field.name == "checkpoint" and found is not None:
            yield f"of {Path(found).name}"
        elif hasattr(found, "dtype"):
            yield f"{field.name} ({', '.join(map(str, found.shape))})"
        elif field.repr and found is not None and not default:
            yield f"{field.name}={_brief(found)}"


def _brief(value: Any) -> str:
    """One field: short values as they are, other ones by their size or kind."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, str | Path):
        text = str(value)
        return repr(text if len(text) <= _LONGEST_STRING else f"{text[: _LONGEST_STRING - 3]}...")
    if isinstance(value, int | None):
        return repr(value)
    if isinstance(value, tuple | list | dict):
        return _several(value)
    return type(value).__name__


def _several(values: "tuple[Any, ...] | list[Any] | dict[str, Any]") -> str:
    if len(values) <= _SHORT and all(isinstance(one, int | float | str) for one in values):
        return f"({', '.join(map(_brief, values))})"
    return f"({counted(len(values), 'item')})"


def _formats() -> Any:
    return import_module(FORMATS)
