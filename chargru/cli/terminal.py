"""How a command speaks: results to stdout, notes and errors to stderr, nothing through markup or emoji codes."""

import os
import re
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chargru.shown import in_short, one_line

if TYPE_CHECKING:
    from rich.console import Console

FALSE_ALARM = "(divide by zero|overflow|invalid value) encountered in matmul"
"""NumPy's, now and then, of products of finite numbers whose result is right: numpy/numpy issues 28227 and 28967."""

COMMAND = "chargru "

NARROWEST = 20
"""Columns: what is laid out for a terminal is laid out for no fewer."""

_DIGITS = 5
"""Of a size that a shell gives."""

_LONG = re.compile(r"\S{1000,}")
"""A word in an error that nobody reads; no path that was typed is so long."""


def prepare() -> None:
    """Make stdout and stderr UTF-8 whatever the locale says; what cannot be encoded is shown escaped.

    NumPy's false alarms of products are not shown. Weights are finite where they are read.
    """
    warnings.filterwarnings("ignore", FALSE_ALARM, RuntimeWarning)
    for name in ("COLUMNS", "LINES"):
        if len(os.environ.get(name, "")) > _DIGITS:
            del os.environ[name]
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller; a note must not end up among the results
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 -- for good
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            newline = None if stream.isatty() else "\n"  # the same bytes on every system
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline=newline)


def console(*, stderr: bool = False) -> "Console":
    """A rich console that takes text literally."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Plain(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)


def note(text: str) -> None:
    """Say something that is not a result; on a terminal broken between words, but for a command, which is copied."""
    lines = [one_line(line) for line in text.split("\n")]
    if sys.stderr.isatty():
        width = columns()
        lines = [part for line in lines for part in _broken(line, width)]
    try:
        print("\n".join(lines), file=sys.stderr, flush=True)
    except OSError:  # nobody reads it, or its disk is full: the result is what counts
        _to_nowhere(sys.stderr)


def columns() -> int:
    """How wide the terminal is; at least NARROWEST."""
    return max(NARROWEST, shutil.get_terminal_size().columns)


def _broken(line: str, width: int) -> list[str]:
    if len(line) * 2 <= width or COMMAND in line:  # a character takes two cells at most
        return [line]
    from chargru.show.columns import wrapped

    return wrapped(line, width)


def error(message: str, hint: str) -> None:
    """Say what is wrong in one line, and in a second what to do."""
    note(f"error: {_LONG.sub(_in_short, one_line(message))}")
    if hint:
        note(f"hint: {_LONG.sub(_in_short, one_line(hint))}")


def _in_short(word: re.Match[str]) -> str:
    """What is too long to be read, as a number of thousands of digits is."""
    return in_short(word[0])


def agrees(question: str) -> bool | None:
    """Whether the person at the terminal says yes; None if there is no terminal to ask on."""
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    print(f"{one_line(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        return sys.stdin.readline().strip().lower() in ("y", "yes")
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise


@dataclass
class _Underway:
    """What the command does at the moment, and what of it is there if it is interrupted."""

    what: str = ""
    left: str = ""


_underway = _Underway()


def doing(what: str, left: str = "nothing was written") -> None:
    """Keep in mind what begins, and what is left of the command's work if it is stopped in the middle of that."""
    _underway.what, _underway.left = what, left


def stopped() -> None:
    """Say, after Ctrl-C, in the middle of what the command was; the ^C of the terminal is written over."""
    parts = [f"stopped while {_underway.what}" if _underway.what else "stopped", *filter(None, [_underway.left])]
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    note("; ".join(parts))


def closed_pipe() -> None:
    """The reader of the results has gone."""
    _to_nowhere(sys.stdout)


def _to_nowhere(stream: TextIO) -> None:
    """Let what a stream still gets, the interpreter's last flush too, go nowhere instead of failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
