"""The corpus: files, folders and standard input become one text, and the text is split in two.

Bytes are decoded whole, so line ends stay as they are; nothing is put between two files. Whatever cannot be
a text is refused with a line that says why; nothing is skipped or replaced in silence.
"""

from __future__ import annotations

import codecs
import hashlib
import itertools
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
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
from chargru.text.files import STDIN, shown
from chargru.text.reading import OnBytes, Reader, sizes

_STEM_LENGTH = 48  # characters; with four bytes each still a file name
_LEAST_TRAINING = 2  # characters: one to read, one to predict
_BYTE_ORDER_MARKS = (
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
)
_PACKED_SIGN = b"\x1f\x8b"
_HEAD = 4096  # bytes of a file by which its encoding is guessed
_LOOKED_AT = 64  # blocks in which a NUL is looked for behind what cannot be decoded
_HASHED = 1 << 20  # characters at once
_SURROGATE = re.compile(r"[\ud800-\udfff]")  # unicode_escape and utf-7 let it through; UTF-8 cannot hold it
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
        found = hashlib.sha256()
        for start in range(0, len(self.text), _HASHED):
            found.update(self.text[start : start + _HASHED].encode("utf-8", "surrogatepass"))
        return found.hexdigest()

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
    on_more: OnBytes = None,
    on_bytes: OnBytes = None,
) -> Corpus:
    """The text of `paths`, joined with nothing between.

    A path is a file, a gzip file (`*.gz`), a directory or "-" for `stdin` (sys.stdin if None). Of a directory all files
    are read that have one of the `suffixes` (`files.TEXT_SUFFIXES` if there are none), recursive, sorted; hidden files
    and directories, linked directories and binary files are left out, and a note counts what else was. A byte-order
    mark at the start of a file is dropped, with a note. `on_more` is called with how many bytes there are to read, if
    the files say so, `on_bytes` with how many were read since its last call. TextError for whatever cannot be read as
    text, and for what does not fit in the memory.
    """
    arguments = tuple(str(path) for path in paths)
    _require_readable(arguments, encoding)
    found = of.find(arguments, of.chosen_suffixes(suffixes))
    if on_more is not None:
        on_more(sizes(found.files))
    reader, text = Reader(stdin, on_bytes), ""
    read, notes = [], []
    for file in found.files:
        try:
            piece, marked = _text_of(reader, file, encoding, alone=len(found.files) == 1)
        except _BinaryError:
            if file not in found.listed:
                raise
            found.left_out["binary"] += 1
            continue
        read.append(file)
        text += piece
        notes += [f"{shown(file)}: dropped the byte-order mark at its start"] if marked else []
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


def _require_readable(arguments: tuple[str, ...], encoding: str) -> None:
    if arguments.count(STDIN) > 1:
        raise TextError("standard input is given twice", "give - once")
    require_encoding(encoding)


def require_encoding(encoding: str) -> None:
    """Raises TextError for a name that is no text encoding's."""
    try:
        "a".encode(encoding)
    except (LookupError, ValueError) as error:
        raise TextError(
            f"there is no text encoding {encoding!r}", f"give {named('encoding')} utf-8, latin-1, cp1252, utf-16, ..."
        ) from error


# From bytes to text --------------------------------------------------------------------------------------


def _text_of(reader: Reader, file: str, encoding: str, *, alone: bool) -> tuple[str, bool]:
    """A file's text, and whether a byte-order mark was dropped from its start; `alone`: no other file is read."""
    blocks = reader.blocks(file)
    first = next(blocks, b"")
    head, text = first[:_HEAD], ""
    pieces = _decoded(itertools.chain((first,), blocks), head, shown(file), encoding, alone=alone)
    start = next(pieces, "")
    eaten = codecs.lookup(encoding).name in _MARK_EATING and head.startswith(_BYTE_ORDER_MARKS)
    reader.require_room(file, start)
    text += start.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    for piece in pieces:
        reader.require_room(file, piece)
        text += piece  # in place, where CPython sees that nobody else has this text: it is never there twice
    return text, eaten or start.startswith("\ufeff")


def _decoded(blocks: Iterator[bytes], head: bytes, name: str, encoding: str, *, alone: bool) -> Iterator[str]:
    """The text of the blocks, in pieces that are not empty. Raises TextError."""
    decoder, done = _decoder(encoding, head), 0
    for block in itertools.chain(blocks, (b"",)):
        waiting = len(decoder.getstate()[0])
        try:
            piece = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            _raise_undecodable(_Undecodable(error, done - waiting, head, blocks), name, encoding, alone=alone)
        except UnicodeError as error:
            raise TextError(f"{name} is not {encoding}: {error}", f"name its {named('encoding')}") from error
        if "\0" in piece:
            _raise_binary(head, name)
        if not piece.isascii() and _SURROGATE.search(piece):
            message = f"{name} has a lone surrogate, which is not a character"
            raise TextError(message, f"name its {named('encoding')}")
        done += len(block)
        if piece:
            yield piece


def _decoder(encoding: str, head: bytes) -> codecs.IncrementalDecoder:
    """Without a byte-order mark UTF-16 and UTF-32 are those of this machine, as they are for `bytes.decode`."""
    if codecs.lookup(encoding).name in ("utf-16", "utf-32") and not head.startswith(_BYTE_ORDER_MARKS):
        encoding = f"{codecs.lookup(encoding).name}-{'le' if sys.byteorder == 'little' else 'be'}"
    return codecs.getincrementaldecoder(encoding)()


@dataclass(frozen=True)
class _Undecodable:
    """Where decoding failed: the error, the offset of its bytes in the file, how the file begins, and what follows."""

    error: UnicodeDecodeError
    offset: int
    head: bytes
    rest: Iterator[bytes]

    def has_nul(self) -> bool:
        """Whether there is a NUL from here on, as far as one looks."""
        return b"\0" in self.error.object or any(b"\0" in block for block in itertools.islice(self.rest, _LOOKED_AT))


def _raise_undecodable(found: _Undecodable, name: str, encoding: str, *, alone: bool) -> NoReturn:
    error = found.error
    likely, hint = "latin-1", f"name its encoding, for example {named('encoding', 'latin-1')}"
    if not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        if wide := _wide_encoding(found.head):
            likely, hint = wide, f"it may be {named('encoding', wide)}"
        elif found.head.startswith(_PACKED_SIGN) or found.has_nul():
            _raise_binary(found.head, name)
    if not alone:
        hint = f"{named('encoding', likely)} would be for all the files; convert this one"
        if name != shown(STDIN) and not name.endswith(of.PACKED):
            hint += f": iconv -f {likely} -t {encoding} {host.quoted(name)} > NEW"
    called = encoding.upper() if encoding.lower().startswith("utf") else encoding
    byte = error.object[error.start : error.start + 1]  # none where punycode ends too early, from Python 3.13 on
    where = f"{f'byte 0x{byte[0]:02X}' if byte else 'it ends'} at byte offset {found.offset + error.start}"
    raise TextError(f"{name} is not {called}: {where} ({error.reason})", hint) from error


def _raise_binary(head: bytes, name: str) -> NoReturn:
    if head.startswith(_PACKED_SIGN):
        again = " twice" if name.endswith(of.PACKED) else ""
        raise _BinaryError(f"{name} is compressed with gzip{again}", "unpack it, and give what is in it")
    message = f"{name} looks binary: it has NUL characters"
    if wide := _wide_encoding(head):
        raise TextError(message, f"it may be {named('encoding', wide)}")
    raise _BinaryError(message, "give a text file, or take them out with tr -d '\\000'")


def _wide_encoding(head: bytes) -> str | None:
    """The encoding of two or four bytes a character that a file which begins so seems to have.

    By its byte-order mark, else by zeros in every other byte and there only, as Latin letters have them.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) > 0 or max(even, odd) <= 3 * len(head) // 8:
        return None
    return "utf-16-le" if odd else "utf-16-be"
