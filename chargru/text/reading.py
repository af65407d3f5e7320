"""The bytes of files, block by block, so that no file is held whole beside its text.

What has no end, and what would not fit, is refused in time: a stream when the memory runs short, a packed file when it
opens to far more than any text does.
"""

import gzip
import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from chargru import host, memory
from chargru.errors import TextError
from chargru.shown import megabytes
from chargru.text.files import PACKED, STDIN, raise_unreadable, shown

BLOCK = 1 << 20
"""Bytes read at once."""

MOST_PACKED = 100
"""A packed file may open to so many times its size. Text packs to a third or a tenth."""

ALWAYS_OPENED = 64 << 20
"""Bytes to which a packed file may open in any case."""

SPARE = 256 << 20
"""Bytes of memory that reading leaves free."""

_ASKED_EVERY = 32 << 20
"""Bytes of text between two questions for the free memory."""

_WIDE = {4: re.compile("[^\0-\uffff]"), 2: re.compile("[^\0-\xff]")}
"""Characters that make Python keep so many bytes for each one of their text."""


OnBytes = Callable[[int], None] | None


@dataclass
class Reader:
    """Reads files, and calls `on_bytes` with how many bytes were read since its last call (of a packed file: packed).

    `stdin` is standard input, sys.stdin if None. `unpacked` counts the bytes that were handed on, of all files,
    `characters` those of the text that came of them, and `width` is how many bytes Python keeps for each.
    """

    stdin: BinaryIO | None = None
    on_bytes: OnBytes = None
    unpacked: int = 0
    characters: int = 0
    width: int = 1

    def blocks(self, file: str) -> Iterator[bytes]:
        """The bytes of a file, unpacked if its name ends in .gz, or of standard input. Raises TextError."""
        opened = self._stdin() if file == STDIN else _open(file)
        try:
            for block in _unpacked(file, opened, self._told) if file.endswith(PACKED) else self._plain(opened):
                self.unpacked += len(block)
                yield block
        except OSError as error:
            raise_unreadable(file, error)
        finally:
            if file != STDIN:
                opened.close()

    def _stdin(self) -> BinaryIO:
        if self.stdin is None and sys.stdin is None:
            raise TextError("standard input is closed", "give a file instead of -")
        return self.stdin or sys.stdin.buffer

    def _plain(self, opened: BinaryIO) -> Iterator[bytes]:
        """The blocks of a file that is not packed; of one that grows only what it had when it was opened."""
        left = _size(opened) or sys.maxsize  # a file of /proc says 0 and has more
        while left and (block := opened.read(min(BLOCK, left))):
            left -= len(block)
            self._told(len(block))
            yield block

    def _told(self, n_bytes: int) -> None:
        if self.on_bytes is not None:
            self.on_bytes(n_bytes)

    def require_room(self, file: str, piece: str) -> None:
        """Raises TextError where the text with this piece would leave too little memory.

        The ids need about as much again as the text, and so does the text itself when its first wider character comes.
        """
        before, widened = self.characters * self.width // _ASKED_EVERY, _width(piece, self.width)
        self.characters, self.width = self.characters + len(piece), widened
        needed = self.characters * self.width
        if before == needed // _ASKED_EVERY:
            return
        free = memory.free()
        if free is not None and free < needed + SPARE:
            message = (
                f"{shown(file)} is too large: {megabytes(self.unpacked)} were read, "
                f"and only {megabytes(free)} of memory is left for the ids"
            )
            raise TextError(message, "give a part of it: head -c 100M writes the first 100 MB")


def _width(piece: str, least: int) -> int:
    """Bytes that Python keeps for each character of such a text, no fewer than `least`."""
    if piece.isascii():
        return least
    return next((width for width, wide in _WIDE.items() if width > least and wide.search(piece)), least)


def sizes(files: list[str]) -> int:
    """Bytes of those of the files that say how many they have."""
    found = 0
    for file in files:
        try:
            found += 0 if file == STDIN else Path(file).stat().st_size
        except (OSError, ValueError):  # the reader says so
            continue
    return found


def _open(file: str) -> BinaryIO:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise_unreadable(file, error)


def _size(opened: BinaryIO) -> int:
    """Bytes of a file; 0 of a pipe and of what is no file of the system."""
    try:
        found = os.fstat(opened.fileno())
    except OSError:  # io.UnsupportedOperation too
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


class _Counted(io.RawIOBase):
    """A file that counts what was read of it."""

    def __init__(self, opened: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._opened, self._on_bytes = opened, on_bytes
        self.read_so_far = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into the buffer; how many bytes."""
        block = self._opened.read(len(buffer))
        buffer[: len(block)] = block
        self.read_so_far += len(block)
        self._on_bytes(len(block))
        return len(block)


def _unpacked(file: str, opened: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    """The blocks that a gzip file opens to, all its members one after the other. Raises TextError."""
    packed, size, done = _Counted(opened, on_bytes), _size(opened), 0
    unpacking = gzip.GzipFile(fileobj=io.BufferedReader(packed, BLOCK))
    while True:
        try:
            block = unpacking.read(BLOCK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            message = f"{shown(file)} is not a whole gzip file: {error}"
            raise TextError(message, "make it again, or name it without .gz if it is plain text") from error
        if not block:
            return
        done += len(block)
        if done > max(ALWAYS_OPENED, MOST_PACKED * max(size, packed.read_so_far)):
            message = f"{shown(file)} unpacks to more than {MOST_PACKED} times its size, which no text does"
            raise TextError(message, f"if it is right, unpack it and give that file: gunzip -k {host.quoted(file)}")
        yield block
