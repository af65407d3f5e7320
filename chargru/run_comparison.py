"""Runs side by side: their scores, and in what they differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from chargru import run_summary
from chargru.model import Document
from chargru.run_summary import RunDescription
from chargru.shown import Shown

SCORES = ("val_bpc", "val_nats", "best_update", "updates", "epochs", "seconds", "chars_per_second")

Values = dict[str, tuple[Any, ...]]
"""By name, one value a run, in the order of the runs; None where a run does not say."""


@dataclass(frozen=True)
class RunComparison(Shown):
    """The scores of some runs, and what differs of their documents.

    `same_text` says whether they were scored on the same text, split at the same place; it is None if a run does not
    say. Unless it is true no score is better than another, and `best`, the run with the lowest val_bpc, is None.
    """

    schema: ClassVar = "chargru.run_comparison/1"

    runs: tuple[str, ...]
    states: tuple[str, ...]
    same_text: bool | None
    best: str | None
    scores: Values
    settings: Values
    budget: Values
    text: Values
    versions: Values


def compare(paths: Sequence[Path]) -> RunComparison:
    """Compare runs. Raises RunError for what is no run, DamagedRunError if a file of one is damaged."""
    found = [run_summary.describe(path) for path in paths]
    scores = _all(SCORES, [one.figures for one in found])
    return RunComparison(
        runs=tuple(one.checkpoint for one in found),
        states=tuple(one.state for one in found),
        same_text=same_text(found),
        best=_best(found) if same_text(found) else None,
        scores={**scores, "parameters": tuple(one.parameters for one in found)},
        settings=_differing([_settings(one) for one in found]),
        budget=_budgets([one.budget or {} for one in found]),
        text=_differing([_text(one) for one in found]),
        versions=_differing([one.versions or {} for one in found]),
    )


def same_text(found: Iterable[RunDescription]) -> bool | None:
    """Whether all of the runs were scored on one and the same text; None if one of them does not say."""
    keys = {run_summary.text_key(one) for one in found}
    return None if None in keys else len(keys) == 1


def _best(found: Sequence[RunDescription]) -> str | None:
    scored = [(one.figures["val_bpc"], one.checkpoint) for one in found if one.figures["val_bpc"] is not None]
    return min(scored, key=lambda pair: pair[0])[1] if len(scored) > 1 else None


def _settings(one: RunDescription) -> Document:
    """The settings; of a model that chargru did not train, what can be seen of them."""
    seen = {"hidden_size": one.hidden_size, "layers": one.layers, "reset": one.reset, "force": one.forced}
    return {**seen, **(one.settings or {})}


def _text(one: RunDescription) -> Document:
    """The text, and how many characters the vocabulary has."""
    return {"vocabulary": len(one.vocabulary), **(one.text or {})}


def _budgets(documents: Sequence[Document]) -> Values:
    """Amount and unit, both of them where one differs."""
    return _all(("amount", "unit"), documents) if _differing(documents) else {}


def _differing(documents: Sequence[Document]) -> Values:
    """The entries that are not the same in all of the documents."""
    names = list(dict.fromkeys(name for document in documents for name in document))
    values = _all(names, documents)
    return {name: row for name, row in values.items() if any(value != row[0] for value in row)}


def _all(names: Iterable[str], documents: Sequence[Document]) -> Values:
    return {name: tuple(document.get(name) for document in documents) for name in names}
