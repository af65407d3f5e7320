"""Tables longer than the terminal go through the pager, as git's do: $PAGER, else less.

Not if stdout is no terminal, nor with --no-pager, nor if PAGER is empty or cat. Where there is no such pager the text
is printed.
"""

import os
import re
import signal
import subprocess
import sys
from contextvars import ContextVar

from chargru import host
from chargru.cli import terminal

ASKED_OFF: ContextVar[bool] = ContextVar("ASKED_OFF", default=False)
"""Whether --no-pager was given, before the command or after it."""

_ENVIRONMENT = {"LESS": "FRXK", "LESSCHARSET": "utf-8"}
"""What the user does not say otherwise: end at once if all fits, keep colours and the screen, Ctrl-C ends it."""

COLOUR = re.compile(r"\x1b\[[\d;]*m")


def write(text: str) -> None:
    """Print a table, through the pager if it is longer than the terminal."""
    sys.stdout.flush()
    pager = _pager()
    if not pager or not _is_long(text):
        print(text, end="")
        return
    # Ctrl-C is the pager's. A handler, unlike SIG_IGN, is not handed on to it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        reader = subprocess.Popen(pager, stdin=subprocess.PIPE, env={**_ENVIRONMENT, **os.environ})
        reader.communicate(text.encode("utf-8", "backslashreplace"))  # that it stops reading early is no error
    except OSError:
        print(text, end="")
    finally:
        signal.signal(signal.SIGINT, before)


def _pager() -> list[str]:
    """The pager's command; empty if there is to be none."""
    if ASKED_OFF.get() or not sys.stdout.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return []
    try:
        words = host.words(os.environ.get("PAGER", "less"))
    except ValueError:  # a quotation mark without its other half
        return []
    return [] if words == ["cat"] else words


def _is_long(text: str) -> bool:
    """Whether some of it would leave the screen, with a line for the shell's prompt."""
    from rich.cells import cell_len

    width, height = terminal.console().size
    lines = COLOUR.sub("", text).splitlines()
    return sum(max(1, -(-cell_len(line) // width)) for line in lines) >= height
