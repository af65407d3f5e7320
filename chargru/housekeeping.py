"""Runs renamed and removed: only one's own, and never one that a process is training into.

A run that is removed is first renamed to a hidden name beside its own, so that it is there whole or is no run any more;
then its files are deleted one by one. A directory that holds anything else is not touched.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chargru import bundled, run, tensorfile
from chargru.errors import RunError

SHOWN_FILES = 3
LONGEST_NAME = 48
"""Characters of a run's name that its hidden name keeps."""


def require_own(path: Path) -> None:
    """Raises RunError unless there is a run's directory at `path`, and it is neither bundled nor a link."""
    listed = "list the runs with: chargru runs"
    if path.is_symlink():
        raise RunError(f"{path} is a link to {path.readlink()}", "name the run that it leads to")
    if not path.exists():
        raise RunError(f"there is no run {path}", listed)
    if path.resolve() in {shipped.resolve() for shipped in bundled.run_paths()}:
        raise RunError(f"{bundled.called(str(path))} ships with chargru: it stays as it is", listed)
    if not path.is_dir():
        raise RunError(f"{path} is a file, not the directory of a run", listed)
    if not os.access(path, os.W_OK | os.X_OK):
        raise RunError(f"{path} may not be changed by you", "check its permissions")
    if not run.is_run(path):
        found = others(path, known=())
        holds = f"it holds {found}" if found else "it is empty"
        raise RunError(f"{path} is not a run: {holds}", listed)
    if Path.cwd().is_relative_to(path.resolve()):
        raise RunError(f"{path} is the folder that you are in", "leave it first: cd ..")


def require_removable(path: Path) -> None:
    """Raises RunError unless `path` is a run of one's own that holds a run's files and nothing else."""
    require_own(path)
    found = others(path)
    if found:
        raise RunError(f"{path} is not removed: beside a run it holds {found}", "move that elsewhere first")


def others(path: Path, known: tuple[str, ...] = run.FILES) -> str:
    """What a directory holds beside the `known` files, in words; empty if there is nothing else."""
    names = sorted(entry.name for entry in path.iterdir() if not (entry.name in known and _is_plain(entry)))
    names = [name for name in names if not tensorfile.is_temporary(name, known)]
    more = f" and {len(names) - SHOWN_FILES:,} more" if len(names) > SHOWN_FILES else ""
    return ", ".join(names[:SHOWN_FILES]) + more


def size(path: Path) -> int:
    """Bytes of a run's files."""
    return sum((path / name).stat().st_size for name in run.FILES if (path / name).is_file())


def rename(path: Path, name: str) -> Path:
    """Give a run another name, beside where it is; a `name` with a slash is another place. Returns the new path.

    Raises RunError, and RunLockedError if a process is training into it.
    """
    require_own(path)
    target = Path(name) if os.sep in name or "/" in name else path.parent / name
    if not name.strip() or target.name.startswith((".", "-")):
        raise RunError(f"{name!r} cannot be the name of a run", "give one that begins with a letter or a digit")
    if name in bundled.RUNS:
        raise RunError(f"{name} always means the run that ships with chargru", "choose another name")
    if os.path.lexists(target):
        raise RunError(f"{target} is there already and is never overwritten", "choose another name")
    _move(path, target, require_own)
    return target


def remove(path: Path) -> None:
    """Remove a run. Raises RunError if it holds anything else, RunLockedError if a process is training into it."""
    require_removable(path)
    finish(path.parent)
    aside = path.with_name(f".{path.name[:LONGEST_NAME]}.{os.getpid()}{run.ASIDE}")
    _move(path, aside, require_removable)
    _delete(aside)


def finish(folder: Path) -> None:
    """Delete what a removal in this folder left that was cut short."""
    for path in folder.iterdir():
        if run.is_aside(path) and path.is_dir() and not path.is_symlink() and not others(path):
            with suppress(RunError):
                _delete(path)


def _move(path: Path, target: Path, require: Callable[[Path], None]) -> None:
    """Rename a run while no process can train into it."""
    try:
        with run.lock(path):
            require(path)
            if os.name == "posix":
                path.rename(target)
                return
        path.rename(target)  # Windows renames no directory in which a file is open
    except OSError as error:
        message = f"cannot rename {path} to {target}: {error.strerror}"
        raise RunError(message, "the new place must be a folder that is there, on the same disk") from error


def _delete(aside: Path) -> None:
    """Delete the files of what was a run, and its directory."""
    try:
        for name in run.FILES:
            (aside / name).unlink(missing_ok=True)
        for left in filter(run.is_left_over, list(aside.iterdir())):
            left.unlink(missing_ok=True)
        aside.rmdir()
    except FileNotFoundError:  # another process finished it
        return
    except OSError as error:
        raise RunError(f"cannot delete {aside}: {error.strerror}", "delete it yourself; it is a run no more") from error


def _is_plain(entry: Path) -> bool:
    return entry.is_file() or entry.is_symlink()
