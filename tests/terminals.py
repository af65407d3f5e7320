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

ON_ITS_TERMINAL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that were started in the background ignore it
os.execv(sys.executable, [sys.executable, "-m", "chargru", *sys.argv[1:]])
"""
"""What a new session begins with. Python 3.12 and later warn of a preexec_fn in a process with threads."""
PATIENCE = 60
"""Seconds after which a terminal that says nothing is given up."""
PRESSES = 20
"""So often a key is pressed again: its echo alone is no answer."""
AGAIN = 3
"""Seconds of silence after which the last key is pressed again."""


def on_a_terminal(arguments, *, typed=(), size=(24, 80), folder=".", **environment):
    """`python -m chargru` on a terminal of (rows, columns): what it shows, and the exit code.

    Each of `typed` is (what must have been shown, the key to press then); Ctrl-C is "\\x03", as a terminal sends it.
    A value None in `environment` takes a variable away.
    """
    controller, process = started(arguments, size, folder, environment)
    shown, silent, pressed, presses = b"", 0, b"", 0
    keys = list(typed)
    while silent < PATIENCE and presses < PRESSES:
        piece = _read(controller)
        if piece is None:  # a key pressed before the program was ready for it was lost
            silent += AGAIN
            presses += 1
            os.write(controller, pressed)
            continue
        if not piece:
            break
        shown, silent = shown + piece, 0
        if keys and keys[0][0].encode() in shown:
            pressed = keys.pop(0)[1].encode()
            os.write(controller, pressed)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    os.close(controller)
    return shown.decode().replace("\r\n", "\n"), process.wait(PATIENCE)


def started(arguments, size=(24, 80), folder=".", environment=None):
    """`python -m chargru` on a terminal of its own: what controls the terminal, and the process."""
    controller, terminal = pty.openpty()
    resize(terminal, size)
    kept = {name: value for name, value in os.environ.items() if name not in ("LESS", "NO_COLOR", "COLUMNS", "LINES")}
    known = {**kept, "TERM": "xterm-256color", **(environment or {})}
    process = subprocess.Popen(
        [sys.executable, "-c", ON_ITS_TERMINAL, *map(str, arguments)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env={name: str(value) for name, value in known.items() if value is not None},
        start_new_session=True,
    )
    os.close(terminal)
    return controller, process


def resize(terminal, size):
    """Give a terminal other (rows, columns); the system tells the program that runs on it."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))


def _read(controller):
    """What comes next; nothing at the end, None if it is silent for a while."""
    ready, _, _ = select.select([controller], [], [], AGAIN)
    if not ready:
        return None
    try:
        return os.read(controller, 65536)
    except OSError:  # Linux's way of saying that nobody holds the terminal any more
        return b""


def tab_in_bash(typed, script, folder):
    """What Tab makes of a line that is typed into bash, which has read this completion script for `chargru`."""
    (folder / "bin").mkdir()
    (folder / "bin" / "chargru").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chargru "$@"\n')
    (folder / "bin" / "chargru").chmod(0o755)
    shown = 'bind -x \'"\\C-x\\C-p": printf "<<%s>>\\n" "$READLINE_LINE"\'\n'
    (folder / "bashrc").write_text(f"{script}\n{shown}PS1='ready$ '\n")
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "TERM": "dumb", "COLUMNS": "200"}
    environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        ["bash", "--noprofile", "--rcfile", folder / "bashrc", "-i"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(terminal)
    seen = _until(controller, b"ready$ ")
    os.write(controller, f"{typed}\t\x18\x10".encode())
    seen = _until(controller, b">>")
    process.kill()
    process.wait(PATIENCE)
    os.close(controller)
    return seen[seen.rindex(b"<<") + 2 : seen.rindex(b">>")].decode()


def _until(controller, wanted):
    """What a terminal shows up to these bytes."""
    seen, silent = b"", 0
    while wanted not in seen and silent < PATIENCE:
        piece = _read(controller)
        silent = silent + AGAIN if piece is None else 0
        seen += piece or b""
    return seen
