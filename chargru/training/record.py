"""What a run's two files say of its training: settings, figures, text, versions, position."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import torch

import chargru
from chargru import documents, evaluation, run
from chargru.gru.weights import Weights, fingerprint
from chargru.model import DOCUMENT_SHA256, INIT_FROM, Document, Model, check_last_weights
from chargru.tensorfile import Header
from chargru.text.source import Source
from chargru.text.vocabulary import Vocabulary
from chargru.training.origin import Origin
from chargru.training.settings import Budget, Settings
from chargru.training.trainer import Position, Trainer, check_others


@dataclass(frozen=True)
class Snapshot:
    """Weights of a run, and where it stood with them."""

    weights: Weights
    position: Position
    epochs: float

    @classmethod
    def of(cls, trainer: Trainer) -> "Snapshot":
        """A copy of what the trainer has now."""
        return cls(trainer.model.weights(), replace(trainer.position), trainer.epochs)


def model(
    snapshot: Snapshot,
    trainer: Trainer,
    budget: Budget,
    vocabulary: Vocabulary,
    source: Source,
    trace_text: str,
    origin: Origin | None = None,
) -> Model:
    """Weights of the trainer's with their document.

    No time of day and no duration stands in it, so that the same training writes the same bytes.
    """
    weights, position = snapshot.weights, snapshot.position
    trace_nats, trace_h = evaluation.recorded_score(weights, vocabulary.encode(trace_text))
    trained: Document = {
        "settings": trainer.settings.to_document(),
        "budget": budget.to_document(),
        "precision": trainer.precision,
        "val_nats": position.best_nats,
        "val_bpc": None if position.best_nats is None else position.best_nats / log(2),
        "best_update": position.best_update,
        "updates": position.updates,
        "epochs": round(snapshot.epochs, 4),
        "parameters": trainer.architecture.parameters,
        "trace_nats": trace_nats,
        "trace_h": [h.tolist() for h in trace_h],
        "weights_sha256": fingerprint(weights),
        "text": source.to_document(),
        "versions": versions(),
        **_from(origin),
    }
    written = Model(vocabulary, weights, forced=trainer.settings.force, trace_text=trace_text, trained=trained)
    return replace(written, trained=trained | {DOCUMENT_SHA256: written.document_sha256()})


def _from(origin: Origin | None) -> Document:
    return {} if origin is None else {INIT_FROM: origin.to_document()}


def versions() -> dict[str, str]:
    """What computed the weights."""
    return {
        "chargru": chargru.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


def training_document(
    trainer: Trainer,
    budget: Budget,
    vocabulary: Vocabulary,
    source: Source,
    origin: Origin | None = None,
    *,
    finished: bool,
) -> Document:
    """The document of the last state."""
    position = trainer.position
    return {
        "written": datetime.now(UTC).isoformat(),
        "finished": finished,
        "settings": trainer.settings.to_document(),
        "budget": budget.to_document(),
        "precision": trainer.precision,
        "vocabulary": vocabulary.to_document(),
        "text": source.to_document(),
        "position": asdict(position),
        "updates": position.updates,
        "epochs": round(trainer.epochs, 4),
        "seconds": round(position.seconds, 3),
        "chars_per_second": round(position.characters / max(position.update_seconds, 1e-9), 1),
        "versions": versions(),
        **_from(origin),
    }


@dataclass(frozen=True)
class State:
    """The last state of a run, read back."""

    settings: Settings
    budget: Budget
    vocabulary: Vocabulary
    source: Source
    position: Position
    finished: bool
    precision: str
    """What its products were last made in."""
    tensors: dict[str, Any]
    origin: Origin | None = None
    """Where its first weights came from, if they were not drawn."""


def read_state(path: Path) -> State:
    """The last state of the run at `path`. Raises RunError, DamagedRunError."""
    document, tensors = run.read_training(path, fits=_fits)
    return replace(_state(document), tensors=tensors)


def _state(document: Document) -> State:
    position = document["position"]
    documents.check(position, documents.Position, "position", whole=True)
    return State(
        settings=Settings.from_document(document["settings"]),
        budget=Budget.from_document(document["budget"]),
        vocabulary=Vocabulary.from_document(document["vocabulary"]),
        source=Source.from_document(document["text"]),
        position=Position(**{field.name: position[field.name] for field in fields(Position)}),
        finished=document["finished"],
        precision=document["precision"],
        tensors={},
        origin=Origin.from_document(document.get(INIT_FROM)),
    )


def _fits(document: Document, headers: Mapping[str, Header]) -> None:
    """Raises a ChargruError unless all that a run goes on with is there, and of one network."""
    check_last_weights(document, headers)
    check_others(headers, updated=_state(document).position.updates > 0)
