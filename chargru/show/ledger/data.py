"""A ledger as a JSON document, CSV and NPZ: PyTorch's letters, every step, every digit."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from chargru.insight.ledger import COUNTS_FROM, Ledger
from chargru.show.data import csv_text, json_text, npz_bytes
from chargru.show.view import View


def document(ledger: Ledger) -> dict[str, Any]:
    """chargru.ledger/1: for each index to show what every step wrote, from step 1 on, h_0's part, age and oldest."""
    return {
        "schema": "chargru.ledger/1",
        "checkpoint": ledger.checkpoint,
        "text": ledger.text,
        "step": ledger.step,
        "layer": ledger.layer,
        "counts_from": COUNTS_FROM,
        "indices": [_index(ledger, index) for index in ledger.indices],
    }


def _index(ledger: Ledger, index: int) -> dict[str, Any]:
    columns = (ledger.shares, ledger.written, ledger.contributions)
    w, n, parts = (column[:, index].tolist() for column in columns)
    steps = [
        {"step": k, "char": ledger.text[k - 1], "w": w[k], "n": n[k], "part": parts[k]}
        for k in range(1, ledger.step + 1)
    ]
    return {
        "index": index,
        "h": float(ledger.h[index]),
        "age": float(ledger.ages[index]),
        "oldest": int(ledger.oldest[index]) or None,
        "h_0": {"w": w[0], "h": n[0], "part": parts[0]},
        "steps": steps,
    }


def as_json(ledger: Ledger, _: View | None = None) -> str:
    """The document as one line of JSON."""
    return json_text(document(ledger))


def as_csv(ledger: Ledger, _: View | None = None) -> str:
    """Long form of every index: step,char,index,w,n,part; step 0 is h_0, and its n the state itself."""
    return csv_text(_rows(ledger))


def _rows(ledger: Ledger) -> Iterator[tuple[Any, ...]]:
    yield "step", "char", "index", "w", "n", "part"
    contributions = ledger.contributions
    for k, index in np.ndindex(ledger.shares.shape):
        numbers = (float(values[k, index]) for values in (ledger.shares, ledger.written, contributions))
        yield (k, ledger.text[k - 1] if k else "", index, *numbers)


def as_npz(ledger: Ledger, _: View | None = None) -> bytes:
    """`w`, `n` and `part` (t + 1, H), row k of step k and row 0 of h_0; `h`, `age`, `oldest` (H). Float64."""
    arrays = {"w": ledger.shares, "n": ledger.written, "part": ledger.contributions, "h": ledger.h}
    return npz_bytes({"age": ledger.ages, "oldest": ledger.oldest, **arrays})
