"""A training session: trains, validates and saves, from wherever the run stands until its budget is used."""

import math
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chargru import evaluation, run, sampling
from chargru.errors import Interrupted, TrainingError
from chargru.model import MODEL, Model, write_model
from chargru.text.source import Source
from chargru.text.vocabulary import Vocabulary
from chargru.training import record
from chargru.training.metrics import Metrics, Point
from chargru.training.origin import Origin, before
from chargru.training.progress import SAMPLE_WIDTH, TRAINING, Progress, Status, in_bits
from chargru.training.saving import Saving
from chargru.training.schedule import SAVE_EVERY, Schedule
from chargru.training.settings import Budget
from chargru.training.signals import Stop
from chargru.training.trainer import Trainer, not_finite

POINT_EVERY = 5.0
"""Seconds between rows of metrics.jsonl where nothing is validated."""

SAMPLE_EVERY = 3.0
"""Seconds between two samples, at least."""

SMOOTHED = 50
"""Updates over which the shown training loss is averaged."""


@dataclass
class Session:
    """One process's part in a run. Paths and text are settled; `train` does the rest."""

    run: Path
    source: Source
    vocabulary: Vocabulary
    trainer: Trainer
    budget: Budget
    validation_ids: NDArray[np.integer]
    """The validation split (at most a million characters), preceded by the character before it."""
    trace_text: str
    progress: Progress
    origin: Origin | None = None
    """Where the first weights came from, if they were not drawn."""
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=SMOOTHED))
    speed: float = 0.0
    val_bpc: float | None = None
    best: record.Snapshot | None = None
    """The best weights that this session has seen."""
    written: record.Snapshot | None = None  # those of them that were written last
    sample: str = ""
    rate: float = 0.0
    norm: float = 0.0

    def __post_init__(self) -> None:
        batches = self.trainer.batches
        self.position = self.trainer.position
        scored = max(0, self.validation_ids.size - 1)
        self.schedule = Schedule(self.budget, batches.windows_per_epoch, batches.lanes, batches.window, scored)
        validated = -1 if self.begins_unscored else self.position.validated
        self.metrics = Metrics(self.run, self.position.updates, validated)
        self.saving = Saving(self.run, self.progress, self.position.updates)
        self._before = self.position.seconds
        self._share_before = self.share
        # time.monotonic has 64 ticks a second on Windows, and an update may take less than one.
        self._started = self._saved = self._pointed = time.perf_counter()
        self._sampled = self._started

    def train(self) -> None:
        """Train until the budget is used or patience is at its end.

        A disk that refuses does not end it (`Saving`). Raises Interrupted after a signal, TrainingError if the loss or
        a weight is not finite, RunError if the disk refuses before the first update, or for too long at the end.
        """
        with Stop(self.progress.stopping, self.kept) as stop:
            self.stop = stop
            self.save()
            self.progress.doing = TRAINING
            self.progress.earlier(self.metrics.validations)
            if self.begins_unscored:
                self.score_origin()
            try:
                self.update_until_done()
                self.saving.insist(lambda: self.save(finished=True), self.position.updates, stop)
            except TrainingError:
                self.saving.insist(self.write_best, self.saving.update, stop)
                raise
            finally:
                self.saving.say_missing(self.metrics)

    @property
    def begins_unscored(self) -> bool:
        """Whether it begins from weights of another run that are yet to be scored (again, if that was not saved)."""
        return self.origin is not None and self.origin.val_nats is None and not self.position.updates

    def update_until_done(self) -> None:
        """Update and validate until the budget is used or patience is at its end; then validate once more."""
        while self.position.updates == 0 or (self.share < 1 and not self.out_of_patience):
            self.stop_if_asked()
            if self.validation_due:
                self.validate()
                continue
            self.update()
        if self.to_be_validated:
            self.validate()

    @property
    def to_be_validated(self) -> bool:
        """Whether the present weights can be scored and are not yet."""
        return bool(self.validation_ids.size) and self.position.validated != self.position.updates

    @property
    def share(self) -> float:
        """The used share of the budget."""
        return self.schedule.share(self.position.updates, self.position.seconds)

    @property
    def out_of_patience(self) -> bool:
        """Whether too many validations brought no new best."""
        patience = self.trainer.settings.patience
        return 0 < patience <= self.position.waited

    @property
    def validation_due(self) -> bool:
        """Whether it is time to validate."""
        position = self.position
        return bool(self.validation_ids.size) and self.schedule.validation_due(
            position.updates, position.validated, position.seconds - position.validated_seconds
        )

    def update(self) -> None:
        """One update, and what follows from it: figures, a row of metrics, a save when it is time."""
        started = time.perf_counter()
        update = self.trainer.update(self.share)
        took = self.tick() - started
        self.position.update_seconds += took
        self.speed = 0.9 * self.speed + 0.1 * update.characters / took if self.speed else update.characters / took
        self.recent.append(update.nats)
        self.rate, self.norm = update.learning_rate, update.grad_norm
        self.progress.updated(self.status())
        if self.write_sample():
            self.progress.wrote(self.sample)
        if time.perf_counter() - self._pointed >= POINT_EVERY:
            self.point(None)
        self.save_if_due()

    def validate(self) -> None:
        """Score the validation split; keep the weights if they are the best so far."""
        self.progress.validating()
        self.trainer.require_finite()
        started = self.tick()
        score = evaluation.score(self.trainer.scorer, self.validation_ids, on_window=self.between_windows)
        if not math.isfinite(score.nats):
            raise not_finite(self.position.updates, f"validation loss {score.nats:g}", self.trainer.settings)
        position = self.position
        position.validated = position.updates
        self.val_bpc = score.bpc
        if self.origin is not None and not position.updates:
            self.origin = replace(self.origin, val_nats=score.nats)
        if position.best_nats is None or score.nats < position.best_nats:
            position.best_nats, position.best_update, position.waited = score.nats, position.updates, 0
            self.best = record.Snapshot.of(self.trainer)
        elif position.updates > position.best_update:  # before it: after a crash, what was done is done again
            position.waited += 1
        self.point(score.bpc)
        self.write_sample()
        self.progress.validated(self.status(), self.sample)
        self.schedule.validation_seconds = self.tick() - started
        position.validated_seconds = position.seconds
        self.save_if_due()

    def score_origin(self) -> None:
        """Score the weights that the run begins from, which may stay its best; none of its minutes are used for that.

        The rate would else be at its peak with the first update.
        """
        if self.validation_ids.size:
            self.validate()
            self.progress.note(before(self.val_bpc or 0.0, len(self.vocabulary)))
            self._started, self.position.validated_seconds = time.perf_counter(), self._before

    def between_windows(self) -> None:
        """While validating: a signal ends it (its result is dropped and it is done again on --resume)."""
        self.tick()
        self.save_if_due()
        self.stop_if_asked()

    def stop_if_asked(self) -> None:
        """Save and raise Interrupted if a signal came."""
        if self.stop.requested:
            self.saving.insist(self.save, self.position.updates, self.stop)
            message = f"stopped at update {self.position.updates}; everything is saved in {self.run}"
            raise Interrupted(message, str(self.run))

    def kept(self) -> Interrupted:
        """What is said of a run that was stopped at once, without a save."""
        update = f"update {self.saving.update}"
        return Interrupted(f"stopped without saving; {self.run} holds what it held at {update}", str(self.run))

    def save_if_due(self) -> None:
        """Save if the last attempt is a while ago; a disk that refuses is tried again after as long."""
        if time.perf_counter() - self._saved >= SAVE_EVERY:
            self.saving.attempt(self.save, self.position.updates)
            self._saved = time.perf_counter()

    def save(self, *, finished: bool = False) -> None:
        """Write the best weights and the last state; as long as nothing was validated, the present ones as the best.

        A signal does not end it halfway. Raises RunError if the disk refuses; TrainingError, with nothing written, if
        the state is not finite.
        """
        with self.stop.writing():
            self.tick()
            tensors = self.trainer.tensors()
            self._write_best()
            unvalidated = self.position.best_nats is None
            if unvalidated:
                self.position.best_update = self.position.updates
            parts = self.trainer, self.budget, self.vocabulary, self.source
            document = record.training_document(*parts, self.origin, finished=finished)
            writes = [lambda: run.write_training(self.run, document, tensors)]
            if unvalidated:
                writes.append(lambda: write_model(self.run, self.model(record.Snapshot.of(self.trainer))))
            # A model without a state would be a run that nobody can go on with; a finished state is the last thing.
            for write in reversed(writes) if finished else writes:
                self.saving.put(write)
            self.saving.write_rows(self.metrics)

    def write_best(self) -> None:
        """Write the best weights and the metrics, as far as they are not written yet, and not the present state."""
        with self.stop.writing():
            self._write_best()
            self.saving.write_rows(self.metrics)

    def _write_best(self) -> None:
        """Write the best weights if the file is not theirs; where it vanished and they are unknown, begin anew."""
        position, vanished = self.position, run.lacks(self.run, MODEL)
        if self.best is not None and (vanished or self.best is not self.written):
            best = self.model(self.best)
            self.saving.put(lambda: write_model(self.run, best))
            self.written = self.best
        elif self.best is None and vanished:
            position.best_nats, position.best_update, position.waited = None, 0, 0

    def model(self, weights: record.Snapshot) -> Model:
        """Some of this run's weights as what other commands read."""
        parts = self.trainer, self.budget, self.vocabulary, self.source
        return record.model(weights, *parts, self.trace_text, self.origin)

    def write_sample(self) -> bool:
        """Have the present weights write a line, the same for the same update; whether the last one was long ago."""
        now = time.perf_counter()
        if now - self._sampled >= SAMPLE_EVERY:
            self.trainer.require_finite()
            written = Model(self.vocabulary, self.trainer.model.weights(), forced=self.trainer.settings.force)
            self.sample = sampling.sample(written, length=SAMPLE_WIDTH, seed=self.position.updates)
            self._sampled = now
            return True
        return False

    def tick(self) -> float:
        """Bring the position's clock up to now; returns the monotonic time."""
        now = time.perf_counter()
        self.position.seconds = self._before + now - self._started
        return now

    def status(self) -> Status:
        """What progress shows."""
        position, share = self.position, self.share
        return Status(
            share=share,
            update=position.updates,
            epoch=self.trainer.epochs,
            train_bpc=in_bits(math.fsum(self.recent) / len(self.recent)) if self.recent else None,
            val_bpc=self.val_bpc,
            best_bpc=in_bits(position.best_nats),
            chars_per_second=self.speed,
            seconds_left=self.seconds_left(share),
        )

    def seconds_left(self, share: float) -> float | None:
        """By the clock under minutes, else by the pace of this session; None if it has none yet."""
        if self.budget.unit == "minutes":
            return self.budget.amount * 60 - self.position.seconds
        done = share - self._share_before
        return (1 - share) * (self.position.seconds - self._before) / done if done > 0 else None

    def point(self, val_bpc: float | None) -> None:
        """Add a row to metrics.jsonl."""
        self._pointed = time.perf_counter()
        self.metrics.add(Point.of(self.status(), val_bpc, self.position.seconds, self.rate, self.norm))
