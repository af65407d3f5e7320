"""Targets: bytes as a text in some encoding, a packed text, the arguments that name texts, and the ids of a text."""

import gzip
import json
import random
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from chargru.text.corpus import read_corpus
from chargru.text.vocabulary import Vocabulary
from tests.fuzz.target import Target

ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-7", "latin-1", "cp1252", "ascii"),
    *("gb18030", "big5", "shift_jis", "iso2022_jp", "euc_kr", "punycode", "raw_unicode_escape"),
)
TEXT = "Ὁ γέρος, café, 猫坐在墊子上。 👩\u200d👧\r\n\tend"


def _decodable() -> Iterator[bytes]:
    """The first byte chooses the encoding, the rest is the file."""
    for number, encoding in enumerate(ENCODINGS):
        yield bytes([number]) + TEXT.encode(encoding, "ignore")


def _decode(data: bytes, folder: Path) -> None:
    """What decodes must be what Python decodes at once, whatever the blocks are."""
    encoding = ENCODINGS[data[0] % len(ENCODINGS)] if data else "utf-8"
    (folder / "a.txt").write_bytes(data[1:])
    text = read_corpus([folder / "a.txt"], encoding=encoding).text
    assert text == data[1:].decode(encoding).removeprefix("\ufeff")


def _packed() -> Iterator[bytes]:
    for text in ("", TEXT, TEXT * 500):
        yield gzip.compress(text.encode(), mtime=0)
    yield gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0) + bytes(8)


def _unpack(data: bytes, folder: Path) -> None:
    (folder / "a.txt.gz").write_bytes(data)
    read_corpus([folder / "a.txt.gz"])


def _named() -> Iterator[bytes]:
    """Files to make, by name, then the arguments and the suffixes."""
    for files, arguments, suffixes in (
        ({"a.txt": "a", "d/b.md": "b", "d/e/c.py": "c"}, ["a.txt", "d"], [".py", "md"]),
        ({"a\nb.txt": "a", "\x1b[31m.txt": "b", "\u202e.gz": "c"}, [".", "d/../a\nb.txt"], []),
        ({"x" * 255: "a"}, ["x" * 256, "", "-", "a\0b", "\udcff"], ["."]),
    ):
        yield json.dumps([files, arguments, suffixes]).encode()


def _find(data: bytes, folder: Path) -> None:
    try:
        files, arguments, suffixes = json.loads(data)
        names = [str(name) for name in arguments if "/" not in str(name)[:1] and str(name) != "-"]
    except (ValueError, TypeError, RecursionError):
        return
    for name, content in files.items() if isinstance(files, dict) else ():
        _make(folder, name, str(content))
    with chdir(folder):
        read_corpus(names or ["."], suffixes=[str(one) for one in suffixes] if isinstance(suffixes, list) else [])


def _make(folder: Path, name: str, content: str) -> None:
    """A file in the folder, if the system takes such a name."""
    try:
        path = (folder / name).resolve()
        if folder.resolve() in path.parents:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", errors="surrogatepass")
    except (OSError, ValueError):
        pass


def _vocabularies() -> Iterator[bytes]:
    """A vocabulary and a text."""
    for entries, text in (("abc", "cab"), ([None, "é", "猫"], "猫x"), (["\ud800", "😀"], "😀"), ([], "")):
        yield json.dumps([list(entries), text]).encode()


def _encode(data: bytes, _: Path) -> None:
    """Characters that are known come back as they were."""
    try:
        entries, text = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return
    vocabulary, text = Vocabulary.from_document(entries), str(text)
    known = "".join(character for character in text if character in set(vocabulary.characters))
    assert vocabulary.decode(vocabulary.encode(known)) == known
    assert len(vocabulary.encode(text)) == len(text)


def _bytes_of_json(draw: random.Random, data: bytes) -> bytes:
    """One character of the JSON for another that JSON or a path could be broken by."""
    text = data.decode("utf-8", "replace")
    at = draw.randrange(max(1, len(text)))
    return (
        text[:at]
        + draw.choice(('"', "\\u0000", "\\ud800", "..", "/", "[", "{", "1e999", "null", "猫"))
        + text[at + 1 :]
    ).encode()


TARGETS = (
    Target("decode", _decodable, _decode),
    Target("gzip", _packed, _unpack),
    Target("corpus", _named, _find, _bytes_of_json),
    Target("vocabulary", _vocabularies, _encode, _bytes_of_json),
)
