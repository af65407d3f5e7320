"""`chargru.train`: a new run, or one that goes on, by one function. torch is loaded only when it begins."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chargru.arguments import nearest
from chargru.errors import SettingError, named
from chargru.model import Model, read_model
from chargru.training import notebook_progress, origin
from chargru.training.process import settle
from chargru.training.progress import Progress
from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS, budget

BUDGETS = ("minutes", "epochs", "updates")

MACHINE = ("device", "threads")
"""The settings that may be others when a run goes on."""


def train(
    *files: str | Path,
    out: str | Path | None = None,
    resume: bool = False,
    init_from: str | Path | Model | None = None,
    minutes: float | None = None,
    epochs: float | None = None,
    updates: int | None = None,
    suffix: Sequence[str] = (),
    progress: Progress | bool | None = None,
    **settings: Any,
) -> Model:
    """Train a GRU on text files, joined, or on the bundled text if there are none; its best weights by validation.

    The budget is one of `minutes`, `epochs` and `updates`, 2 minutes unless given. The run is written to the directory
    `out`, else to checkpoints/STEM-001 or the next free number; `resume` goes on with the run at `out`, else with the
    newest. Of a directory the files with a `suffix` are read (`text.files.TEXT_SUFFIXES` unless some are given). With
    `init_from`, a run as `load` takes it or a model, the new run begins from its best weights: the network is taken
    over, and the text's other characters are added. `settings` are those of `chargru train`, by their names in
    `training.settings.Settings`: learning_rate, force, hidden_size, ...; without hidden_size the text's length decides
    on it. A notebook and a Python prompt show how far it is, a script with `progress=True`; False is silent, and a
    Progress of `training.progress` is used as it is. The model's `trained` has the figures of its best update, the
    report of `run_summary` those of the run.

    Raises TextError, SettingError, RunError, TrainingError; and Interrupted after Ctrl-C, when all is saved.

    >>> _ = pathlib.Path("cats.txt").write_text("The cat sat on the mat. " * 100)
    >>> model = chargru.train("cats.txt", out="run", updates=5, hidden_size=8, batch_size=4, window=16, threads=1)
    >>> model.trained["best_update"], model.architecture.hidden_size, len(model.vocabulary)
    (5, 8, 12)
    >>> _ = pathlib.Path("owls.txt").write_text("The owl woke up. " * 100)
    >>> tuned = chargru.train("owls.txt", out="tuned", init_from=model, updates=5, batch_size=4, window=16, threads=1)
    >>> tuned.vocabulary.characters[12:]  # those of the cats keep their ids
    ('k', 'l', 'p', 'u', 'w')
    >>> tuned.trained["val_nats"] < tuned.trained["init_from"]["val_nats"]
    True
    """
    allowed = budget(minutes, epochs, updates)
    _check(settings, resume=resume, suffix=suffix, init_from=init_from)
    model, said = (None, "") if init_from is None else origin.find(init_from)
    chosen = replace(DEFAULTS, **settings) if model is None else origin.settings(model, settings)
    where, paths = None if out is None else str(out), [str(file) for file in files]
    shown = notebook_progress.chosen(progress)
    if said:
        shown.note(said)
    shown.note("loading torch ...")
    settle()
    from chargru.training import begin

    if resume:
        path = begin.resume(where, paths=paths, budget=allowed, progress=shown, **settings)
    else:
        allowed = allowed or DEFAULT_BUDGET
        path = begin.start(
            paths,
            settings=chosen,
            fitting=model is None and "hidden_size" not in settings,
            budget=allowed,
            out=where,
            suffix=suffix,
            progress=shown,
            model=model,
        )
    return read_model(path)


def _check(settings: dict[str, Any], *, resume: bool, suffix: Sequence[str], init_from: object) -> None:
    """Raises SettingError for a setting that is unknown or fixed in a `resume`, and for what cannot go together."""
    unknown = next((name for name in settings if name not in vars(DEFAULTS)), None)
    if unknown is not None:
        known = [*BUDGETS, *vars(DEFAULTS)]
        meant = nearest(unknown, known)
        asked = "" if meant is None else f"; did you mean {meant}?"
        raise SettingError(f"there is no setting {unknown!r}{asked}", f"there are: {', '.join(known)}")
    fixed = next((name for name in settings if name not in MACHINE), "suffix" if suffix else None)
    if resume and fixed is not None:
        raise _fixed(fixed)
    if resume and init_from is not None:
        what = f"{named('init_from')} begins a new run, {named('resume=True')} goes on with one"
        raise SettingError(what, "give only one of them")


def _fixed(name: str) -> SettingError:
    may = ", ".join(map(named, MACHINE))
    hint = f"{named('resume=True')} accepts {may} and a larger budget; for other settings start a new run"
    return SettingError(f"{named(name)} cannot change when a run goes on", hint)
