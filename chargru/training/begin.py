"""The two ways to begin a session: a new run on a text, or a run that goes on."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chargru import host, run, sizing, tensorfile
from chargru.errors import DamagedRunError, TrainingError, named
from chargru.gru.weights import Architecture
from chargru.model import MODEL, Model, read_model
from chargru.shown import counted
from chargru.text.batches import Batches
from chargru.text.corpus import Corpus, split_point
from chargru.text.source import Source, read_source, suffixes_of
from chargru.text.vocabulary import Vocabulary
from chargru.training import origin, record
from chargru.training.progress import Progress, Reading
from chargru.training.session import Session
from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS, Budget, Settings
from chargru.training.signals import Stop
from chargru.training.trainer import Position, Trainer

VALIDATED_AT_MOST = 1_000_000
"""Characters of the validation split that are scored while training."""

LARGER = f"give a larger {named('minutes')}, {named('epochs')} or {named('updates')} with {named('resume=True')}"


def start(
    paths: Sequence[str] = (),
    *,
    settings: Settings = DEFAULTS,
    fitting: bool = False,
    budget: Budget = DEFAULT_BUDGET,
    out: str | None = None,
    suffix: Sequence[str] = (),
    progress: Progress | None = None,
    model: Model | None = None,
    prepare: Callable[[Trainer], None] = lambda _: None,
) -> Path:
    """Train a new run on the given files (the bundled text if there are none) into `out`, or a numbered directory.

    With `fitting` the text's length decides on the units of a layer (`sizing.hidden_size`), whatever the settings say.
    Of a directory the files with a `suffix` are read. It begins from `model`, whose network the settings must be those
    of (`origin.settings`), or from drawn weights. `prepare` may change the trainer before its first update. Returns the
    run's directory. Raises TextError, SettingError, RunError, TrainingError, and Interrupted after Ctrl-C.
    """
    with progress or Progress() as shown:
        shown.reading("reading the text")
        reading = Reading(shown)
        corpus, found = read_source(paths, settings.encoding, suffix, on_more=reading.more, on_bytes=reading.advance)
        encoding = settings.encoding if paths else "utf-8"
        split = split_point(len(corpus.text), settings.validation_fraction)
        source = Source(found, encoding, corpus.sha256, len(corpus.text), split, suffixes_of(paths, suffix))
        settings = _fitted(settings, split, shown) if fitting else settings
        vocabulary = Vocabulary.from_text(corpus.text) if model is None else model.vocabulary.grown(corpus.text)
        state = record.State(settings, budget, vocabulary, source, Position(), finished=False, precision="", tensors={})
        trainer, ids = _trainer(state, corpus, shown)
        if model is not None:
            shown.note(origin.note(model, vocabulary, ids))
            trainer.model.load(origin.first_weights(model, vocabulary, settings))
            state = dataclasses.replace(state, origin=origin.Origin.of(model))
        prepare(trainer)
        with Stop(), run.lock(path := run.create(out, corpus.stem)):  # from here on there is a run to go on with
            run.require_vacant(path)
            if any(not _can_be_read_again(given) for given in paths):
                state = dataclasses.replace(state, source=_keep(source, corpus, path))
            return _train(path, state, trainer, corpus, ids, shown)


def resume(
    out: str | None = None,
    *,
    paths: Sequence[str] = (),
    budget: Budget | None = None,
    device: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Go on with the run at `out`, or the newest; `paths` say where its text stands now, if it was moved.

    Raises what `start` does, and TrainingError if the budget is used up.
    """
    path = run.find_training(out)
    with progress or Progress() as shown, run.lock(path):
        shown.reading("reading the run")
        state = record.read_state(path)
        called = str(path) if out is not None else f"{path}, the run trained last"
        anew, reading = _with_another_text(path, asked=out), Reading(shown)
        corpus = state.source.read(
            paths, home=path, anew=anew, called=called, on_more=reading.more, on_bytes=reading.advance
        )
        state = _with_budget(path, state, budget)
        changed = {"device": device, "threads": threads}
        given: dict[str, Any] = {name: value for name, value in changed.items() if value is not None}
        state = dataclasses.replace(state, settings=dataclasses.replace(state.settings, **given))
        if paths and all(map(_can_be_read_again, paths)):
            found = tuple(str(Path(given).resolve()) for given in paths)
            state = dataclasses.replace(state, source=dataclasses.replace(state.source, paths=found))
        trainer, ids = _trainer(state, corpus, shown)
        trainer.load_tensors(state.tensors)
        _agree_on_best(path, trainer.position, shown)
        if trainer.precision != state.precision:
            shown.note(f"note: products are made in {trainer.precision} here; the run began with {state.precision}")
        shown.note(f"going on with {path} at update {trainer.position.updates}")
        return _train(path, state, trainer, corpus, ids, shown, asked=budget is not None)


def _fitted(settings: Settings, characters: int, shown: Progress) -> Settings:
    """The settings with the units that so many characters to train on ask for."""
    units = sizing.hidden_size(characters)
    shown.note(f"note: hidden size {units}, for {characters:,} characters to train on")
    return dataclasses.replace(settings, hidden_size=units)


def _with_budget(path: Path, state: record.State, budget: Budget | None) -> record.State:
    """The state under a larger budget, or under its own if it is not used up."""
    old = state.budget
    if budget is None:
        if state.finished:
            reached = f"after {state.position.updates} updates"
            raise TrainingError(f"{path} is finished: its budget was {old}, and it ended {reached}", LARGER)
        return state
    if budget.unit == old.unit and budget.amount < old.amount + (1e-9 if state.finished else 0):
        raise TrainingError(f"the budget of {path} was {old} already; {budget} is not larger", LARGER)
    state.position.waited = 0
    return dataclasses.replace(state, budget=budget)


def _trainer(state: record.State, corpus: Corpus, shown: Progress) -> tuple[Trainer, np.ndarray]:
    settings, vocabulary = state.settings, state.vocabulary
    ids = vocabulary.encode(corpus.text)
    batches = Batches(
        ids[: state.source.split],
        len(vocabulary),
        lanes=settings.batch_size,
        window=settings.window,
        seed=settings.seed,
    )
    for note in (*corpus.notes, *batches.notes, *_of_threads(settings.threads)):
        shown.note(f"note: {note}")
    shown.reading("preparing the network")
    architecture = Architecture(len(vocabulary), settings.hidden_size, settings.layers, settings.reset)
    return Trainer(architecture, settings, batches, state.position), ids


def _of_threads(asked: int) -> list[str]:
    """The note that fewer threads are used than asked for, if so: more than the cores only get in each other's way."""
    cores = host.cores() or 1
    return (
        [f"{asked:,} threads are asked for, but there are {counted(cores, 'core')}; {cores:,} are used"]
        if asked > cores
        else []
    )


def _train(
    path: Path,
    state: record.State,
    trainer: Trainer,
    corpus: Corpus,
    ids: np.ndarray,
    shown: Progress,
    *,
    asked: bool = False,
) -> Path:
    """Train, and save as finished a run that was killed when all but that was done; not under a budget `asked` for."""
    split, text = state.source.split, corpus.text
    if trainer.position.index >= trainer.batches.windows_per_epoch:
        raise DamagedRunError(f"{path} stands at a window that its text does not have", "use a backup of this run")
    if len(text) - split > VALIDATED_AT_MOST:
        shown.note(f"note: of the validation split the first {VALIDATED_AT_MOST:,} characters are scored")
    trace_from = max(0, min(split, len(text) - run.TRACE_CHARACTERS))
    session = Session(
        run=path,
        source=state.source,
        vocabulary=state.vocabulary,
        trainer=trainer,
        budget=state.budget,
        validation_ids=ids[split - 1 : split + VALIDATED_AT_MOST] if split < len(text) else ids[:0],
        trace_text=text[trace_from : trace_from + run.TRACE_CHARACTERS],
        progress=shown,
        origin=state.origin,
    )
    if asked and trainer.position.updates and session.share >= 1 and not session.to_be_validated:
        raise TrainingError(f"{path} has used a budget of {state.budget} already", LARGER)
    session.train()
    return path


def _with_another_text(path: Path, *, asked: str | None) -> str:
    begin = named("init_from", host.quoted(run.word_for(str(path))))
    other = f"name another run with {named('out', 'RUN')}, " if asked is None else ""
    return f"{other}or, to go on with another text, leave {named('resume=True')} out and give {begin}"


def _can_be_read_again(path: str) -> bool:
    return Path(path).is_file() or Path(path).is_dir()


def _keep(source: Source, corpus: Corpus, path: Path) -> Source:
    """Keep a text that cannot be read a second time inside the run."""
    tensorfile.write_atomically(path / run.KEPT_TEXT, corpus.text.encode("utf-8", "surrogatepass"))
    return dataclasses.replace(source, paths=(run.KEPT_TEXT,), encoding="utf-8")


def _agree_on_best(path: Path, position: Position, shown: Progress) -> None:
    """Keep a best model that was written after the last state (the process died between the two).

    Without any, the weights of the last state are the best ones until the next validation. Raises DamagedRunError.
    """
    if not (path / MODEL).is_file():
        shown.note(f"note: {path / MODEL} is missing; the best weights from here on take its place")
        position.best_nats, position.best_update, position.waited = None, 0, 0
        return
    try:
        trained = read_model(path).trained
    except DamagedRunError as error:
        hint = f"use a backup of it, or move it away: {named('resume=True')} then goes on from the last state"
        raise DamagedRunError(error.message, hint) from error
    best, update = trained.get("val_nats"), trained.get("best_update")
    if best is not None and update is not None and (position.best_nats is None or best < position.best_nats):
        position.best_nats, position.best_update, position.waited = best, update, 0
