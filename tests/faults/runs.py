"""Runs that faults are done to: small ones that save after every update, and what must be true of what is left."""

import json
from dataclasses import replace

import numpy as np
from safetensors.numpy import load_file

import chargru
from chargru import run, run_summary
from chargru.model import MODEL
from chargru.training import begin, saving, session
from chargru.training.progress import Progress
from chargru.training.settings import Budget, Settings

TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12
SMALL = Settings(hidden_size=6, batch_size=3, window=8, threads=1, dropout=0.3, learning_rate=0.02, seed=5)


def saved_often(every=0.0, waiting=0.001):
    """Save after every update, and wait no longer than that for a disk."""
    session.SAVE_EVERY, saving.TRY_EVERY = every, waiting


def trained(text, out, updates, progress=None, **changes):
    """Begin a run, or go on with the one that is there, unless it is finished."""
    if run.holds(out, run.TRAINING):
        finished = run.read_training(out, tensors=False)[0]["finished"]
        return out if finished else begin.resume(str(out), progress=progress)
    settings = replace(SMALL, **changes)
    return begin.start(
        [str(text)], settings=settings, budget=Budget("updates", updates), out=str(out), progress=progress
    )


class Hears(Progress):
    """Keeps what is said, and the update that was done last; `then` is called with each that is said."""

    patience = 5.0

    def __init__(self, then=lambda _: None):
        self.updates, self.notes, self.then = 0, [], then

    def updated(self, status):
        self.updates = status.update

    def note(self, text):
        self.notes.append(text)
        self.then(text)


def bits(out):
    """Every tensor of a run, as bytes, by file and name; and the scores of its validations by update."""
    found = {
        (file, name): (value.dtype.str, value.shape, value.tobytes())
        for file in (MODEL, run.TRAINING)
        for name, value in load_file(out / file).items()
    }
    rows = map(json.loads, (out / run.METRICS).read_text().splitlines())
    return found | {("scores", row["update"]): row["val_bpc"] for row in rows if row["val_bpc"] is not None}


def check_that_it_loads(out):
    """What is left of a run can be read by the commands. Returns the update of its last state, None without any."""
    if not run.holds(out, run.TRAINING):
        assert not run.holds(out, MODEL)
        return None
    document, tensors = run.read_training(out)
    assert all(np.isfinite(value).all() for value in tensors.values() if value.dtype.kind == "f")
    if run.holds(out, MODEL):
        run_summary.report(out)
        model = chargru.load(out)
        assert len(chargru.sample(model, length=5)) > 0
        chargru.trace(model, steps=[2])
    return document["updates"]
