"""Mutations of JSON: of a document in the header of a safetensors file, of that header, and of lines of JSON."""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.fuzz.mutations import NASTY_TEXTS, mutated

KEY = "chargru"
DEEP = 3000
RAW = ("1e999", "-1e999", "NaN", "Infinity", "9" * 5000, "1" + "0" * 400, "1e308", "-0.0", "[" * DEEP + "]" * DEEP)
"""Written into a document as they are; the first and last ones are what Python's writer would not write."""
MARK = "\x01raw\x01"
NUMBERS = (0, 1, -1, 2, 0.5, 1e-320, 1e38, 1e308, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, 100_000)
VALUES = (None, True, False, "", [], {}, [[]], [None], ["a", "a"], {"a": 1}, "x" * 5000, [0] * 3000)
FLOATS = ("0000c07f", "0000807f", "ffff7f7f", "01000000", "99761676")
"""NaN, infinity, the largest, the least, 8e32."""
DTYPES = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "I64", "I32", "U8", "BOOL", "C64", "F4", "X")


def changed(rng: random.Random, data: bytes) -> bytes:
    """A file with one to three changes inside its JSON; bytes mutated where there is none."""
    try:
        return _safetensors(rng, data) if data[8:9] == b"{" else _lines(rng, data)
    except (ValueError, KeyError, UnicodeError):
        return mutated(rng, data)


def _safetensors(rng: random.Random, data: bytes) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header, tensors = json.loads(data[8 : 8 + length]), data[8 + length :]
    if rng.random() < 0.7:
        document = json.loads(header["__metadata__"][KEY])
        header["__metadata__"][KEY] = written(rng, document)
        text = json.dumps(header)
    else:
        text = _entries(rng, header) if rng.random() < 0.7 else written(rng, header)
    encoded = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.15:
        tensors = mutated(rng, tensors)
    if rng.random() < 0.1 and len(tensors) >= 4:
        at = rng.randrange(len(tensors) // 4) * 4
        value = rng.choice(
            ("0000c07f", "0000807f", "ffff7f7f", "01000000", "99761676")
        )  # NaN, inf, largest, least, 1e33
        tensors = tensors[:at] + bytes.fromhex(value) * rng.choice((1, 1, 50)) + tensors[at + 4 :]
    return len(encoded).to_bytes(8, "little") + encoded + tensors


def _entries(rng: random.Random, header: dict[str, Any]) -> str:
    """The header with another type, shape, place or name of one of its tensors."""
    names = [name for name in header if name != "__metadata__"]
    name = rng.choice(names)
    entry, kind = header[name], rng.randrange(5)
    if kind == 0:
        entry["dtype"] = rng.choice(DTYPES)
    elif kind == 1:
        entry["shape"] = rng.choice(([], entry["shape"][::-1], [*entry["shape"], 1], [0], [2**62, 4], [-1], [1.5]))
    elif kind == 2:
        entry["data_offsets"] = header[rng.choice(names)]["data_offsets"]
    elif kind == 3:
        header[rng.choice((*NASTY_TEXTS, rng.choice(names)))] = header.pop(name)
    else:
        del header[name]
    return json.dumps(header)


def _lines(rng: random.Random, data: bytes) -> bytes:
    lines = data.decode("utf-8").splitlines()
    at = rng.randrange(len(lines))
    lines[at] = written(rng, json.loads(lines[at]))
    if rng.random() < 0.3:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def written(rng: random.Random, document: Any) -> str:
    """The document as JSON, with one to three places changed."""
    raw = ""
    for _ in range(rng.choice((1, 1, 2, 3))):
        places = list(_places(document))
        if not places:
            break
        within, key = rng.choice(places)
        kind = rng.randrange(8)
        if kind == 0:
            del within[key]
        elif kind == 1 and isinstance(within, dict):
            within[rng.choice(NASTY_TEXTS)] = within.pop(key)
        elif kind == 2:
            within[key] = rng.choice(list(_places(document)))[0]
            if _is_round(document):
                within[key] = None
        elif kind == 3:
            raw, within[key] = rng.choice(RAW), MARK
        else:
            within[key] = _value(rng, within[key])
    return json.dumps(document, ensure_ascii=rng.random() < 0.5).replace(json.dumps(MARK), raw)


def _value(rng: random.Random, old: Any) -> Any:
    """Another value: of the same kind, which gets further, or of any."""
    if rng.random() < 0.6:
        if isinstance(old, bool):
            return not old
        if isinstance(old, int | float):
            return rng.choice((*NUMBERS, -old, old + 1, float(old)))
        if isinstance(old, str):
            return rng.choice((*NASTY_TEXTS, old + rng.choice(NASTY_TEXTS), old[: len(old) // 2]))
        if isinstance(old, list) and old:
            return rng.choice((old[:-1], old * 2, old[::-1], [*old, rng.choice(old)], [*old, rng.choice(NASTY_TEXTS)]))
    return rng.choice((*NUMBERS, *VALUES, *NASTY_TEXTS))


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys; a long list counts with a few."""
    if isinstance(document, dict):
        keys: Any = list(document)
    elif isinstance(document, list):
        keys = range(0, len(document), max(1, len(document) // 3))
    else:
        return
    for key in keys:
        yield document, key
        yield from _places(document[key])


def _is_round(document: Any) -> bool:
    """Whether the document holds itself somewhere."""
    try:
        json.dumps(document)
    except (ValueError, RecursionError):
        return True
    return False
