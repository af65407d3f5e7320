"""From arguments to files: which files of a directory are read, and which are left out."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from chargru.arguments import nearest, several, string
from chargru.errors import SettingError, TextError, named

STDIN = "-"

TEXT_SUFFIXES = (
    *(".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".asciidoc", ".org", ".tex", ".typ"),
    *(".textile", ".wiki", ".fountain"),
)
"""What a directory is searched for, unless suffixes are given. Upper and lower case are the same."""

EARLIER_SUFFIXES = (".txt",)
"""What it was searched for when a run did not record its suffixes."""

PACKED = ".gz"
"""A packed file counts by the suffix before this one; without one it is a text."""

SHOWN_KINDS = 6


@dataclass
class Found:
    """The files that arguments stand for, in their order; `left_out` counts those of the `directories` not read."""

    files: list[str] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    """Those of the files that were found in a directory, not named."""
    left_out: Counter[str] = field(default_factory=Counter)
    """By suffix, the empty one too; and "binary"."""

    def note(self) -> str:
        """What was left out, in one line; empty if nothing was."""
        if not self.left_out:
            return ""
        where = ", ".join(map(shown, self.directories))
        return f"left out of {where}, by suffix: {kinds(self.left_out)}"


def kinds(left_out: Counter[str]) -> str:
    """The counts, the largest first: 12 .png, 3 .py, 2 without a suffix."""
    ranked = sorted(left_out.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{count:,} {shown(suffix) if suffix else 'without a suffix'}" for suffix, count in ranked[:SHOWN_KINDS]]
    if rest := sum(count for _, count in ranked[SHOWN_KINDS:]):
        parts.append(f"{rest:,} with another")
    return ", ".join(parts)


def chosen_suffixes(given: Any) -> tuple[str, ...]:
    """The suffixes to search a directory for, each with its dot, in lower case; TEXT_SUFFIXES if none are given.

    Raises SettingError for what is no suffix.
    """
    suffixes = [string("suffix", one) for one in several("suffix", given)]
    odd = next((one for one in suffixes if not one.strip(".") or "/" in one or os.sep in one), None)
    if odd is not None:
        raise SettingError(f"{odd!r} is not a suffix", f"give one such as {named('suffix', '.py')}")
    return tuple(f".{one.lower().removeprefix('.')}" for one in suffixes) or TEXT_SUFFIXES


def find(arguments: Iterable[str], suffixes: Sequence[str]) -> Found:
    """The files of the arguments: a file is itself, a directory those of its files that have one of the suffixes.

    In a directory, however deep, hidden files and linked directories are left out. Raises TextError.
    """
    found = Found()
    for argument in arguments:
        if argument != STDIN and stat.S_ISDIR(_mode(argument)):
            files, left_out = _files_under(argument, tuple(suffixes))
            found.directories.append(argument)
            found.listed |= set(files)
            found.left_out += left_out
        else:
            files = [argument]
        found.files += files
    return found


def _mode(argument: str) -> int:
    """The kind of a file. Raises TextError if it cannot be read as text."""
    try:
        mode = os.stat(argument).st_mode  # noqa: PTH116 -- Path("") would be the current directory
    except (OSError, ValueError) as error:
        raise_unreadable(argument, error)
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):  # a pipe may be the shell's <(command)
        what = "socket" if stat.S_ISSOCK(mode) else "device"
        raise TextError(f"{shown(argument)} is a {what}, not a file", "give a file, or - for standard input")
    return mode


def _files_under(directory: str, suffixes: tuple[str, ...]) -> tuple[list[str], Counter[str]]:
    """The text files below `directory`, sorted, and how many others. Linked directories may go round."""

    def refuse(error: OSError) -> NoReturn:
        raise_unreadable(error.filename, error)

    found: list[Path] = []
    left_out: Counter[str] = Counter()
    for root, folders, names in os.walk(directory, onerror=refuse):
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        for name in names:
            if _is_chosen(name, suffixes):
                found.append(Path(root, name))
            elif not name.startswith("."):
                left_out[Path(name.lower()).suffix] += 1
    files = [str(path) for path in sorted(found, key=lambda path: path.parts) if not _is_special(path)]
    if not files:
        there = f": it has {kinds(left_out)}" if left_out else ""
        hint = f"choose others by {named('suffix')}, or give a file by name" if left_out else "give a file by name"
        wanted = "a text's suffix" if suffixes == TEXT_SUFFIXES else f"the suffix {' or '.join(map(shown, suffixes))}"
        raise TextError(f"the directory {shown(directory)} has no file with {wanted}{there}", hint)
    return files, left_out


def _is_chosen(name: str, suffixes: tuple[str, ...]) -> bool:
    lower = name.lower()
    bare = lower.removesuffix(PACKED)
    packed_text = bare != lower and not Path(bare).suffix and ".txt" in suffixes
    return not name.startswith(".") and (bare.endswith(suffixes) or packed_text)


def _is_special(path: Path) -> bool:
    """Whether `path` is there and yet no file: a pipe in a directory would be waited for without end."""
    return os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113 -- these never raise


def raise_unreadable(file: str, error: OSError | ValueError) -> NoReturn:
    """Raises TextError, which says why the file cannot be read."""
    name = shown(file)
    if isinstance(error, FileNotFoundError):
        if Path(file).is_symlink():
            target = shown(str(Path(file).readlink()))
            raise TextError(f"{name} links to {target}, which is not there", "mend the link") from error
        meant = _nearest_file(Path(file))
        if meant is not None:
            raise TextError(f"there is no file {name}; did you mean {shown(meant)}?", "check the path") from error
        raise TextError(f"there is no file {name}", "check the path") from error
    reason = error.strerror if isinstance(error, OSError) else error
    raise TextError(f"cannot read {name}: {reason}", "give a file that you may read") from error


def _nearest_file(path: Path) -> str | None:
    """The name in the same folder that was probably meant, if any."""
    try:
        names = sorted(one.name for one in path.parent.iterdir() if not one.name.startswith("."))
    except OSError:
        return None
    meant = nearest(path.name, names)
    return None if meant is None else str(path.parent / meant)


def shown(file: str) -> str:
    """The name for a message: one line, whatever characters the name has."""
    if file == STDIN:
        return "standard input"
    return file if file and file.isprintable() else repr(file)
