"""Runs below ./checkpoints with the documents that training leaves, made by hand."""

import dataclasses
from pathlib import Path

import numpy as np
from drawn import TEXT, model

from chargru import run
from chargru.model import write_model

WRITTEN = "2026-05-06T07:08:09+00:00"
SPLIT = 90


def own_run(
    name, *, val_bpc=2.5, finished=True, sha256="ab" * 32, split=SPLIT, budget=2.0, text="novel.txt", **settings
):
    """A run of 6 units, finished or not, that was scored `val_bpc` on the text with this fingerprint, if it has one."""
    path = Path("checkpoints") / name
    path.mkdir(parents=True)
    trained = {
        "settings": {"hidden_size": 6, "seed": 4, **settings},
        "budget": {"unit": "minutes", "amount": budget},
        "val_bpc": val_bpc,
        "val_nats": None if val_bpc is None else val_bpc * np.log(2),
        "best_update": 70,
        "updates": 80,
        "text": {"paths": [f"/home/a/{text}"], **({} if sha256 is None else {"sha256": sha256}), "split": split},
    }
    write_model(path, dataclasses.replace(model(TEXT), trained=trained))
    last = {name: trained[name] for name in ("settings", "budget", "text")}
    last |= {"written": WRITTEN, "finished": finished, "updates": 1234, "seconds": 61.5}
    run.write_training(path, last, {"position": np.zeros(1)})
    (path / run.METRICS).write_text("{}\n")
    return path
