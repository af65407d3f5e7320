"""A trained network and what is known of it: model.safetensors, the best weights of a run, with its document.

The model document and the tensor names are a contract that other programs read; see `gru.weights` for the names.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chargru import bundled, documents, tensorfile
from chargru.arguments import string
from chargru.errors import ChargruError, DamagedRunError, RunError, TextError, named
from chargru.gru import forcing
from chargru.gru.weights import HEAD, Architecture, Weights, check_shapes, unpack
from chargru.shown import Shown, counted
from chargru.tensorfile import Header
from chargru.text.vocabulary import Vocabulary

MODEL = "model.safetensors"
MODEL_SCHEMA = "chargru.model/1"
TRAINING = "training.safetensors"
TRAINING_SCHEMA = "chargru.training/1"
WEIGHTS = "weights."
"""What the names of the weights begin with in the last state."""

DOCUMENT_SHA256 = "document_sha256"
"""The key in `trained` of the document's own SHA-256."""

INIT_FROM = "init_from"
"""The key, in `trained` and in the last state, of where a run's first weights came from, if they were not drawn."""

FIGURES = ("val_nats", "val_bpc", "best_update", "updates", "epochs", "seconds", "chars_per_second", "trace_nats")
"""Entries of `trained` and of the last state that are numbers, or null."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Model(Shown):
    """What a model.safetensors holds: a vocabulary, the weights, and what is known of their training.

    `trained` is empty for a GRU that chargru did not train; `trace_text` is then None unless it was given. `forced`
    are the gates that are held, as `gru.forcing` writes them: those held at every step are in the weights already.
    `held` are those of them that `force` added: the file, and what `trained` records, are of the model without them.
    """

    vocabulary: Vocabulary
    weights: Weights
    forced: tuple[str, ...] = ()
    trace_text: str | None = None
    trained: Document = field(default_factory=dict)
    path: Path | None = None
    held: tuple[str, ...] = ()

    @property
    def architecture(self) -> Architecture:
        """V, H, layers and the placement of the reset gate."""
        return self.weights.architecture

    @property
    def checkpoint(self) -> str | None:
        """The run that it was read from; None for a model that was not read from a file."""
        if self.path is None:
            return None
        return str(self.directory or self.path)

    @property
    def directory(self) -> Path | None:
        """The directory of the run that it was read from; None for a model of no run, or of a file by itself."""
        return self.path.parent if self.path is not None and self.path.name in (MODEL, TRAINING) else None

    @property
    def note(self) -> str:
        """What is to be said of weights that are not the run's best, in a line; "" of those that are."""
        if self.path is None or self.path.name != TRAINING:
            return ""
        at = f", at update {self.trained['updates']:,}" if self.trained.get("updates") is not None else ""
        why = "" if (self.path.parent / MODEL).exists() else f", since it has no {MODEL}"
        return f"using the last state of {self.checkpoint}{at}{why}"

    def in_brief(self) -> str:
        """Its run by name, its network, and its score."""
        run = "of no run" if self.checkpoint is None else Path(bundled.called(self.checkpoint)).name
        bits = self.trained.get("val_bpc")
        score = [] if bits is None else [f"{bits:.2f} bits per character"]
        held = [f"held: {', '.join(self.forced)}"] if self.forced else []
        known = counted(len(self.vocabulary), "character")
        return f"{run}: {', '.join([self.architecture.in_words, known, *score, *held])}"

    def text_for(self, text: str | None, *, where: str = "the text", at_least: int = 1) -> str:
        """The text that a call reads: the one given, else the run's own. `where` names it in errors.

        Raises TextError if there is none, or if it has fewer than `at_least` characters.
        """
        if text is None:
            text, where = self.trace_text, "the run's text"
        if text is None:
            raise TextError("this run has no text of its own", f"give one: {named('text')}")
        if len(string("text", text)) < at_least:
            short = f"too short: {len(text)} character{'s' * (len(text) != 1)}" if text else "empty"
            few = "one character" if at_least == 1 else f"{at_least} characters"
            raise TextError(f"{where} is {short}", f"give a text of at least {few}")
        return text

    def force(self, *gates: str, steps: int | None = None, where: str = "the text") -> "Model":
        """The same model with gates held, e.g. "r=1" or "2:z[7]=1@20-34"; `gru.forcing` has the grammar.

        What holds at every step is held by changed weights; the rest is up to whoever runs the model. `steps` is how
        many it will run, if that is known, over the text that `where` names. Raises SettingError, and StepError for an
        index, a layer or a step that is not there.
        """
        forces = forcing.parse(gates, self.architecture)
        if steps is not None:
            forcing.check_steps(forces, steps, where)
        weights = forcing.hold(self.weights, (force for force in forces if not force.scheduled))
        added = tuple(map(str, forces))
        return replace(self, weights=weights, forced=(*self.forced, *added), held=(*self.held, *added))

    @property
    def scheduled(self) -> tuple[forcing.Force, ...]:
        """The gates that are held at some steps only, which is not in the weights."""
        return tuple(force for force in forcing.parse(self.forced, self.architecture) if force.scheduled)

    @property
    def constants(self) -> tuple[NDArray[np.bool_], ...]:
        """Per layer, which packed rows (3H) make a constant: those of a gate that is held at every step."""
        return forcing.constants(self.weights, forcing.parse(self.forced, self.architecture))

    def document(self) -> Document:
        """The model document, without its optional parts where they are absent."""
        architecture = self.architecture
        document: Document = {
            "schema": MODEL_SCHEMA,
            "vocabulary": self.vocabulary.to_document(),
            "hidden_size": architecture.hidden_size,
            "layers": architecture.layers,
            "reset": architecture.reset,
            "forced": list(self.forced),
        }
        if self.trace_text is not None:
            document["trace_text"] = self.trace_text
        if self.trained:
            document["trained"] = self.trained
        return document

    def document_sha256(self) -> str:
        """The SHA-256 of all of the document but itself: of its JSON in ASCII, keys sorted, without spaces."""
        known = {key: value for key, value in self.trained.items() if key != DOCUMENT_SHA256}
        written = json.dumps(replace(self, trained=known).document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode("ascii")).hexdigest()


def write_model(run: Path, model: Model) -> None:
    """Replace the run's model.safetensors, float32, atomically. Raises RunError if the disk refuses."""
    tensors = {name: value.astype(np.float32) for name, value in model.weights.named()}
    tensorfile.write(run / MODEL, model.document(), tensors)


def read_model(run: Path | str) -> Model:
    """Read a run's best weights; `run` is its directory, or a model file itself.

    Of a run that was stopped before it had any it is the weights of the last state, and `Model.note` says so. Raises
    RunError if there is none, DamagedRunError if the file is not what the contract says.
    """
    path = Path(run)
    if path.is_dir():
        path = path / (TRAINING if (path / TRAINING).is_file() and not (path / MODEL).exists() else MODEL)
    if not path.exists():
        raise RunError(f"there is no trained model at {run}", "list the runs with: chargru info")
    read = _last_state if path.name == TRAINING else _best
    try:
        return read(path)
    except DamagedRunError:
        raise
    except ChargruError as error:
        raise DamagedRunError(f"{path}: {error.message}", tensorfile.DAMAGED) from error


def _best(path: Path) -> Model:
    document, tensors = tensorfile.read(path, MODEL_SCHEMA, fits=_fits_best)
    architecture = _architecture(document, len(document["vocabulary"]), head=HEAD[0] in tensors)
    return Model(
        vocabulary=Vocabulary.from_document(document["vocabulary"]),
        weights=unpack(architecture, tensors),
        forced=_forced(document.get("forced", []), architecture),
        trace_text=document.get("trace_text"),
        trained=document.get("trained", {}),
        path=path,
    )


def _fits_best(document: Document, headers: Mapping[str, Header]) -> None:
    architecture = _architecture(document, len(document["vocabulary"]), head=HEAD[0] in headers)
    check_shapes(architecture, {name: header.shape for name, header in headers.items()})
    tensorfile.check_types(headers, "F32")
    Vocabulary.from_document(document["vocabulary"])
    _forced(document.get("forced", []), architecture)


def _forced(written: list[str], architecture: Architecture) -> tuple[str, ...]:
    return tuple(map(str, forcing.parse(written, architecture)))


def _architecture(document: Document, vocabulary_size: int, *, head: bool = True) -> Architecture:
    """The network that a document, or the settings in one, describe."""
    return Architecture(vocabulary_size, document["hidden_size"], document["layers"], document["reset"], head)


def _last_state(path: Path) -> Model:
    document, tensors = tensorfile.read(path, TRAINING_SCHEMA, fits=check_last_weights)
    settings, vocabulary = document["settings"], Vocabulary.from_document(document["vocabulary"])
    architecture = _architecture(settings, len(vocabulary))
    named = {name.removeprefix(WEIGHTS): value for name, value in tensors.items() if name.startswith(WEIGHTS)}
    known = ("settings", "budget", "precision", "updates", "epochs", "text", "versions", INIT_FROM)
    return Model(
        vocabulary=vocabulary,
        weights=unpack(architecture, named),
        forced=_forced(settings["force"], architecture),
        trained={name: document[name] for name in known if name in document},
        path=path,
    )


def check_last_weights(document: Document, headers: Mapping[str, Header]) -> None:
    """Raises a ChargruError unless a last state is whole, and its weights are those of its network."""
    documents.check(document, documents.Training, whole=True)
    documents.check(document["settings"], documents.Settings, "settings", whole=True)
    architecture = _architecture(document["settings"], len(Vocabulary.from_document(document["vocabulary"])))
    weights = {name: header for name, header in headers.items() if name.startswith(WEIGHTS)}
    check_shapes(architecture, {name.removeprefix(WEIGHTS): header.shape for name, header in weights.items()})
    tensorfile.check_types(weights, "F32")
