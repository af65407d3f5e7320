"""Mutations of bytes and of text: what a case is made of, from good inputs and a random generator."""

import random
from collections.abc import Sequence

from tests.fuzz.target import Target

WIDTHS = (1, 2, 4, 8)
NASTY_NUMBERS = (0, 1, 2, *(2**bits + less for bits in (7, 8, 15, 16, 31, 32, 53, 63, 64) for less in (-1, 0)))
NASTY_TEXTS = (
    "",
    "\0",
    "\x1b[31m",
    "\x9b2J",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\ud800",
    "\U0010ffff",
    "\r\n",
    "e\u0301" * 9,
    "</script><script>",
    "<!--",
    "../../..",
    "/dev/zero",
    "/dev/stdin",
    "%s%n",
    "$(id)",
    "-1",
    "0",
    "-0.0",
    "1e38",
    "1e308",
    "1e999",
    "NaN",
    "Infinity",
    "-Infinity",
    "null",
    "true",
    "2147483648",
    "9223372036854775808",
    "9" * 5000,
    "[" * 1000,
    '{"a":' * 1000,
    "(a+)+$",
    "A" * 70_000,
)
MOST_BYTES = 1 << 21
"""No case is longer."""


def case(target: Target, seeds: Sequence[bytes], seed: int, number: int) -> bytes:
    """The input of this number: the same for the same target, seeds and seed. The first ones are the seeds."""
    if number < len(seeds):
        return seeds[number]
    rng = random.Random(f"{seed} {target.name} {number}")
    data = rng.choice(seeds)
    if number % 16 == 0:  # in a campaign every length comes
        return data[: (number // 16) % (len(data) + 1)]
    own = target.change is not None and rng.random() < 0.5
    if own:
        data = target.change(rng, data)
    if not own or rng.random() < 0.1:
        data = mutated(rng, data, seeds)
    return data[:MOST_BYTES]


def mutated(rng: random.Random, data: bytes, seeds: Sequence[bytes] = ()) -> bytes:
    """The same bytes after one to four mutations, most often one."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        mutation = rng.choice(MUTATIONS)
        data = mutation(rng, data, rng.choice(seeds or [data]))
    return data


def flip(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """A few bits turned, mostly near the beginning, where lengths and names are."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if changed:
            changed[_place(rng, changed)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def replace(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Some bytes replaced by random ones."""
    at = _place(rng, data)
    return data[:at] + (new := rng.randbytes(rng.choice((1, 2, 4, 16)))) + data[at + len(new) :]


def truncate(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """The beginning, or the end."""
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.8 else data[at:]


def cut(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Without a part."""
    at, size = _place(rng, data), rng.choice((1, 2, 8, 64, 1024))
    return data[:at] + data[at + size :]


def insert(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """Random bytes, or zeros, put in between."""
    at, size = _place(rng, data), rng.choice((1, 2, 8, 64, 1024))
    return data[:at] + (rng.randbytes(size) if rng.random() < 0.5 else bytes(size)) + data[at:]


def repeat(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """A part written many times."""
    at, size = _place(rng, data), rng.choice((1, 1, 2, 8, 64))
    return data[:at] + data[at : at + size] * rng.choice((2, 16, 256, 4096)) + data[at + size :]


def splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one input and the end of another."""
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def number(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """A nasty integer in the place of some bytes, of any width and order; often in that of the first length."""
    width, order = rng.choice(WIDTHS), rng.choice(("little", "big"))
    value = rng.choice((*NASTY_NUMBERS, len(data), len(data) + 1, len(data) - 8)) % (1 << 8 * width)
    at = 0 if rng.random() < 0.2 else _place(rng, data)
    return data[:at] + value.to_bytes(width, order) + data[at + width :]


def digits(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """A number that is written in digits becomes something nasty."""
    places = [at for at, byte in enumerate(data[:100_000]) if 48 <= byte <= 57 and not 48 <= data[at - 1] <= 57]
    if not places:
        return token(rng, data, _other)
    at = end = rng.choice(places)
    while end < len(data) and chr(data[end]) in "0123456789.eE+-":
        end += 1
    return data[:at] + _text(rng) + data[end:]


def token(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """A nasty text put in between."""
    at = _place(rng, data)
    return data[:at] + _text(rng) + data[at:]


MUTATIONS = (flip, flip, replace, truncate, cut, insert, repeat, splice, number, digits, token)


def _text(rng: random.Random) -> bytes:
    return rng.choice(NASTY_TEXTS).encode("utf-8", "surrogatepass")


def _place(rng: random.Random, data: bytes | bytearray) -> int:
    """A place in the data, half of them among the first 4,096."""
    return rng.randrange(max(1, min(len(data), 4096 if rng.random() < 0.5 else len(data))))
