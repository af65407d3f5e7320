"""The vocabulary: which character has which id.

A character is one Unicode code point; position in `characters` = id. Texts go through UTF-32, four bytes
a character, so that NumPy sees an array of code points and a megabyte takes some milliseconds; a part at a time, so
that nothing is ever four times as large as the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from chargru.errors import DamagedRunError, SettingError, TextError, UnknownCharacterError
from chargru.shown import Brief, counted

Ids = NDArray[np.integer[Any]]

_UNICODE_SIZE = 0x110000  # code points 0 to 0x10FFFF
_PART = 1 << 20  # characters
_IN_BRIEF = 40  # characters
_LACKING = -1  # in the table of ids: the vocabulary lacks this code point
_DEFAULT_HINT = "leave such characters out, or train on a text that has them"


@dataclass(frozen=True)
class Vocabulary(Brief):
    """The characters a model knows; position = id.

    `None` is the unknown symbol: at most one entry, never sampled; every character that is not in the
    vocabulary gets its id.
    """

    characters: tuple[str | None, ...]

    def in_brief(self) -> str:
        """How many there are, and the first of them."""
        first = "".join(character or "" for character in self.characters[:_IN_BRIEF])
        more = " ..." if len(self) > _IN_BRIEF else ""
        return f"of {counted(len(self), 'character')}, {first!r}{more}"

    @classmethod
    def from_text(cls, text: str) -> Vocabulary:
        """The sorted set (by code point) of the characters of `text`; TextError if it is empty."""
        if not text:
            raise TextError("the text is empty", "give a text of at least 2 characters")
        seen = np.zeros(_UNICODE_SIZE, dtype=bool)
        for part in _parts(text):
            seen[_code_points(part)] = True
        return cls(tuple(chr(code) for code in np.flatnonzero(seen)))

    def grown(self, text: str) -> Vocabulary:
        """The same ids, the unknown symbol's too, and after them the characters of `text` that are lacking, sorted.

        TextError if `text` is empty.
        """
        lacking = set(Vocabulary.from_text(text).characters) - set(self.characters)
        return Vocabulary((*self.characters, *sorted(filter(None, lacking))))

    @classmethod
    def from_document(cls, document: object) -> Vocabulary:
        """The vocabulary that `to_document` wrote; DamagedRunError if `document` is not such a list."""
        if not isinstance(document, list) or not any(isinstance(entry, str) for entry in document):
            raise DamagedRunError("the vocabulary is not a list of characters")
        for id_, entry in enumerate(document):
            if entry is not None and not (isinstance(entry, str) and len(entry) == 1):
                raise DamagedRunError(f"entry {id_} of the vocabulary is neither one character nor null")
        if len(set(document)) < len(document):
            repeated = next(entry for entry, times in Counter(document).items() if times > 1)
            named = "null" if repeated is None else _shown(repeated)
            raise DamagedRunError(f"the vocabulary has {named} twice")
        return cls(tuple(document))

    def to_document(self) -> list[str | None]:
        """The vocabulary as a JSON list."""
        return list(self.characters)

    def __len__(self) -> int:
        return len(self.characters)

    @property
    def unknown_id(self) -> int | None:
        """The id of the unknown symbol; None if there is no such symbol."""
        return self.characters.index(None) if None in self.characters else None

    def encode(
        self,
        text: str,
        *,
        unknown: Literal["error", "skip"] = "error",
        where: str = "the text",
        hint: str = _DEFAULT_HINT,
    ) -> Ids:
        """The ids of `text`, (N,), in the smallest unsigned dtype that holds every id.

        A character that the vocabulary lacks gets the unknown symbol's id. Without such a symbol "skip"
        leaves it out, and "error" raises UnknownCharacterError, which names the character and its place
        in `where` and carries `hint`.
        """
        found, done = np.empty(len(text), np.min_scalar_type(len(self) - 1)), 0
        for part in _parts(text):
            ids = self._ids(_code_points(part))
            lacking = ids == _LACKING
            if lacking.any():
                if self.unknown_id is not None:
                    ids[lacking] = self.unknown_id
                elif unknown == "skip":
                    ids = ids[~lacking]
                else:
                    raise UnknownCharacterError(self._unknown_message(text, where), hint)
            found[done : done + len(ids)] = ids
            done += len(ids)
        return found[:done]

    def has_id(self, text: str) -> NDArray[np.bool_]:
        """Which characters of `text` have an id, (N,): those that `encode` does not leave out."""
        if self.unknown_id is not None:
            return np.ones(len(text), dtype=bool)
        known = np.empty(len(text), dtype=bool)
        for start, part in zip(range(0, len(text), _PART), _parts(text), strict=True):
            known[start : start + _PART] = self._ids(_code_points(part)) != _LACKING
        return known

    def _ids(self, codes: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The id of each code point, _LACKING where the vocabulary lacks it."""
        return self._id_of_code[np.minimum(codes, len(self._id_of_code) - 1)]

    def _unknown_message(self, text: str, where: str) -> str:
        """What is unknown, where it stands first (1-based line and column), how often; how many others."""
        lacking = ~self.has_id(text)
        first = int(lacking.argmax())
        line = text.count("\n", 0, first) + 1
        column = first - text.rfind("\n", 0, first)
        times = text.count(text[first])
        others = len(set(Vocabulary.from_text(text).characters) - set(self.characters)) - 1
        message = (
            f"{where}, line {line}, column {column}: the character {_shown(text[first])} is not in the vocabulary; "
            f"it occurs {times} time{'s' * (times != 1)}"
        )
        if others:
            message += f", and {others} other character{'s are' if others != 1 else ' is'} missing too"
        return message

    def decode(self, ids: Sequence[int] | Ids) -> str:
        """The text of `ids`; the unknown symbol reads as U+FFFD. SettingError if there is no such id."""
        array = np.asarray(ids, dtype=np.int64)
        outside = array[(array < 0) | (array >= len(self))]
        if outside.size:
            raise SettingError(
                f"there is no id {outside[0]} in a vocabulary of {len(self)} characters",
                f"give ids from 0 to {len(self) - 1}",
            )
        return self._code_of_id[array].tobytes().decode("utf-32-le", "surrogatepass")

    @cached_property
    def _code_of_id(self) -> NDArray[np.uint32]:
        """Code point of each id, (V,)."""
        return _code_points("".join(character or "\N{REPLACEMENT CHARACTER}" for character in self.characters))

    @cached_property
    def _id_of_code(self) -> NDArray[np.int32]:
        """Id of each code point, _LACKING where there is none; the last entry stands for all beyond it."""
        id_of_code = np.full(int(self._code_of_id.max()) + 2, _LACKING, dtype=np.int32)
        for id_, character in enumerate(self.characters):
            if character is not None:
                id_of_code[ord(character)] = id_
        return id_of_code


def _parts(text: str) -> Iterator[str]:
    """The text in pieces of _PART characters."""
    return (text[start : start + _PART] for start in range(0, len(text), _PART))


def _code_points(text: str) -> NDArray[np.uint32]:
    """The code points of `text`, (N,). A lone surrogate (argv may bring one) counts as a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _shown(character: str) -> str:
    return f"{character!r} (U+{ord(character):04X})"
