"""What is typed: ranges, forces, patterns, numbers of options, names of runs and of devices."""

from collections.abc import Callable
from pathlib import Path

from chargru import run
from chargru.errors import ChargruError
from chargru.gru import forcing, ranges
from chargru.gru.weights import Architecture
from chargru.insight import pattern, select
from chargru.sampling import SampleSettings
from chargru.shown import one_line, readable
from tests.fuzz.target import Target

NETWORK = Architecture(9, 12, 2)
TEXT = "The cat, which the dogs near the barn had chased, was full.\n" * 20


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _range(data: bytes, _: Path) -> None:
    first, last = ranges.parse_range(_text(data), ChargruError("no range"))
    assert last is None or first <= last


def _steps(data: bytes, _: Path) -> None:
    assert all(1 <= step <= len(TEXT) for step in select.parse_steps([_text(data)], len(TEXT)))
    assert all(0 <= index < 12 for index in select.parse_indices(_text(data), 12))


def _force(data: bytes, _: Path) -> None:
    (force,) = forcing.parse([_text(data)], NETWORK)
    assert forcing.parse([str(force)], NETWORK) == (force,)
    forcing.check_steps([force], len(TEXT))


def _pattern(data: bytes, _: Path) -> None:
    assert all(1 <= end <= len(TEXT) for end in pattern.ends(_text(data), TEXT, "at"))


def _number(data: bytes, _: Path) -> None:
    written = _text(data)
    try:
        whole, real = int(float(written)), float(written)
    except (ValueError, OverflowError):  # typer refuses it
        return
    SampleSettings(length=whole, top_k=whole, temperature=real, top_p=real)


def _name(data: bytes, _: Path) -> None:
    run.named_run(_text(data))


def _shown(data: bytes, _: Path) -> None:
    text = _text(data)
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in one_line(text))
    assert not any(char in "\x1b\r\x07\x9b\u202e\u2066\ufeff" for char in readable(text))


def _target(name: str, feed: Callable[[bytes, Path], None], *seeds: str) -> Target:
    return Target(name, lambda: [seed.encode() for seed in seeds], feed)


TARGETS = (
    _target("ranges", _range, "34", "33-35", "20-last", "-3", "9" * 5000),
    _target("steps", _steps, "34", "33-35", "last", "500-last", "all", "0,9,11", "0-3,9"),
    _target("forces", _force, "r=1", "z[0,3,5-9]=0", "2:z[7]=1@20-34", "r=0.25@20-last", "1:r[0-11]=1e-5@3"),
    _target(
        "patterns", _pattern, r"cat|\bdog\w*", "(a+)+$", "[^,.]{2,5}?", r"(?P<x>.)(?=\1)", "x{e<=1}", "[[:alpha:]]"
    ),
    _target("numbers", _number, "500", "-1", "0.8", "1e400", "nan", "1_000", "9" * 400),
    _target("names", _name, "cats", "checkpoints/cats-001", "../x", "a\0b", "\u202e", "x" * 300, "~", "//"),
    _target("shown", _shown, "The \x1b[31mcat\u202e", "a\u200db\u3000\ufeff", "\x9b2J\r\n\t"),
)
