"""What differs between operating systems, answered in one place: locks, files, signals, words for a shell.

Where Python lacks a function on one of them (`flock`, `os.getuid`), its absence decides; WINDOWS decides the rest.
"""

import errno
import glob
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # on Windows
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

WINDOWS = sys.platform == "win32"

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""What asks a program to end, beside Ctrl-C: SIGHUP when its terminal is closed; SIGBREAK is Windows's Ctrl-Break."""

NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""How a file system says that it has no locks."""

_PAUSES = tuple(0.01 * 2**n for n in range(8))
"""Seconds between the attempts to replace a file on Windows, 2.6 in all."""


# Files ------------------------------------------------------------------------------------------------------------


def hold(file: Path) -> Callable[[], None]:
    """Lock a file, made if it is missing, for this process; call what is returned to let go of it.

    The system lets go of it, too, however the process ends. Raises BlockingIOError if the file is held already, here
    or in another process, and OSError if it cannot be opened or locked.
    """
    return _hold_by_flock(file) if HAS_FLOCK else _hold_by_sqlite(file)


def _hold_by_flock(file: Path) -> Callable[[], None]:
    handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o644)  # type: ignore[attr-defined,unused-ignore]
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        os.close(handle)
        raise
    return lambda: os.close(handle)


def _hold_by_sqlite(file: Path) -> Callable[[], None]:
    """SQLite, a part of Python, locks a database on every system; an empty file is one, and stays empty."""
    import sqlite3

    database = None
    try:
        database = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = OFF")  # it would be a second file, which a killed process leaves
        database.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if database is not None:
            database.close()
        held = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
        raise OSError(errno.EWOULDBLOCK if held else errno.EIO, str(error)) from error
    return database.close


def replace(new: Path, old: Path) -> None:
    """Rename `new` over `old`, which may be missing; a program that reads `old` keeps what it has opened.

    Windows refuses that while another program has `old` open, so there it is tried again for 2.6 seconds.
    Raises OSError.
    """
    for pause in _PAUSES if WINDOWS else ():
        try:
            new.replace(old)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    new.replace(old)


def flush_folder(folder: Path) -> None:
    """Have the disk know the names in a folder. Windows opens no folder, and needs none of it. Raises OSError.

    A file system that cannot do that says so by EINVAL, ENOTSUP or ENOSYS; it is no refusal.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(handle)


# The process ------------------------------------------------------------------------------------------------------


def user_id() -> int | None:
    """The number of the user whose process this is; None on Windows, where users have none."""
    return os.getuid() if hasattr(os, "getuid") else None


def is_own_group(number: int) -> bool:
    """Whether a group has this user alone: most Linux systems make one for each user, under the user's name."""
    try:
        import grp
        import pwd

        group = grp.getgrgid(number)  # type: ignore[attr-defined,unused-ignore]
        user = pwd.getpwuid(user_id() or 0).pw_name  # type: ignore[attr-defined,unused-ignore]
    except (ImportError, KeyError):  # Windows; a user or group without a name
        return False
    return bool(group.gr_name == user and not set(group.gr_mem) - {user})


def cores() -> int | None:
    """The processor's cores that this process may use, where the system says so; else all of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def may_be_heard(number: int) -> bool:
    """Whether a signal is to be handled: not SIGHUP where it is ignored, which is what `nohup` is for."""
    return number != getattr(signal, "SIGHUP", None) or signal.getsignal(number) is not signal.SIG_IGN


def c_function(name: str) -> Any | None:
    """The C function of this name that the process has loaded already; None if it has none, as on Windows."""
    import ctypes

    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # Windows answers None by a TypeError
        return None


def is_closed_pipe(error: OSError) -> bool:
    """Whether the error only says that the reader of a pipe has gone, which Windows calls an invalid argument."""
    return isinstance(error, BrokenPipeError) or (WINDOWS and error.errno == errno.EINVAL and error.filename is None)


# The command line -------------------------------------------------------------------------------------------------


def quoted(word: str) -> str:
    """The word as one types it in this system's shell."""
    if not WINDOWS:
        return shlex.quote(word)
    return word if re.fullmatch(r"[\w./:\\-]+", word) else f'"{word}"'


def words(command: str) -> list[str]:
    """A command's words. Raises ValueError for a quotation mark without its other half."""
    found = shlex.split(command, posix=not WINDOWS)  # where a backslash is a part of a path
    return [word.strip('"') for word in found] if WINDOWS else found


def expanded(pattern: str) -> list[str]:
    """The files of a pattern such as *.txt, which other systems' shells find; itself where there are none."""
    found = sorted(glob.glob(pattern)) if WINDOWS and not os.path.lexists(pattern) else []  # noqa: PTH207
    return found or [pattern]
