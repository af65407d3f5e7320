"""What the files of a run say: the schema of each document, and the reader that checks a whole one against it.

Nothing is required but what a network cannot be without; what needs a whole part, such as all of the settings, asks for
it (`check`, whole=True). Entries that are not listed are left alone: they are of a later version, or another program's.
"""

import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chargru.errors import DamagedRunError
from chargru.shown import in_short

LONGEST = 2**25
"""Characters of a document, at most; the vocabulary of all of Unicode takes half of that."""

MOST_PARTS = 100_000
"""Opening brackets in it, at most: a list or an object takes much time and memory beside its few characters."""

DEEPEST = 32
"""Lists and objects in each other, at most."""

_DIGITS = 20
"""Of a whole number, at most; what reads it allows less."""

_LONGEST_ENTRY = 40
"""Characters that a message quotes of an entry, or of the name of one."""

LONGEST_LINE = 400
"""Characters that a message quotes of a path, or of another message; a real path has fewer."""

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Amount = Annotated[float, Meta(ge=0)]
Figure = float | UnsetType | None
Tally = Count | UnsetType | None
Plotted = Annotated[float, Meta(ge=-1e9, le=1e9)] | None  # a loss of all but 0 may be rounded to less
Character = Annotated[str, Meta(min_length=1, max_length=1)]


class Part(Struct):
    """Entries of a document; the `OPTIONAL` ones may be lacking in a whole one too."""

    OPTIONAL: ClassVar[tuple[str, ...]] = ()


class Settings(Part):
    """What a run is trained with; `training.settings` has the ranges."""

    hidden_size: Count | UnsetType = UNSET
    layers: Count | UnsetType = UNSET
    reset: Literal["after", "before"] | UnsetType = UNSET
    force: list[str] | UnsetType = UNSET
    initial_memory: Amount | UnsetType = UNSET
    batch_size: Count | UnsetType = UNSET
    window: Count | UnsetType = UNSET
    learning_rate: float | UnsetType = UNSET
    weight_decay: float | UnsetType = UNSET
    clip: float | UnsetType = UNSET
    dropout: float | UnsetType = UNSET
    weight_drop: float | UnsetType = UNSET
    validation_fraction: float | UnsetType = UNSET
    patience: Count | UnsetType = UNSET
    seed: Count | UnsetType = UNSET
    threads: Count | UnsetType = UNSET
    precision: str | UnsetType = UNSET
    device: str | UnsetType = UNSET
    encoding: str | UnsetType = UNSET

    OPTIONAL: ClassVar = ("weight_drop", "initial_memory")  # they came after the first runs


class Budget(Part):
    """How long a run may train."""

    unit: Literal["minutes", "epochs", "updates"] | UnsetType = UNSET
    amount: Amount | UnsetType = UNSET


class Text(Part):
    """Where a run's text is, and what it was."""

    paths: str | list[str] | UnsetType = UNSET
    encoding: str | UnsetType = UNSET
    sha256: str | UnsetType = UNSET
    characters: Count | UnsetType = UNSET
    split: Count | UnsetType = UNSET
    suffixes: list[str] | UnsetType | None = UNSET

    OPTIONAL: ClassVar = ("suffixes",)


class Origin(Part):
    """The run that another one began from."""

    checkpoint: str | UnsetType | None = UNSET
    weights_sha256: str | UnsetType = UNSET
    characters: Count | UnsetType = UNSET
    val_nats: Figure = UNSET
    val_bpc: Figure = UNSET

    OPTIONAL: ClassVar = ("val_bpc",)


class Position(Part):
    """Where a run stands."""

    updates: Count | UnsetType = UNSET
    epoch: Count | UnsetType = UNSET
    index: Count | UnsetType = UNSET
    seconds: Amount | UnsetType = UNSET
    update_seconds: Amount | UnsetType = UNSET
    characters: Count | UnsetType = UNSET
    validated: Count | UnsetType = UNSET
    validated_seconds: Amount | UnsetType = UNSET
    waited: Count | UnsetType = UNSET
    best_nats: Amount | UnsetType | None = UNSET
    best_update: Count | UnsetType = UNSET


class Trained(Part):
    """What is known of a training, in both documents; a figure is null where there is none."""

    settings: Settings | UnsetType = UNSET
    budget: Budget | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    init_from: Origin | UnsetType = UNSET
    versions: dict[str, Any] | UnsetType = UNSET
    precision: str | UnsetType = UNSET
    val_nats: Figure = UNSET
    val_bpc: Figure = UNSET
    trace_nats: Figure = UNSET
    epochs: Figure = UNSET
    seconds: Figure = UNSET
    chars_per_second: Figure = UNSET
    best_update: Tally = UNSET
    updates: Tally = UNSET
    parameters: Tally = UNSET


class TrainedModel(Trained):
    """`trained` of the model document."""

    trace_h: list[list[float]] | UnsetType = UNSET
    weights_sha256: str | UnsetType = UNSET
    document_sha256: str | UnsetType = UNSET


class Model(Struct):
    """The document of model.safetensors."""

    vocabulary: list[Character | None]
    hidden_size: Count
    layers: Count
    reset: Literal["after", "before"]
    forced: list[str] | UnsetType = UNSET
    trace_text: str | UnsetType = UNSET
    trained: TrainedModel | UnsetType = UNSET


class Training(Trained):
    """The document of training.safetensors."""

    written: str | UnsetType = UNSET
    finished: bool | UnsetType = UNSET
    vocabulary: list[Character | None] | UnsetType = UNSET
    position: Position | UnsetType = UNSET

    # What can be told without; the figures are those of the position.
    OPTIONAL: ClassVar = (
        *("written", "init_from", "versions", "val_nats", "val_bpc", "trace_nats"),
        *("epochs", "seconds", "chars_per_second", "best_update", "updates", "parameters"),
    )


class Row(Struct):
    """A row of metrics.jsonl, as far as it is read; a number is None where there is none."""

    update: Count
    train_bpc: Plotted = None
    val_bpc: Plotted = None
    learning_rate: Plotted = None


SCHEMAS: Mapping[str, type[Struct]] = {"chargru.model/1": Model, "chargru.training/1": Training}


def parse(text: str) -> Any:
    """JSON as Python objects. A lone surrogate in a string is taken as it is: a vocabulary may have one.

    Raises ValueError, with what is wrong, for what is no JSON, is longer than LONGEST, has more than MOST_PARTS lists
    and objects or such deeper in each other than DEEPEST, or holds a number that is not finite or a whole one of more
    than 20 digits.
    """
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text):,} characters, more than the {LONGEST:,} that are read")
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise ValueError(f"it has more than the {MOST_PARTS:,} lists and objects that are read")
    try:
        document = json.loads(text, parse_constant=_constant, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [document]
    for _ in range(DEEPEST):
        level = [child for one in level for child in _children(one) if isinstance(child, dict | list)]
    if level:
        raise ValueError("it is nested too deeply")
    return document


def _children(one: Any) -> Iterator[Any]:
    return iter(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())


def _constant(name: str) -> None:
    raise ValueError(f"it holds {name}, which is not a finite number")


def _finite(written: str) -> float:
    if not isfinite(value := float(written)):
        raise ValueError(f"it holds {entry(written)}, which is not a finite number")
    return value


def _whole(written: str) -> int:
    if len(written) > _DIGITS:
        raise ValueError(f"it holds a whole number of {len(written):,} digits")
    return int(written)


def check(document: object, kind: type[Struct], within: str = "", *, whole: bool = False) -> None:
    """Check a document, or the part of one whose name is `within`, against its schema; `whole` means that all is there.

    Raises DamagedRunError, which names the entry.
    """
    try:
        found: Any = msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise DamagedRunError(_worded(document, str(error), within)) from error
    except UnicodeEncodeError as error:
        raise DamagedRunError("its document has a lone surrogate in the name of an entry") from error
    for name in found.__struct_fields__ if whole else ():
        if getattr(found, name) is UNSET and name not in found.OPTIONAL:
            raise DamagedRunError(f"its document lacks {_joined(within, name)}")


_ERROR = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_EXPECTED = re.compile(r"Expected `([^`]*)`(?: (>=|<=) (\S+))?")
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}


def _worded(document: Any, message: str, within: str) -> str:
    """The library's message in our words, with the entry's name and what it holds."""
    found = _ERROR.fullmatch(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    name = _joined(within, path.removeprefix("."))
    if missing := _MISSING.match(what):
        return f"its document lacks {_joined(name, missing[1])}"
    value = document
    for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        value = value[key] if key else value[int(index)]
    return f"its document says {name} is {entry(repr(value))}, which is {_fault(what)}"


def _fault(what: str) -> str:
    expected = _EXPECTED.match(what)
    if expected is None:
        return "too large" if "out of range" in what else "unknown"
    if "of length" in what:
        return "not one character"
    if expected[2]:
        return f"{'less' if expected[2] == '>=' else 'more'} than {float(expected[3]):g}"
    kinds = [_KINDS[kind] for kind in expected[1].split(" | ") if kind != "null"]
    return f"not {' or '.join(kinds)}"


def _joined(within: str, name: str) -> str:
    return f"{within}.{name}" if within and name and not name.startswith("[") else f"{within}{name}"


def entry(text: str) -> str:
    """What a message quotes of an entry, or of the name of one."""
    return in_short(text, _LONGEST_ENTRY)


def row(line: bytes) -> Row | None:
    """A row of metrics.jsonl; None for one that was cut off, or in which something is not what it must be."""
    try:
        return msgspec.convert(parse(line.decode("utf-8", "replace")), Row)
    except ValueError:  # of parse, of msgspec, of the encoding
        return None
