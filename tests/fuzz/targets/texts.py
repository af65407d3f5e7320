"""Odd bytes as a text, packed or not, for the commands that read one. The first byte chooses the command."""

import gzip
import random
from pathlib import Path

from tests.fuzz.command import SMALL, TEXT, called, judge, lay_out
from tests.fuzz.mutations import NASTY_TEXTS, mutated
from tests.fuzz.target import Target

COMMANDS = tuple(
    line.split()
    for line in (
        "evaluate FILE -c tiny --unknown skip",
        "evaluate FILE -c tiny",
        "evaluate FILE -c tiny --unknown skip --highlight --format html",
        "evaluate FILE -c tiny --encoding utf-16 --unknown skip --format json",
        "evaluate - -c tiny --unknown skip",
        "trace -c tiny --file FILE --step 1-last --format json",
        "trace -c tiny --file FILE --at t",
        "gates -c tiny --file FILE --format html",
        "page -c tiny --file FILE --out page.html",
        "gradient -c tiny --file FILE --lags 1,2",
        "ablate FILE -c tiny --unknown skip --characters 60",
        "prove -c tiny --file FILE",
        f"train FILE {' '.join(SMALL)}",
        f"train . --suffix .bin {' '.join(SMALL)} --encoding latin-1",
        f"train FILE --init-from tiny {' '.join(SMALL[:2])} --batch-size 2 --window 8 --threads 1",
        f"train - {' '.join(SMALL)}",
    )
)
FIRST = 0x40
NAMES = ("given.txt", "given.txt.gz", "given.bin", "given\x1b[31m\u202e.txt", "-given", "given'; id; '.txt")
CONTENTS = (
    TEXT,
    "Η γάτα, που την κυνηγούσαν οι σκύλοι, ήταν χορτάτη.\r\n" * 12,
    "那只被狗追赶的猫吃饱了。\n" * 30,
    "def f(x):\r\n\treturn x\r\n" * 20,
    "e\u0301\u202e\u200b\ufeff\x1b[31m\x9b\0\x7f\U0001f600" * 30,
    "</script><script>alert(1)</script><!-- ]]> " * 12,
)


def seeds() -> list[bytes]:
    """Every command with a text in several scripts, one of them packed, one in UTF-16."""
    texts = [content.encode() for content in CONTENTS]
    texts += [gzip.compress(texts[0], mtime=0), TEXT.encode("utf-16"), TEXT.encode("utf-32")]
    return [bytes([FIRST + number]) + texts[number % len(texts)] for number in range(len(COMMANDS) * 2)]


def change(rng: random.Random, _data: bytes) -> bytes:
    """Another text: parts of several and nasty ones, mutated before it is packed, or packed twice, or many times."""
    text = rng.choice(CONTENTS)[: rng.choice((1, 3, 100, 5000))]
    for _ in range(rng.choice((0, 1, 3))):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(NASTY_TEXTS) * rng.choice((1, 1, 40)) + text[at:]
    encoded = text.encode(rng.choice(("utf-8", "utf-8", "utf-16", "utf-32-be")), "surrogatepass")
    if rng.random() < 0.3:
        encoded = mutated(rng, encoded)
    if rng.random() < 0.3:
        encoded = gzip.compress(encoded * rng.choice((1, 1, 1, 300)), mtime=0)
        encoded *= rng.choice((1, 1, 2))
    if rng.random() < 0.1:
        encoded = gzip.compress(mutated(rng, encoded), mtime=0)
    return bytes([FIRST + rng.randrange(len(COMMANDS))]) + encoded


def feed(data: bytes, _folder: Path) -> None:
    """Write the text under a name that the second byte of the data chooses, and read it."""
    lay_out()
    line, text = COMMANDS[(data[0] - FIRST if data else 0) % len(COMMANDS)], data[1:]
    name = NAMES[text[0] % len(NAMES) if text else 0]
    if text[:2] == b"\x1f\x8b":
        name = NAMES[1]
    if line[1] == ".":
        name = NAMES[2]
    Path(name).write_bytes(text)
    arguments = [(f"./{name}" if name.startswith("-") else name) if word == "FILE" else word for word in line]
    judge(arguments, called(arguments, text))


TARGETS = (Target("texts", seeds, feed, change, cases=50),)
