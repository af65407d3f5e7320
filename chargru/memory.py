"""The memory that a process may still take, and the refusal of what would take more."""

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

from chargru import host
from chargru.errors import SettingError

SMALL = 100_000_000
"""Bytes that are taken unasked."""

GIGABYTE = 1e9

PROC = Path("/proc")
GROUPS = Path("/sys/fs/cgroup")
"""Where Linux tells."""


def require(n_bytes: int, what: str, hint: str) -> None:
    """Raises SettingError where so many bytes, for what is named, are more than the memory that is free."""
    there = free() if n_bytes > SMALL else None
    if there is not None and n_bytes > there:
        message = f"{what} needs {n_bytes / GIGABYTE:,.1f} GB of memory, but only {there / GIGABYTE:,.1f} GB is free"
        raise SettingError(message, hint)


def free() -> int | None:
    """Bytes that this process may still take before the machine swaps or a limit stops it; None where nobody says.

    Where the system does not tell what is free (macOS), they are what is built in.
    """
    known = [*_available(), *_left_of_ulimit(), *_left_of_group(), *_left_of_older_group()]
    return max(0, min(known)) if known else _built_in()


def _available() -> Iterator[int]:
    """What Linux says is free, or can be freed."""
    for line in _lines(PROC / "meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _left_of_ulimit() -> Iterator[int]:
    """What the shell's `ulimit -v` leaves."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]  # type: ignore[attr-defined,unused-ignore]
    used = _lines(PROC / "self/statm")
    if used and limit != resource.RLIM_INFINITY:  # type: ignore[attr-defined,unused-ignore]
        yield limit - int(used[0].split()[0]) * mmap.PAGESIZE


def _left_of_group() -> Iterator[int]:
    """What the limits of the process's control groups leave, as containers have them; cached files can be dropped."""
    path = next((line[3:] for line in _lines(PROC / "self/cgroup") if line.startswith("0::")), None)
    for inner in [] if path is None else [Path(path), *Path(path).parents]:
        group = GROUPS / inner.relative_to("/")
        limit, used = _lines(group / "memory.max"), _lines(group / "memory.current")
        cached = [int(line.split()[1]) for line in _lines(group / "memory.stat") if line.startswith("file ")]
        if limit and used and limit[0] != "max":
            yield int(limit[0]) - int(used[0]) + sum(cached)


def _left_of_older_group() -> Iterator[int]:
    """The same of the first version of control groups, inside a container."""
    group = GROUPS / "memory"
    limit, used = _lines(group / "memory.limit_in_bytes"), _lines(group / "memory.usage_in_bytes")
    cached = [int(line.split()[1]) for line in _lines(group / "memory.stat") if line.startswith("total_cache ")]
    if limit and used:
        yield int(limit[0]) - int(used[0]) + sum(cached)


def _lines(file: Path) -> list[str]:
    """The lines of a file of the system's; none where there is no such file."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _built_in() -> int | None:
    """What is free on Windows, or all that there is on a system that does not say."""
    if host.WINDOWS:
        import ctypes

        status = (ctypes.c_uint64 * 8)(64)  # MEMORYSTATUSEX: its size and the load, then totals and what is available
        kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 -- other systems' Python lacks it
        return int(status[2]) if kernel.GlobalMemoryStatusEx(status) else None
    try:
        page, pages = (os.sysconf(name) for name in ("SC_PAGE_SIZE", "SC_PHYS_PAGES"))  # type: ignore[attr-defined,unused-ignore]
        return int(page * pages)
    except (AttributeError, OSError, ValueError):
        return None
