"""What runs hold but their weights: one run, the runs found, and the figures of a run that was trained."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chargru import bundled, outcome, run, sampling
from chargru.errors import DamagedRunError, RunError
from chargru.model import FIGURES, INIT_FROM, MODEL, Document, Model, read_model
from chargru.run_curves import Curve, curve
from chargru.shown import Brief, Shown, counted

SAMPLE_LENGTH, SAMPLE_SEED = 240, 1
"""Of the text that a summary of training shows."""


@dataclass(frozen=True)
class RunDescription(Shown):
    """All of a run but its weights; an entry is None where the run does not say. `files` are sizes in bytes."""

    schema: ClassVar = "chargru.run/1"

    checkpoint: str
    state: str
    written: str | None
    vocabulary: list[str | None]
    hidden_size: int
    layers: int
    reset: str
    head: bool
    forced: list[str]
    parameters: int
    figures: Document
    settings: Document | None
    budget: Document | None
    text: Document | None
    init_from: Document | None
    files: dict[str, int]
    versions: Document | None

    def in_brief(self) -> str:
        """Its name and what it is."""
        bits = self.figures.get("val_bpc")
        score = "" if bits is None else f", {bits:.4f} bits per character"
        return f"of {bundled.called(self.checkpoint)}, {self.state}{score}; print it for all of it"


@dataclass(frozen=True)
class RunSummary(Brief):
    """A run in a list of runs; `error` says what is wrong with a damaged one."""

    checkpoint: str
    state: str
    val_bpc: float | None = None
    layers: int | None = None
    hidden_size: int | None = None
    updates: int | None = None
    written: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class RunList(Shown):
    """The runs below ./checkpoints, the latest first, and the bundled run if it is elsewhere."""

    schema: ClassVar = "chargru.runs/1"

    runs: tuple[RunSummary, ...]

    def in_brief(self) -> str:
        """How many there are, and the first of them by name."""
        names = ", ".join(bundled.called(one.checkpoint) for one in self.runs)
        return f"of {counted(len(self.runs), 'run')}: {names}" if names else "of no run"


@dataclass(frozen=True)
class Report(Shown):
    """The figures of a run that was trained. The losses are None if nothing was validated.

    `init_from` is the run that it began from, with the losses before the first update; None for drawn weights.
    `overfitting` is what `overfitting` says of it.
    """

    schema: ClassVar = "chargru.train/1"

    val_nats: float | None
    val_bpc: float | None
    best_update: int
    updates: int
    epochs: float
    seconds: float
    chars_per_second: float
    parameters: int
    checkpoint: str
    init_from: Document | None = None
    overfitting: str | None = None


@dataclass(frozen=True)
class TrainingSummary(Shown):
    """What `chargru train` tells of a run at its end. The network has `characters` in its vocabulary."""

    report: Report
    layers: int
    hidden_size: int
    characters: int
    curve: Curve | None
    sample: str


def training_summary(path: Path) -> TrainingSummary:
    """The run at `path`, with a sample of what it writes. Raises RunError, DamagedRunError."""
    model = read_model(path)
    shape, sample = model.architecture, sampling.sample(model, length=SAMPLE_LENGTH, seed=SAMPLE_SEED)
    return TrainingSummary(report(path), shape.layers, shape.hidden_size, len(model.vocabulary), curve(path), sample)


def report(path: Path) -> Report:
    """The figures of the run at `path`, from its files. Raises RunError, DamagedRunError."""
    document, _ = run.read_training(path, tensors=False)
    model = read_model(path)
    trained = model.trained
    return Report(
        val_nats=trained.get("val_nats"),
        val_bpc=trained.get("val_bpc"),
        best_update=trained.get("best_update") or 0,
        parameters=model.architecture.parameters,
        **{name: document[name] for name in ("updates", "epochs", "seconds", "chars_per_second")},
        checkpoint=str(path),
        init_from=trained.get(INIT_FROM),
        overfitting=overfitting(path),
    )


def overfitting(path: Path, word: outcome.Word = outcome.argument) -> str | None:
    """What to say of a run that went on long after its best weights, as `outcome.overfitting` has it; else None."""
    last = run.read_training(path, tensors=False)[0] if (path / run.TRAINING).is_file() else {}
    losses = curve(path)
    characters, hidden_size = last.get("text", {}).get("split"), last.get("settings", {}).get("hidden_size")
    if losses is None or characters is None or hidden_size is None:
        return None
    rows = zip(losses.update, losses.train_bpc, losses.val_bpc, strict=True)
    validated = [outcome.Validated(update, train, val) for update, train, val in rows if val is not None]
    return outcome.overfitting(validated, hidden_size=hidden_size, characters=characters, word=word)


def describe(path: Path) -> RunDescription:
    """All of a run but its weights. Raises RunError if there is no run, DamagedRunError if a file of it is damaged."""
    if run.is_closed(path):
        raise DamagedRunError(f"{path} may not be read by you", "check its permissions")
    if not path.is_file() and not run.is_run(path):
        here = "is not a run" if path.exists() else "does not exist"
        held = f": it holds no {MODEL}" if path.is_dir() else ""
        raise RunError(f"{path} {here}{held}", "list the runs with: chargru info")
    last = run.read_training(path, tensors=False)[0] if (path / run.TRAINING).is_file() else {}
    model = read_model(path)
    network, trained = model.document(), model.trained
    return RunDescription(
        checkpoint=str(path),
        state=_state(path, last),
        written=last.get("written"),
        **{name: network[name] for name in ("vocabulary", "hidden_size", "layers", "reset", "forced")},
        head=model.architecture.head,
        parameters=model.architecture.parameters,
        figures={name: last.get(name, trained.get(name)) for name in FIGURES},
        settings=last.get("settings") or trained.get("settings"),
        budget=last.get("budget") or trained.get("budget"),
        text=trained.get("text") or last.get("text"),
        init_from=trained.get(INIT_FROM) or last.get(INIT_FROM),
        files={file.name: file.stat().st_size for file in _files(path)},
        versions=trained.get("versions") or last.get("versions"),
    )


def text_key(one: RunDescription) -> tuple[str, int] | None:
    """What tells the text that a run is scored on from others: its SHA-256, and where it is split; None if unknown."""
    text = one.text or {}
    sha256, split = text.get("sha256"), text.get("split")
    return None if sha256 is None or split is None else (sha256, split)


def figures(model: Model) -> Document:
    """What training came to: the best weights' figures, and how long the run that they are of has gone on."""
    last: Document = {}
    if model.directory is not None and model.trained:
        with suppress(RunError):
            last = run.read_training(model.directory, tensors=False)[0]
    going = {name: last.get(name, model.trained.get(name)) for name in ("updates", "epochs", "seconds")}
    going["chars_per_second"] = last.get("chars_per_second")
    return {**{name: model.trained.get(name) for name in FIGURES}, **going}


def _state(path: Path, last: Document) -> str:
    if last:
        return "finished" if last.get("finished") is True else "unfinished"
    shipped = {run.resolve() for run in bundled.run_paths()}
    return "bundled" if path.resolve() in shipped else "model only"


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [path / name for name in (MODEL, run.TRAINING, run.METRICS) if (path / name).is_file()]


def runs() -> RunList:
    """The runs below ./checkpoints, the one that was trained last first, and those that ship with chargru.

    `load` takes each by its name. Damaged ones stand there too.

    >>> [run.checkpoint for run in chargru.runs().runs]
    ['checkpoints/cats', 'checkpoints/cats-rnn']
    """
    paths = run.runs()
    below = {path.resolve() for path in paths}
    paths += [path for path in bundled.run_paths() if run.is_run(path) and path.resolve() not in below]
    return RunList(tuple(map(summary, paths)))


def summary(path: Path) -> RunSummary:
    """A run's row in the list, also of a damaged one."""
    try:
        whole = describe(path)
    except DamagedRunError as error:
        return RunSummary(str(path), "damaged", error=error.message)
    return RunSummary(
        checkpoint=str(path),
        state=whole.state,
        val_bpc=whole.figures["val_bpc"],
        layers=whole.layers,
        hidden_size=whole.hidden_size,
        updates=whole.figures["updates"],
        written=whole.written,
    )
