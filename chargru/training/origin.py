"""Where a run's first weights come from: another run, whose network is taken over and whose vocabulary is grown.

No torch here: what contradicts the other run is said before anything slow begins.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from chargru import bundled, documents, run
from chargru.arguments import READ, real
from chargru.errors import ChargruError, RunError, SettingError, named
from chargru.gru import forcing
from chargru.gru.initial import grown
from chargru.gru.weights import Tensors, fingerprint, unpack
from chargru.model import INIT_FROM, Document, Model
from chargru.text.vocabulary import Ids, Vocabulary
from chargru.training.settings import DEFAULTS, Settings

SHOWN_CHARACTERS = 20
"""Of the new characters so many are named in a note."""


@dataclass(frozen=True)
class Origin:
    """The run that another one begins from; `val_nats` is its score on the new text before the first update.

    `characters` is the size of its vocabulary: ids from there on are new. The score is None as long as it is not
    known, and where there is nothing to validate on.
    """

    checkpoint: str | None
    weights_sha256: str
    characters: int
    val_nats: float | None = None

    @classmethod
    def of(cls, model: Model) -> "Origin":
        """The origin that a model is."""
        checkpoint = None if model.checkpoint is None else called(model)
        return cls(checkpoint, fingerprint(model.weights), len(model.vocabulary))

    def to_document(self) -> Document:
        """As JSON."""
        return {**asdict(self), "val_bpc": None if self.val_nats is None else self.val_nats / log(2)}

    @classmethod
    def from_document(cls, document: Any) -> "Origin | None":
        """From JSON; None from None. Raises DamagedRunError if an entry is missing or of another kind."""
        if document is None:
            return None
        documents.check(document, documents.Origin, INIT_FROM, whole=True)
        return cls(**{field.name: document[field.name] for field in fields(cls)})


def find(given: object) -> tuple[Model, str]:
    """The model that `init_from` means, a run as `chargru.load` takes it or a Model; and a line that says which.

    Raises RunError if there is none or if it has no head, DamagedRunError if its file is damaged, SettingError if
    `given` is something else.
    """
    if isinstance(given, Model):
        model, said = given, f"using {called(given)}"
    elif isinstance(given, str | Path):
        path, said = run.named_run(run.word_for(str(given)) if isinstance(given, Path) else given)
        model = run.load(path if isinstance(given, Path) else given)
    else:
        hint = f"give {named('init_from')} a run's name or path, or a Model"
        raise SettingError(f"{named('init_from')} is of type {type(given).__name__}, which is no run", hint)
    if not model.architecture.head:
        raise RunError(f"{called(model)} has no head, so it predicts no characters", "use a run that chargru trained")
    return model, said


def called(model: Model) -> str:
    """What a message calls a model: what -c takes to mean its run."""
    if model.checkpoint is None:
        return "the given model"
    shipped = bundled.called(model.checkpoint)
    return run.word_for(model.checkpoint) if shipped == model.checkpoint else shipped


def settings(model: Model, given: Mapping[str, Any]) -> Settings:
    """The settings of a run that begins from a model: its network, what is given, and the defaults.

    Raises SettingError for one that contradicts the model or is out of its range, RunError if the model holds gates
    that training cannot hold.
    """
    taken = _network(model)
    for name, own in taken.items():
        if name not in given:
            continue
        value: Any = READ[type(own)](name, given[name])
        if name == "force":
            value = tuple(map(str, forcing.for_training(value, model.architecture)))
        if (set(value) != set(own)) if isinstance(value, tuple) else (value != own):
            hint = f"leave {named(name)} out: what begins from another run has its network"
            raise SettingError(f"{named(name)} is {_shown(value)}, but {called(model)} has {_shown(own)}", hint)
    return replace(DEFAULTS, **{**given, **taken})


def _network(model: Model) -> dict[str, Any]:
    """The settings that are fixed by a model: its network, the gates that it holds, and how its first weights were."""
    try:
        held = forcing.for_training(model.forced, model.architecture)
    except ChargruError as error:
        raise RunError(f"{called(model)} cannot be trained on: {error.message}", error.hint) from error
    shape = model.architecture
    memory = model.trained.get("settings", {}).get("initial_memory")
    return {
        "hidden_size": shape.hidden_size,
        "layers": shape.layers,
        "reset": shape.reset,
        "force": tuple(map(str, held)),
        "initial_memory": DEFAULTS.initial_memory if memory is None else real("initial_memory", memory),
    }


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def first_weights(model: Model, vocabulary: Vocabulary, settings: Settings) -> Tensors:
    """What training starts from: the model's own, and new rows for the characters that it does not know."""
    architecture = replace(model.architecture, vocabulary_size=len(vocabulary))
    weights = unpack(architecture, grown(model.weights, len(vocabulary), settings.seed))
    # New columns of W_ih must not reach a gate that is held; what the model held is so already.
    return dict(forcing.hold(weights, forcing.for_training(settings.force, architecture)).named())


def note(model: Model, vocabulary: Vocabulary, ids: Ids) -> str:
    """What is taken over, and what is new in a text of these ids, in a line."""
    shape, known = model.architecture, len(model.vocabulary)
    said = (
        f"starting from {called(model)}: {shape.layers} layer{'s' * (shape.layers != 1)} of {shape.hidden_size} units"
    )
    new = vocabulary.characters[known:]
    if not new:
        return f"{said}; it knows all characters of the text"
    share = 100 * float(np.mean(ids >= known))
    part = f"{share:.0f}%" if share >= 1 else "less than 1%"
    some = " ".join(repr(character) for character in new[:SHOWN_CHARACTERS])
    more = f" and {len(new) - SHOWN_CHARACTERS:,} more" if len(new) > SHOWN_CHARACTERS else ""
    return f"{said}; characters new to it, {part} of the text: {some}{more}"


def before(bpc: float, characters: int) -> str:
    """What the first score says, in a line: the bits, and whether a guess among so many characters is better."""
    said = f"before training: {bpc:.4f} bits per character of the validation split"
    guess = log(characters, 2)
    if bpc <= guess:
        return said
    return f"{said}, more than the {guess:.4f} of a blind guess: a new run may learn this text sooner"
