"""The directory of compiled libraries. A library is run, so nobody else may write there, or put another in its place.

The name of a library ends with a digest of its content, so that a damaged one is never loaded: a truncated one would
end the process (SIGBUS).
"""

import contextlib
import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from chargru import host

UNUSED_DAYS = 60
DAY = 86_400
BUILDING = "build-"
"""How the name of a directory begins that a library is built in; a process that was killed leaves it."""
OVERFLOW = Path("/proc/sys/kernel/overflowuid")
OTHERS = stat.S_IWGRP | stat.S_IWOTH


class UnavailableError(Exception):
    """There is no compiled library; the text says why, in one line. Never leaves the modules of this folder."""


def directory() -> Path:
    """The user's own cache directory for chargru, made with mode 0700, without links. Raises UnavailableError, OSError.

    It must be ours. Of those above it, only we and root may be able to rename what is in them.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = Path.home()
    usual = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    base = Path(named) if Path(named).is_absolute() else usual
    if not base.is_absolute():
        raise UnavailableError(f"the home directory {home} is not an absolute path")
    path = Path(os.path.realpath(base)) / "chargru"
    for folder in (*reversed(path.parents), path):
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, exist_ok=True)  # a process beside this one may be faster
        if folder != path and (why := _unsafe(folder)):
            raise UnavailableError(f"{folder} {why}, so no library below it is safe to load")
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != host.user_id():
        raise UnavailableError(f"{path} is not a directory of this user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def keep(built: Path, stem: str, folder: Path) -> Path:
    """Move a library that was built to where `kept` finds it, in one step; its path. Raises OSError."""
    built.chmod(0o700)  # whatever the umask says
    path = folder / f"{stem}-{_digest(built.read_bytes())}.so"
    built.replace(path)
    return path


def kept(stem: str, folder: Path) -> Iterator[Path]:
    """The libraries of this name that are whole, ours, and closed to others for writing; other ones are deleted."""
    for path in sorted(folder.glob(f"{stem}-*.so")):
        if _is_sound(path):
            yield path
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def remove_unused(folder: Path) -> None:
    """Delete libraries that no process has loaded for long, and what is left of builds that were killed."""
    for pattern, days in (("kernels-*.so", UNUSED_DAYS), (f"{BUILDING}*", 1)):
        for path in folder.glob(pattern):
            with contextlib.suppress(OSError):
                if time.time() - path.lstat().st_mtime > days * DAY:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_sound(path: Path) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_uid != host.user_id() or found.st_mode & OTHERS:
            return False
        return path.stem.endswith(f"-{_digest(path.read_bytes())}")
    except OSError:
        return False


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _unsafe(folder: Path) -> str:
    """Why others could put something else in the place of what is in this directory; empty if they cannot."""
    found = folder.stat()
    if found.st_uid not in (0, host.user_id()) and not _is_outer_root(found.st_uid, folder):
        return "belongs to another user"
    if found.st_mode & stat.S_ISVTX:  # as /tmp: nobody may rename what belongs to others
        return ""
    if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not host.is_own_group(found.st_gid)):
        return "can be written by other users"
    return ""


def _is_outer_root(owner: int, folder: Path) -> bool:
    """Whether this is root's directory, seen from a user namespace (bubblewrap, Flatpak), which has no number for root.

    All users that such a namespace does not know have one number there. It counts as root's if `/` belongs to it, and
    only for what we cannot write.
    """
    try:
        overflow = int(OVERFLOW.read_text(encoding="ascii"))
    except (OSError, ValueError):  # not on Linux
        return False
    return owner == overflow == Path("/").stat().st_uid and not os.access(folder, os.W_OK)
