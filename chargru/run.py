"""A run is one directory: model.safetensors (the best weights), training.safetensors (the last state), metrics.jsonl.

`model` reads and writes the first of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from chargru import bundled, host, tensorfile
from chargru.arguments import nearest
from chargru.documents import LONGEST_LINE
from chargru.errors import DamagedRunError, RunError, RunLockedError, named
from chargru.model import MODEL, TRAINING_SCHEMA, Document, Model, read_model
from chargru.model import TRAINING as TRAINING
from chargru.shown import in_short

METRICS = "metrics.jsonl"
RUNS = Path("checkpoints")
"""Where `train` puts runs and the other commands look for the newest, below the current folder."""

TRACE_CHARACTERS = 512

LOCK = "lock"
KEPT_TEXT = "text.txt"
"""A text from standard input or a pipe is kept in the run under this name."""
FILES = (MODEL, TRAINING, METRICS, KEPT_TEXT, LOCK)
"""The files of a run."""
NAMED = 6
"""So many runs are named where none like the one asked for is there."""
ASIDE = ".removed"
"""How the name of a hidden directory ends that was a run and is about to be deleted."""


def write_training(run: Path, document: Document, tensors: tensorfile.Tensors) -> None:
    """Replace the run's training.safetensors atomically. Raises RunError if the disk refuses."""
    tensorfile.write(run / TRAINING, {"schema": TRAINING_SCHEMA, **document}, tensors)


def read_training(
    run: Path, *, tensors: bool = True, fits: tensorfile.Fits | None = None
) -> tuple[Document, dict[str, NDArray[Any]]]:
    """The last state of a run, as `write_training` was given it. Raises RunError, DamagedRunError."""
    return tensorfile.read(run / TRAINING, TRAINING_SCHEMA, tensors=tensors, fits=fits)


def written_at(run: Path) -> str:
    """When `train` last wrote this run (ISO 8601, UTC), from inside the run; empty if nothing there says so."""
    try:
        return str(read_training(run, tensors=False)[0].get("written", ""))
    except RunError:
        return ""


def is_run(path: Path) -> bool:
    """Whether a directory holds a run, finished or not."""
    return holds(path, MODEL) or holds(path, TRAINING)


def holds(path: Path, name: str) -> bool:
    """Whether a directory holds a file of this name; False too where the system does not let us know."""
    try:
        return (path / name).is_file()
    except OSError:  # no permission, or a name that is too long
        return False


def lacks(path: Path, name: str) -> bool:
    """Whether a directory that we can look into has no file of this name; False where it is away or closed."""
    try:
        return name not in {entry.name for entry in path.iterdir()}
    except OSError:
        return False


def is_closed(path: Path) -> bool:
    """Whether we may not look into this path, so that it may be a run."""
    try:
        (path / MODEL).stat()
    except OSError as error:
        return isinstance(error, PermissionError)
    return False


def is_aside(path: Path) -> bool:
    """Whether this was a run, and its removal has begun."""
    return path.name.startswith(".") and path.suffix == ASIDE


def runs() -> list[Path]:
    """The runs below ./checkpoints, the one that was written last first, and what may be one but is closed to us."""
    below = sorted(RUNS.iterdir()) if RUNS.is_dir() else []
    found = [path for path in below if (is_run(path) or is_closed(path)) and not is_aside(path)]
    return sorted(found, key=written_at, reverse=True)


def find_model(given: str | None) -> tuple[Path, str]:
    """The run a command reads, and one line that says why it is this one.

    `given` is the user's choice; without it the run that `train` wrote last below ./checkpoints, and the bundled
    one only if there is none. Raises RunError if there are runs, but only damaged ones.
    """
    if given is not None:
        return named_run(given)
    found = runs()
    damaged = next((run for run in found if holds(run, TRAINING) and not written_at(run)), None)
    passed = "" if damaged is None else f"; {damaged} was passed over, its {TRAINING} is damaged"
    for run in found:
        if is_run(run) and written_at(run):
            return run, f"using {run}, the run trained last{passed}"
    if damaged is not None:
        raise DamagedRunError(
            f"{damaged / TRAINING} is damaged, so {damaged} is not chosen", f"name it: {named('run', damaged)}"
        )
    return bundled.run_path(), "using the run that ships with chargru (none below ./checkpoints was trained here)"


def named_run(given: str) -> tuple[Path, str]:
    """The run that a user's word means, and one line that says so.

    The names of the runs that ship with chargru always mean those; any other word is a path, or else a name below
    ./checkpoints. Raises RunError if there is nothing of that name; what is there its reader finds.
    """
    path = Path(given)
    if given in bundled.RUNS:  # even where ./cats exists: what the pages print is then what their reader gets
        shipped = bundled.run_path(given)
        others = {f"./{given}": path, f"{RUNS / given}": RUNS / given}
        other = next((word for word, one in others.items() if one.exists() and not one.samefile(shipped)), None)
        passed = "" if other is None else f", not {other}: write {other} for that"
        return shipped, f"using {given}, which ships with chargru{passed}"
    path = _or_below(path)
    if not path.exists():
        raise missing(given)
    return path, f"using {path}"


def missing(given: str) -> RunError:
    """The error of a word for a run that means none: it names the run that was probably meant, else those there are."""
    hint = f"list the runs with: {named('chargru.runs()')}"
    names = list(dict.fromkeys([*(path.name for path in runs()), *bundled.RUNS]))
    # novel for novel-001; of several the newest
    stems = {name.rpartition("-")[0]: name for name in reversed(names) if "-" in name}
    word = Path(given).name
    meant = nearest(word, names) or stems.get(str(nearest(word, stems)))
    if meant is not None:
        return RunError(f"there is no run {host.quoted(given)}; did you mean {meant}?", hint)
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return RunError(f"there is no run {host.quoted(given)}; there are: {', '.join(names[:NAMED])}{more}", hint)


def word_for(run: str) -> str:
    """What -c takes to mean the run of this path: ./cats for one that has the name of one that ships with chargru."""
    return f"./{run}" if run in bundled.RUNS else run


def _or_below(path: Path) -> Path:
    """The path itself, or the same below ./checkpoints if only that is there. Raises RunError if we cannot look."""
    try:
        return RUNS / path if not path.exists() and (RUNS / path).exists() else path
    except OSError as error:  # a name that is too long, a directory that is closed to us
        shown = in_short(host.quoted(str(path)), LONGEST_LINE)
        hint = f"list the runs with: {named('chargru.runs()')}"
        raise RunError(f"cannot look for the run {shown}: {error.strerror}", hint) from error


def load(run: Path | str | None = None) -> Model:
    """Read a run's best weights, float32, from its directory or model file.

    Without `run` it is the one that the commands read: the run trained last below ./checkpoints, else the one that
    ships with chargru. "cats" and "cats-rnn" are the two that ship; a Path is always a path. Raises RunError if there
    is none, which says what there is, and DamagedRunError if its file is not what it must be.

    >>> model = chargru.load("cats")
    >>> model.architecture.hidden_size, model.weights.layers[0].weight_hh.shape  # r, z, n, one below the other
    (48, (144, 48))
    """
    given = word_for(str(run)) if isinstance(run, Path) else run  # Path("./cats") no longer has its ./
    return read_model(find_model(given)[0])


def find_training(given: str | None) -> Path:
    """The run that --resume goes on with: the given one, else the newest. Raises RunError if there is none."""
    if given is not None:
        path = _or_below(Path(given))
        if not path.exists():
            raise missing(given)
        if is_closed(path):
            raise RunError(f"{path} may not be read by you", "check its permissions")
        if not holds(path, TRAINING):
            raise RunError(f"{path} has no {TRAINING}, so there is nothing to go on with", "see: chargru info")
        return path
    for run in runs():
        if holds(run, TRAINING):
            return run
    raise RunError("there is no run below ./checkpoints to go on with", "start one with: chargru train")


def create(given: str | None, stem: str) -> Path:
    """Make the directory of a new run: `given`, else checkpoints/STEM-001 with the next free number.

    Raises RunError if a run or any other content is already there.
    """
    if given is None:
        return _numbered(RUNS, stem)
    path = Path(given)
    hint = f"choose another {named('out')}"
    if is_run(path):
        hint += f", or go on with it: {named('resume=True')} {named('out', host.quoted(given))}"
    if not given:
        raise RunError(f"{named('out')} is empty", f"name a directory, or leave {named('out')} out")
    if path.exists() and not (path.is_dir() and _is_vacant(path)):
        raise RunError(f"{given} already exists and is never overwritten", hint)
    try:
        _make(path, exist_ok=True)
    except FileExistsError as error:
        raise RunError(f"{given} is there already and is no directory", hint) from error
    return path


def _numbered(folder: Path, stem: str) -> Path:
    number = 1
    while True:
        path = folder / f"{stem}-{number:03d}"
        try:
            _make(path, exist_ok=False)
        except FileExistsError as error:
            if not os.path.lexists(path):
                raise RunError(
                    f"{folder} is there already and is no directory", f"remove it, or give {named('out')}"
                ) from error
            number += 1
        else:
            return path


def _make(path: Path, *, exist_ok: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise RunError(
            f"cannot make the directory {path}: {error.strerror}", f"choose another {named('out')}"
        ) from error


def require_vacant(path: Path) -> None:
    """Raises RunError if a run is there by now; asked again once it is locked, when nobody else can make one."""
    if not _is_vacant(path):
        raise RunError(f"{path} was made a run by another process", f"choose another {named('out')}")


def _is_vacant(path: Path) -> bool:
    """Whether nothing is there but what a run leaves that was killed before it was first saved.

    A text alone is somebody's; beside a lock it is the one that such a run had from standard input.
    """
    names = {entry.name for entry in path.iterdir() if not is_left_over(entry)}
    return names <= {LOCK, KEPT_TEXT} and (LOCK in names or not names)


def is_left_over(entry: Path) -> bool:
    """Whether this is what a killed process left of a file of a run that it was writing."""
    return tensorfile.is_temporary(entry.name, FILES) and not entry.is_dir()


@contextmanager
def lock(run: Path) -> Iterator[None]:
    """Hold a run for this process; the system lets go of it however the process ends.

    Raises RunLockedError if another process holds it, RunError if the directory cannot be written or locked. Temporary
    files that a killed process left are removed, where the system lets us.
    """
    try:
        release = host.hold(run / LOCK)
    except BlockingIOError as error:
        raise RunLockedError(f"another process is training into {run}", "wait for it, or stop it first") from error
    except OSError as error:
        if error.errno in host.NO_LOCKS:
            hint = f"choose another {named('out')} on a local disk"
            raise RunError(f"cannot lock {run}: {error.strerror}", hint) from error
        hint = f"allow writing there; a new run can be elsewhere: {named('out')}"
        raise RunError(f"cannot write into {run}: {error.strerror}", hint) from error
    try:
        _clear(run)
        yield
    finally:
        release()


def _clear(run: Path) -> None:
    """Remove the temporary files of a killed process; those of another user in a folder such as /tmp stay."""
    with suppress(OSError):  # a folder that may not be listed
        for left in filter(is_left_over, list(run.iterdir())):
            with suppress(OSError):
                left.unlink()
