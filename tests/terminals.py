"""A command on a terminal of its own, as a person sees it and types into it."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios

PATIENCE = 60
"""Seconds after which a terminal that says nothing is given up."""


def on_a_terminal(arguments, *, typed=(), size=(24, 80), folder=".", **environment):
    """`python -m chargru` on a terminal of (rows, columns): what it shows, and the exit code.

    Each of `typed` is (what must have been shown, the key to press then); Ctrl-C is "\\x03", as a terminal sends it.
    A value None in `environment` takes a variable away.
    """
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("LESS", "NO_COLOR", "COLUMNS", "LINES")}
    known = {**kept, "TERM": "xterm-256color", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "chargru", *map(str, arguments)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env={name: str(value) for name, value in known.items() if value is not None},
        preexec_fn=_own_terminal,
    )
    os.close(terminal)
    shown = b""
    keys = list(typed)
    while piece := _read(controller, process):
        shown += piece
        if keys and keys[0][0].encode() in shown:
            os.write(controller, keys.pop(0)[1].encode())
    os.close(controller)
    return shown.decode().replace("\r\n", "\n"), process.wait(PATIENCE)


def _own_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(controller, process):
    """What comes next; nothing at the end. The process is ended if it is silent for too long."""
    ready, _, _ = select.select([controller], [], [], PATIENCE)
    if not ready:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return b""
    try:
        return os.read(controller, 65536)
    except OSError:  # Linux's way of saying that nobody holds the terminal any more
        return b""
