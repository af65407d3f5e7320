"""A small text and settings to train on, progress that stops a run or listens, and what a run has written."""

import json
import os
import signal
from dataclasses import replace

from chargru import run
from chargru.training import begin
from chargru.training.progress import Progress
from chargru.training.settings import Budget, Settings

TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12
SMALL = Settings(hidden_size=6, batch_size=3, window=8, threads=1, dropout=0.3, learning_rate=0.02, seed=5)


def train(text, out, updates=4, progress=None, **changes):
    """A new run of some updates."""
    settings, budget = replace(SMALL, **changes), Budget("updates", updates)
    return begin.start([text], settings=settings, budget=budget, out=str(out), progress=progress)


class StopAt(Progress):
    """Sends this process a signal at an update, as a person would."""

    def __init__(self, update, number=signal.SIGINT):
        self.update, self.number = update, number

    def updated(self, status):
        if status.update == self.update:
            os.kill(os.getpid(), self.number)


class Notes(Progress):
    """Keeps what is said."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


class Clock:
    """Instead of time.perf_counter: it goes on by hand, and a little with each look, so that nothing takes no time."""

    now = 0.0

    def __call__(self):
        self.now += 1e-6
        return self.now


def rows(path):
    """The rows of a run's metrics."""
    return [json.loads(line) for line in (path / run.METRICS).read_text().splitlines()]


def change_state(path, change):
    """Write a run's last state again after `change(document, tensors)`."""
    document, tensors = run.read_training(path)
    del document["schema"]
    change(document, tensors)
    run.write_training(path, document, tensors)
