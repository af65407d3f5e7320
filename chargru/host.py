"""What differs between operating systems, answered in one place: locks, files, signals, words for a shell.

Where Python lacks a function on one of them (`flock`, `os.getuid`), its absence decides; WINDOWS decides the rest.
"""

import errno
import glob
import mmap
import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # on Windows
    HAS_FLOCK = False
else:
    HAS_FLOCK = True

WINDOWS = sys.platform == "win32"

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name))
"""What asks a program to end, beside Ctrl-C. SIGBREAK is Windows's Ctrl-Break."""

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
    handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o644)
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
    """Have the disk know the names in a folder. Windows opens no folder, and needs none of it. Raises OSError."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# The process ------------------------------------------------------------------------------------------------------


def user_id() -> int | None:
    """The number of the user whose process this is; None on Windows, where users have none."""
    return os.getuid() if hasattr(os, "getuid") else None


def cores() -> int | None:
    """The processor's cores that this process may use, where the system says so; else all of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def free_memory() -> int | None:
    """Bytes that this process may still take before the machine swaps or a limit stops it; None where nobody says.

    Where the system does not tell what is free (macOS), they are what is built in.
    """
    known = [*_available(), *_left_of_ulimit(), *_left_of_group()]
    if not known and hasattr(os, "sysconf"):
        known = [os.sysconf("SC_PHYS_PAGES") * mmap.PAGESIZE]
    return max(0, min(known)) if known else None


def _available() -> Iterator[int]:
    """What Linux says is free, or can be freed."""
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _left_of_ulimit() -> Iterator[int]:
    """What the shell's `ulimit -v` leaves."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]  # type: ignore[attr-defined,unused-ignore]
    used = _lines(Path("/proc/self/statm"))
    if used and limit != resource.RLIM_INFINITY:  # type: ignore[attr-defined,unused-ignore]
        yield limit - int(used[0].split()[0]) * mmap.PAGESIZE


def _left_of_group() -> Iterator[int]:
    """What the limits of the process's control groups leave, as containers have them; cached files can be dropped."""
    path = next((line[3:] for line in _lines(Path("/proc/self/cgroup")) if line.startswith("0::")), None)
    for inner in [] if path is None else [Path(path), *Path(path).parents]:
        group = Path("/sys/fs/cgroup") / inner.relative_to("/")
        limit, used = _lines(group / "memory.max"), _lines(group / "memory.current")
        cached = [int(line.split()[1]) for line in _lines(group / "memory.stat") if line.startswith("file ")]
        if limit and used and limit[0] != "max":
            yield int(limit[0]) - int(used[0]) + sum(cached)


def _lines(file: Path) -> list[str]:
    """The lines of a file of the system's; none where there is no such file."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


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
