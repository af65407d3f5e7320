"""`chargru ablate --retrain`: the GRU and the GRU with one part less, each trained from scratch on one text."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from chargru.arguments import several, whole
from chargru.errors import Interrupted, SettingError, TextError, TrainingError, check_setting, named
from chargru.insight.retraining import Retrained, Retraining, Trial
from chargru.model import Model
from chargru.text.source import Source
from chargru.training.process import settle
from chargru.training.progress import Progress, Status
from chargru.training.settings import DEFAULTS, Budget, Settings, budget
from chargru.training.signals import Stop

if TYPE_CHECKING:
    from chargru.training.trainer import Trainer
    from chargru.training.variants import Variant

MINUTES = 1.0
"""The budget of each training unless another is given."""


def retrain(
    model: Model,
    text: str | Sequence[tuple[str, str]] | None = None,
    *,
    minutes: float | None = None,
    epochs: float | None = None,
    updates: int | None = None,
    seeds: int = 1,
    progress: Progress | None = None,
    **settings: Any,
) -> Retraining:
    """Train the GRU and each variant of it from scratch, with one size and budget each; none of the runs is kept.

    `text` is one text, or several as (text, name) that are joined; None is the text that the model was trained on. Its
    last part scores. The settings are the model's own but for its held gates, as far as it knows them; `settings` are
    others, by their names in `training.settings.Settings`. The budget of each training is one of `minutes`, `epochs`
    and `updates`, a minute unless given. Under minutes the GRU trains for so long, and the others for as many updates
    as it did by the same engine, so that neither a busy machine nor a slow engine decides. With `seeds` each is trained
    so many times, from the seed of the settings on. After Ctrl-C what is done comes back.

    Raises TextError, SettingError and TrainingError; what diverges is reported in its row.

    >>> small = {"hidden_size": 6, "batch_size": 4, "window": 16, "threads": 1}
    >>> found = chargru.retrain(chargru.load("cats"), "The cat sat on the mat. " * 60, updates=3, **small)
    >>> [one.variant for one in found.variants][:5]
    ['as it is', 'r = 1', 'r = 0', 'z = 0', 'r = 1, z = 0']
    >>> found.variants[0].parameters - found.variants[1].parameters  # r's rows do not count: 6 (12 + 6 + 1 + 1)
    120
    """
    allowed = budget(minutes, epochs, updates) or Budget("minutes", MINUTES)
    chosen = _settings(model, settings)
    seeds = whole("seeds", seeds)
    check_setting("seeds", seeds, 1 <= seeds <= 100, "from 1 to 100")
    content, where = _text(model, text)
    shown = progress or Progress()
    shown.note("loading torch ...")
    settle()
    from chargru.training.variants import variants

    plan = variants(chosen.reset, plain_gru=allowed.unit == "minutes")
    numbers = range(chosen.seed, chosen.seed + seeds)
    with TemporaryDirectory(prefix="chargru-") as folder, shown:
        file = Path(folder) / "text.txt"
        file.write_bytes(content.encode("utf-8", "surrogatepass"))
        trials = _Trials(file, allowed, Overall(shown, allowed, len(plan) * seeds))
        try:
            drawn = [replace(chosen, seed=seed) for seed in numbers]
            trials.train_all((variant, variant.settings(one)) for one in drawn for variant in plan)
        except (Interrupted, KeyboardInterrupt):
            shown.note("stopped; what was trained until then:")
    return Retraining(
        text=where,
        characters=len(content),
        hidden_size=chosen.hidden_size,
        layers=chosen.layers,
        reset=chosen.reset,
        budget=str(allowed),
        planned=len(plan) * seeds,
        seeds=tuple(numbers),
        variants=_with_differences(trials.done),
        settings=chosen.to_document(),
    )


@dataclass
class _Trials:
    """The trainings, one after the other, and what came of them by the variant's name."""

    file: Path
    budget: Budget
    overall: "Overall"
    updates: dict[bool, Budget] = field(default_factory=dict)
    """Under minutes: what the GRU did in them, by whether the plain equations train."""
    done: dict[str, Retrained] = field(default_factory=dict)

    def train_all(self, plan: Iterable[tuple["Variant", Settings]]) -> None:
        """Train each. Raises what `train` does; a signal that came too late for one training stops the next."""
        with Stop(self.overall.stopping) as stop:
            for variant, settings in plan:
                if stop.requested:
                    raise Interrupted
                self.train(variant, settings)

    def train(self, variant: "Variant", settings: Settings) -> None:
        """Train one, and add what it gave. Raises Interrupted, and TrainingError if it cannot begin."""
        from chargru.training import begin

        prepared: list[Trainer] = []

        def prepare(trainer: "Trainer") -> None:
            variant.prepare(trainer)
            prepared.append(trainer)

        self.overall.begin(variant.name, settings.seed)
        with TemporaryDirectory(dir=self.file.parent) as run:
            try:
                begin.start(
                    [str(self.file)],
                    settings=settings,
                    budget=self.updates.get(variant.plain, self.budget),
                    out=f"{run}/run",
                    progress=self.overall,
                    prepare=prepare,
                )
                diverged = False
            except TrainingError:
                if not prepared:
                    raise
                diverged = True
        self._add(variant, prepared[0], settings.seed, diverged=diverged)

    def _add(self, variant: "Variant", trainer: "Trainer", seed: int, *, diverged: bool) -> None:
        position = trainer.position
        if self.budget.unit == "minutes" and not diverged:
            self.updates.setdefault(variant.plain, Budget("updates", position.updates))
        nats, speed = position.best_nats, position.characters / max(position.update_seconds, 1e-9)
        bits = None if nats is None else nats / log(2)
        trial = Trial(seed, nats, bits, position.updates, round(speed, 1), diverged)
        parameters = variant.effective_parameters(trainer.architecture)
        before = self.done.get(variant.name, Retrained(variant.name, parameters, variant.engine(trainer), ()))
        self.done[variant.name] = replace(before, trials=(*before.trials, trial))
        self.overall.end(trial)


class Overall(Progress):
    """Shows one training of several as a part of all; says what begins, and what came of it."""

    def __init__(self, shown: Progress, budget: Budget, planned: int) -> None:
        self._shown, self._budget, self._planned = shown, budget, planned
        self._done, self._said, self._started = 0, {"loading torch ..."}, time.monotonic()

    def begin(self, name: str, seed: int) -> None:
        """A training begins."""
        self._shown.note(f"{self._done + 1} of {self._planned}: {name}, seed {seed}")

    def end(self, trial: Trial) -> None:
        """It is done."""
        self._done += 1
        bits = "no score" if trial.val_bpc is None else f"{trial.val_bpc:.4f} bits per character"
        self._shown.note(f"   {bits}{', diverged' * trial.diverged} after {trial.updates:,} updates")

    def note(self, text: str) -> None:
        """Say it, but once for all trainings."""
        if text not in self._said:
            self._said.add(text)
            self._shown.note(text)

    def validating(self) -> None:
        """A validation begins."""
        self._shown.validating()

    def stopping(self, what: str) -> None:
        """A signal to stop has come."""
        self._shown.stopping(what)

    def updated(self, status: Status) -> None:
        """An update is done: the share of all trainings, and the time that they all take."""
        self._shown.updated(self._of_all(status))

    def validated(self, status: Status, sample: str) -> None:  # noqa: ARG002 -- written by the GRU's equations
        """A validation is done."""
        self._shown.updated(self._of_all(status))

    def _of_all(self, status: Status) -> Status:
        share = (self._done + min(1.0, status.share)) / self._planned
        if self._budget.unit == "minutes":
            left = (status.seconds_left or 0.0) + (self._planned - self._done - 1) * 60 * self._budget.amount
        else:
            left = (time.monotonic() - self._started) * (1 - share) / share if share else 0.0
        return replace(status, share=share, seconds_left=left)


def _with_differences(done: dict[str, Retrained]) -> tuple[Retrained, ...]:
    base = Retraining("", 0, 0, 0, "after", "", 0, (), tuple(done.values())).base
    return tuple(replace(one, difference=one.minus(base(one))) for one in done.values())


def _settings(model: Model, given: dict[str, Any]) -> Settings:
    """The model's own settings, or the defaults with its size, and what is given. Raises SettingError."""
    unknown = next((name for name in given if name not in vars(DEFAULTS)), None)
    if unknown is not None:
        raise SettingError(f"there is no setting {unknown!r}", f"there are: {', '.join(vars(DEFAULTS))}")
    if given.get("force"):
        raise SettingError(f"{named('force')} is what the variants differ in", f"leave {named('force')} out")
    shape = model.architecture
    size: dict[str, Any] = {"hidden_size": shape.hidden_size, "layers": shape.layers, "reset": shape.reset}
    recorded = model.trained.get("settings")
    own = replace(DEFAULTS, **size) if recorded is None else Settings.from_document(recorded)
    # All in one precision, which the plain equations have too, and to the end of the budget.
    alike: dict[str, Any] = {
        "force": (),
        "precision": "fp32",
        "encoding": "utf-8",
        "patience": 0,
        "device": DEFAULTS.device,
    }
    validated = own.validation_fraction or DEFAULTS.validation_fraction
    return replace(own, **{**alike, "validation_fraction": validated, **given})


def _text(model: Model, text: str | Sequence[tuple[str, str]] | None) -> tuple[str, str]:
    """The text to train on, and what to call it."""
    if isinstance(text, str):
        return text, "the text"
    if text is not None:
        parts = several("text", text)
        return "".join(part for part, _ in parts), ", ".join(where for _, where in parts)
    if "text" not in model.trained:
        raise TextError("the run does not say which text it was trained on", f"name a text as {named('text')}")
    source = Source.from_document(model.trained["text"])
    home = Path() if model.path is None else model.path.parent
    return source.read(home=home, hint=f"put it back, or name a text as {named('text')}").text, "the run's text"
