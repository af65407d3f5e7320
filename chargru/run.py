"""A run is one directory: model.safetensors (the best weights), training.safetensors (the last state), metrics.jsonl.

The model document and the tensor names are a contract that other programs read; see `weights` for the names.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from chargru import bundled, tensorfile
from chargru.errors import ChargruError, DamagedRunError, RunError, RunLockedError
from chargru.gru import forcing
from chargru.gru.weights import Architecture, Reset, Weights, unpack
from chargru.text.vocabulary import Vocabulary

MODEL = "model.safetensors"
TRAINING = "training.safetensors"
METRICS = "metrics.jsonl"
MODEL_SCHEMA = "chargru.model/1"
TRAINING_SCHEMA = "chargru.training/1"
RUNS = Path("checkpoints")
"""Where `train` puts runs and the other commands look for the newest, below the current folder."""

TRACE_CHARACTERS = 512

DOCUMENT_SHA256 = "document_sha256"
"""The key in `trained` of the document's own SHA-256."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """What a model.safetensors holds: a vocabulary, the weights, and what is known of their training.

    `trained` is empty for a GRU that chargru did not train; `trace_text` is then None unless it was given. `forced`
    are the gates that are held, as `gru.forcing` writes them: those held at every step are in the weights already.
    """

    vocabulary: Vocabulary
    weights: Weights
    forced: tuple[str, ...] = ()
    trace_text: str | None = None
    trained: Document = field(default_factory=dict)
    path: Path | None = None

    @property
    def architecture(self) -> Architecture:
        """V, H, layers and the placement of the reset gate."""
        return self.weights.architecture

    def force(self, *gates: str) -> "Model":
        """The same model with gates held, e.g. "r=1" or "2:z[7]=1@20-34"; `gru.forcing` has the grammar.

        What holds at every step is held by changed weights; the rest is up to whoever runs the model. Raises
        SettingError, StepError.
        """
        forces = forcing.parse(gates, self.architecture)
        weights = forcing.hold(self.weights, (force for force in forces if not force.limited))
        return replace(self, weights=weights, forced=(*self.forced, *map(str, forces)))

    @property
    def limited(self) -> tuple[forcing.Force, ...]:
        """The gates that are held at some steps only, which is not in the weights."""
        return tuple(force for force in forcing.parse(self.forced, self.architecture) if force.limited)

    def document(self) -> Document:
        """The model document, without its optional parts where they are absent."""
        architecture = self.architecture
        document: Document = {
            "schema": MODEL_SCHEMA,
            "vocabulary": self.vocabulary.to_document(),
            "hidden_size": architecture.hidden_size,
            "layers": architecture.layers,
            "reset": architecture.reset,
            "forced": list(self.forced),
        }
        if self.trace_text is not None:
            document["trace_text"] = self.trace_text
        if self.trained:
            document["trained"] = self.trained
        return document

    def document_sha256(self) -> str:
        """The SHA-256 of all of the document but itself: of its JSON in ASCII, keys sorted, without spaces."""
        known = {key: value for key, value in self.trained.items() if key != DOCUMENT_SHA256}
        written = json.dumps(replace(self, trained=known).document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode("ascii")).hexdigest()


def write_model(run: Path, model: Model) -> None:
    """Replace the run's model.safetensors, float32, atomically. Raises RunError if the disk refuses."""
    tensors = {name: value.astype(np.float32) for name, value in model.weights.named()}
    tensorfile.write(run / MODEL, model.document(), tensors)


def read_model(run: Path | str) -> Model:
    """Read a run's best weights; `run` is its directory, or a model file itself.

    Raises RunError if there is none, DamagedRunError if the file is not what the contract says.
    """
    path = Path(run)
    if path.is_dir():
        path = path / MODEL
    if not path.exists():
        raise RunError(f"there is no trained model at {run}", "train one with: chargru train --out RUN")
    document, tensors = tensorfile.read(path, MODEL_SCHEMA)
    try:
        return _model(path, document, tensors)
    except ChargruError as error:
        raise DamagedRunError(f"{path}: {error.message}", "use another run, or a backup of this file") from error


def _model(path: Path, document: Document, tensors: dict[str, NDArray[Any]]) -> Model:
    vocabulary = Vocabulary.from_document(_entry(document, "vocabulary", list))
    reset = _entry(document, "reset", str)
    if reset not in get_args(Reset):
        raise DamagedRunError(f"its document says reset {reset!r}, which is neither after nor before")
    architecture = Architecture(
        vocabulary_size=len(vocabulary),
        hidden_size=_entry(document, "hidden_size", int),
        layers=_entry(document, "layers", int),
        reset="before" if reset == "before" else "after",
        head="head.weight" in tensors,
    )
    odd = next((name for name, value in tensors.items() if value.dtype != np.float32), None)
    if odd is not None:
        raise DamagedRunError(f"the tensor {odd} is {tensors[odd].dtype}, but it must be float32")
    forced = _entry(document, "forced", list) if "forced" in document else []
    return Model(
        vocabulary=vocabulary,
        weights=unpack(architecture, tensors),
        forced=tuple(map(str, forcing.parse(map(str, forced), architecture))),
        trace_text=_entry(document, "trace_text", str) if "trace_text" in document else None,
        trained=_entry(document, "trained", dict) if "trained" in document else {},
        path=path,
    )


def _entry(document: Document, key: str, kind: type[Any]) -> Any:
    value = document.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DamagedRunError(f"its document has no proper {key!r}")
    return value


def write_training(run: Path, document: Document, tensors: tensorfile.Tensors) -> None:
    """Replace the run's training.safetensors atomically. Raises RunError if the disk refuses."""
    tensorfile.write(run / TRAINING, {"schema": TRAINING_SCHEMA, **document}, tensors)


def read_training(run: Path, *, tensors: bool = True) -> tuple[Document, dict[str, NDArray[Any]]]:
    """The last state of a run, as `write_training` was given it. Raises RunError, DamagedRunError."""
    return tensorfile.read(run / TRAINING, TRAINING_SCHEMA, tensors=tensors)


def is_damaged(run: Path) -> bool:
    """Whether the run has a last state that cannot be read."""
    if not (run / TRAINING).is_file():
        return False
    try:
        read_training(run, tensors=False)
    except RunError:
        return True
    return False


def written_at(run: Path) -> str:
    """When `train` last wrote this run (ISO 8601, UTC), from inside the run; empty if nothing there says so."""
    try:
        return str(read_training(run, tensors=False)[0].get("written", ""))
    except RunError:
        return ""


def is_run(path: Path) -> bool:
    """Whether a directory holds a run, finished or not."""
    return (path / MODEL).is_file() or (path / TRAINING).is_file()


def runs(folder: Path | None = None) -> list[Path]:
    """The runs below `folder` (./checkpoints), the one that was written last first."""
    folder = RUNS if folder is None else folder
    found = [path for path in sorted(folder.iterdir()) if is_run(path)] if folder.is_dir() else []
    return sorted(found, key=written_at, reverse=True)


def find_model(given: str | None) -> tuple[Path, str]:
    """The run a command reads, and one line that says why it is this one.

    `given` is the user's choice; without it the run that `train` wrote last below ./checkpoints, and the bundled
    one only if there is none. Raises RunError if there are runs, but only damaged ones.
    """
    if given is not None:
        return Path(given), f"using {given}"
    found = runs()
    damaged = next((run for run in found if is_damaged(run)), None)
    passed = "" if damaged is None else f"; {damaged} was passed over, its {TRAINING} is damaged"
    for run in found:
        if (run / MODEL).is_file() and written_at(run):
            return run, f"using {run}, the run trained last{passed}"
    if damaged is not None:
        raise DamagedRunError(f"{damaged / TRAINING} is damaged, so {damaged} is not chosen", f"name it: -c {damaged}")
    return bundled.run_path(), "using the run that ships with chargru (none below ./checkpoints was trained here)"


def find_training(given: str | None) -> Path:
    """The run that --resume goes on with: the given one, else the newest. Raises RunError if there is none."""
    if given is not None:
        if not (Path(given) / TRAINING).is_file():
            raise RunError(f"{given} has no {TRAINING}, so there is nothing to go on with", "see: chargru info")
        return Path(given)
    for run in runs():
        if (run / TRAINING).is_file():
            return run
    raise RunError("there is no run below ./checkpoints to go on with", "start one with: chargru train")


def create(given: str | None, stem: str) -> Path:
    """Make the directory of a new run: `given`, else checkpoints/STEM-001 with the next free number.

    Raises RunError if a run or any other content is already there.
    """
    if given is None:
        return _numbered(RUNS, stem)
    path = Path(given)
    hint = "choose another --out" + (f", or go on with it: --resume --out {given}" if is_run(path) else "")
    if not given:
        raise RunError("--out is empty", "name a directory, or leave --out out")
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
                raise RunError(f"{folder} is there already and is no directory", "remove it, or give --out") from error
            number += 1
        else:
            return path


def _make(path: Path, *, exist_ok: bool) -> None:
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise RunError(f"cannot make the directory {path}: {error.strerror}", "choose another --out") from error


_LOCK = "lock"


def _is_vacant(path: Path) -> bool:
    return not any(entry.name != _LOCK for entry in path.iterdir())


@contextmanager
def lock(run: Path) -> Iterator[None]:
    """Hold a run for this process; the system lets go of it however the process ends.

    Raises RunLockedError if another process holds it, RunError if the directory cannot be written. Temporary
    files that a killed process left are removed.
    """
    try:
        handle = os.open(run / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise RunError(f"cannot write into {run}: {error.strerror}", "choose another --out") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise RunLockedError(f"another process is training into {run}", "wait for it, or stop it first") from error
    try:
        for left in run.glob(f".*{tensorfile.TEMPORARY}"):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)
