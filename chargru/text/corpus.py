"""The corpus: files, folders and standard input become one text, and the text is split in two.

Bytes are decoded whole, so line ends stay as they are; nothing is put between two files. Whatever cannot be
a text is refused with a line that says why; nothing is skipped or replaced in silence.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import os
import re
import sys
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from pathlib import Path
from typing import BinaryIO, NoReturn

from chargru import host
from chargru.errors import TextError, check_setting, named
from chargru.shown import Brief, counted
from chargru.text import files as of
from chargru.text.files import STDIN, raise_unreadable, shown

_STEM_LENGTH = 48  # characters; with four bytes each still a file name
_LEAST_TRAINING = 2  # characters: one to read, one to predict
_BYTE_ORDER_MARKS = (
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
)
_MARK_EATING = ("utf-8-sig", "utf-16", "utf-32")  # encodings that drop the byte-order mark by themselves


@dataclass(frozen=True)
class Corpus(Brief):
    """A text and where it comes from.

    `paths` are the arguments as given, `files` what was read for them in this order ("-" is standard
    input), `notes` what the user should be told.
    """

    text: str
    paths: tuple[str, ...]
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def in_brief(self) -> str:
        """Its length, and where it comes from."""
        return f"of {counted(len(self.text), 'character')} from {', '.join(self.paths) or 'no file'}"

    @cached_property
    def sha256(self) -> str:
        """The text's fingerprint: SHA-256 of its UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def stem(self) -> str:
        """A name for a run on this text, from the first argument; safe as a file name, never empty.

        A file's name without its suffix (.txt.gz counts as one), a directory's name, or "stdin"; Unicode
        letters and digits, `.`, `_` and `-` stay, the rest becomes `-`.
        """
        first = self.paths[0]
        if first == STDIN:
            return "stdin"
        name = Path(os.path.abspath(first)).name  # noqa: PTH100 -- of "." too, links not followed
        if first in self.files:
            name = Path(name.removesuffix(".gz")).stem
        name = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", name))
        return name[:_STEM_LENGTH].strip(".-") or "text"


def read_corpus(
    paths: Sequence[str | Path],
    *,
    encoding: str = "utf-8",
    suffixes: Sequence[str] = (),
    stdin: BinaryIO | None = None,
) -> Corpus:
    """The text of `paths`, joined with nothing between.

    A path is a file, a gzip file (`*.gz`), a directory or "-" for `stdin` (sys.stdin if None). Of a directory all files
    are read that have one of the `suffixes` (`files.TEXT_SUFFIXES` if there are none), recursive, sorted; hidden files
    and directories, linked directories and binary files are left out, and a note counts what else was. A byte-order
    mark at the start of a file is dropped, with a note. TextError for whatever cannot be read as text.
    """
    arguments = tuple(str(path) for path in paths)
    _require_encoding(encoding)
    if arguments.count(STDIN) > 1:
        raise TextError("standard input is given twice", "give - once")
    found = of.find(arguments, of.chosen_suffixes(suffixes))
    read, pieces, notes = [], [], []
    for file in found.files:
        data = _read_stdin(stdin) if file == STDIN else _read_file(file)
        try:
            piece, marked = _decode(data, shown(file), encoding, alone=len(found.files) == 1)
        except _BinaryError:
            if file not in found.listed:
                raise
            found.left_out["binary"] += 1
            continue
        read.append(file)
        pieces.append(piece)
        if marked:
            notes.append(f"{shown(file)}: dropped the byte-order mark at its start")
    text = "".join(pieces)
    if not text:
        raise _no_text(read or found.files, binary=not read)
    return Corpus(text, arguments, tuple(read), tuple(filter(None, (found.note(), *notes))))


class _BinaryError(TextError):
    """A file is no text in any encoding; in a directory it is left out."""


def _no_text(files: Sequence[str], *, binary: bool) -> TextError:
    what = f"{shown(files[0])} is" if len(files) == 1 else f"the {len(files)} files are"
    return TextError(f"{what} {'binary' if binary else 'empty'}", "give a file with some text in it")


def split_point(n_characters: int, validation_fraction: float) -> int:
    """How many of `n_characters` train: floor(n (1 - fraction)); the rest, contiguous, validates.

    Exact in the fraction's decimal digits, so that 0.1 is a tenth. SettingError unless 0 <= fraction < 1;
    TextError if fewer than 2 characters are left to train on.
    """
    check_setting("validation_fraction", validation_fraction, 0 <= validation_fraction < 1, "at least 0 and below 1")
    training = floor(n_characters * (1 - Fraction(str(validation_fraction))))
    if training < _LEAST_TRAINING:
        raise TextError(
            f"the text is too small to train on: of its {n_characters} "
            f"character{'s' * (n_characters != 1)} {training} would train, at least {_LEAST_TRAINING} must",
            "give a longer text" + (f", or a smaller {named('validation_fraction')}" if validation_fraction else ""),
        )
    return training


def _require_encoding(encoding: str) -> None:
    try:
        "a".encode(encoding)
    except (LookupError, ValueError) as error:
        raise TextError(
            f"there is no text encoding {encoding!r}", f"give {named('encoding')} utf-8, latin-1, cp1252, utf-16, ..."
        ) from error


# From files to bytes -------------------------------------------------------------------------------------


def _read_stdin(stdin: BinaryIO | None) -> bytes:
    if stdin is None and sys.stdin is None:
        raise TextError("standard input is closed", "give a file instead of -")
    try:
        return (stdin or sys.stdin.buffer).read()
    except OSError as error:
        raise_unreadable(STDIN, error)


def _read_file(file: str) -> bytes:
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise_unreadable(file, error)
    if not file.endswith(".gz"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise TextError(
            f"{shown(file)} is not a whole gzip file: {error}",
            "make it again, or name it without .gz if it is plain text",
        ) from error


# From bytes to text --------------------------------------------------------------------------------------


def _decode(data: bytes, name: str, encoding: str, *, alone: bool) -> tuple[str, bool]:
    """The text of `data`, and whether a byte-order mark was dropped from its start; `alone`: no other file is read."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        _raise_undecodable(data, name, encoding, error, alone=alone)
    except UnicodeError as error:
        raise TextError(f"{name} is not {encoding}: {error}", f"name its {named('encoding')}") from error
    if "\0" in text:
        _raise_binary(data, name)
    eaten = codecs.lookup(encoding).name in _MARK_EATING and data.startswith(_BYTE_ORDER_MARKS)
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"), eaten or text.startswith("\ufeff")


def _raise_undecodable(data: bytes, name: str, encoding: str, error: UnicodeDecodeError, *, alone: bool) -> NoReturn:
    likely, hint = "latin-1", f"name its encoding, for example {named('encoding', 'latin-1')}"
    if not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        if wide := _wide_encoding(data):
            likely, hint = wide, f"it may be {named('encoding', wide)}"
        elif b"\0" in data:
            _raise_binary(data, name)
    if not alone:
        hint = f"{named('encoding', likely)} would be for all the files; convert this one"
        if name != shown(STDIN) and not name.endswith(of.PACKED):
            hint += f": iconv -f {likely} -t {encoding} {host.quoted(name)} > NEW"
    called = encoding.upper() if encoding.lower().startswith("utf") else encoding
    raise TextError(
        f"{name} is not {called}: byte 0x{data[error.start]:02X} at byte offset {error.start} ({error.reason})",
        hint,
    ) from error


def _raise_binary(data: bytes, name: str) -> NoReturn:
    message = f"{name} looks binary: it has NUL characters"
    if wide := _wide_encoding(data):
        raise TextError(message, f"it may be {named('encoding', wide)}")
    raise _BinaryError(message, "give a text file, or take them out with tr -d '\\000'")


def _wide_encoding(data: bytes) -> str | None:
    """The encoding of two or four bytes a character that `data` seems to have.

    By its byte-order mark, else by zeros in every other byte and there only, as Latin letters have them.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) > 0 or max(even, odd) <= 3 * len(head) // 8:
        return None
    return "utf-16-le" if odd else "utf-16-be"
