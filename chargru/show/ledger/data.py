"""A ledger as a JSON document, CSV and NPZ: PyTorch's letters, every step, every digit."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from chargru.errors import SettingError, named
from chargru.insight.ledger import COUNTS_FROM, Ledger, Ledgers
from chargru.show.data import csv_text, json_text, npz_bytes
from chargru.show.trace import data as trace_data
from chargru.show.view import View


def as_json(found: Ledger | Ledgers, _: View | None = None) -> str:
    """On one line a chargru.ledger/1 document; of several the trace document with a list of them, `ledger`."""
    if isinstance(found, Ledger):
        return json_text(_document(found))
    return json_text({**trace_data.document(found.trace), "ledger": [_document(ledger) for ledger in found.ledgers]})


def _document(ledger: Ledger) -> dict[str, Any]:
    """For each index to show what every step wrote, from step 1 on, h_0's part, age and oldest."""
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


def as_csv(found: Ledger | Ledgers, _: View | None = None) -> str:
    """Long form of every index: step,char,index,w,n,part; step 0 is h_0, and its n the state itself.

    Raises SettingError for several ledgers.
    """
    return csv_text(_rows(_only(found, "csv")))


def _only(found: Ledger | Ledgers, format_: str) -> Ledger:
    ledgers = found.ledgers if isinstance(found, Ledgers) else (found,)
    if len(ledgers) > 1:
        message = f"a ledger as {format_} is of one step, but {len(ledgers)} are traced"
        raise SettingError(message, f"give one {named('step')}")
    return ledgers[0]


def _rows(ledger: Ledger) -> Iterator[tuple[Any, ...]]:
    yield "step", "char", "index", "w", "n", "part"
    contributions = ledger.contributions
    for k, index in np.ndindex(ledger.shares.shape):
        numbers = (float(values[k, index]) for values in (ledger.shares, ledger.written, contributions))
        yield (k, ledger.text[k - 1] if k else "", index, *numbers)


def as_npz(found: Ledger | Ledgers, _: View | None = None) -> bytes:
    """`w`, `n` and `part` (t + 1, H), row k of step k and row 0 of h_0; `h`, `age`, `oldest` (H). Float64.

    Raises SettingError for several ledgers.
    """
    ledger = _only(found, "npz")
    arrays = {"w": ledger.shares, "n": ledger.written, "part": ledger.contributions, "h": ledger.h}
    return npz_bytes({"age": ledger.ages, "oldest": ledger.oldest, **arrays})
