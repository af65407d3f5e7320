"""Which steps, indices and layers: from what a user writes to numbers that exist.

Steps are 1-based (step t reads character x_t and turns h_{t-1} into h_t), indices 0-based, layers 1-based.
"""

from collections.abc import Iterable, Sequence, Sized

from chargru import memory
from chargru.arguments import several, whole
from chargru.errors import SettingError, StepError, named
from chargru.gru.ranges import parse_range
from chargru.insight.pattern import ends
from chargru.shown import quoted

DEFAULT_STEP = 34
"""The step of the forum's worked calculation; a trace and the identities look at it, or at the last one there is."""

_BYTES_OF_A_STEP = 1000
"""Of memory at least, whatever is kept of it."""

_STEPS_HINT = f"give {named('steps', 34)}, {named('steps', '33-35')} or {named('steps', 'last')}"
_INDICES_HINT = (
    f"give {named('indices', 9)}, {named('indices', '0,9,15')}, {named('indices', '0-3')} or {named('indices', 'all')}"
)


def resolve_steps(steps: Iterable[int] | None, length: int) -> tuple[int, ...]:
    """The steps, sorted and each once; None is step 34, or the last if the text is shorter.

    Raises StepError for a step that a text of `length` characters does not have, SettingError for none at all.
    """
    if isinstance(steps, Sized):
        _require_memory(len(steps))
    asked = [min(DEFAULT_STEP, length)] if steps is None else several("steps", steps)
    wanted = [resolve_step(step, length, "steps") for step in asked]
    if not wanted:
        raise SettingError("no step is asked for", f"give {named('steps')} from 1 to {length}")
    return tuple(sorted(set(wanted)))


def resolve_step(step: int, length: int, argument: str = "step") -> int:
    """The one step. Raises StepError for a step that a text of `length` characters does not have."""
    step, allowed = whole(argument, step), _from_to(argument, "step", 1, length)
    if step < 1:
        raise StepError(f"there is no step {step}: steps count from 1; h_0 is the state before any character", allowed)
    if step > length:
        has = "1 step" if length == 1 else f"{length} steps"
        raise StepError(f"there is no step {step}: the text has {has}", allowed)
    return step


def resolve_indices(indices: Iterable[int] | None, hidden_size: int) -> tuple[int, ...] | None:
    """The indices, sorted and each once; None stays None: whatever is telling.

    Raises StepError for an index that a layer of `hidden_size` units does not have, SettingError for none at all.
    """
    if indices is None:
        return None
    wanted = sorted({_index(index, hidden_size) for index in several("indices", indices)})
    if not wanted:
        raise SettingError("no index is asked for", f"give {named('indices')} from 0 to {hidden_size - 1}")
    return tuple(wanted)


def resolve_layers(layer: int | None, layers: int) -> tuple[int, ...]:
    """The one layer asked for, or all. Raises StepError for a layer that the model does not have."""
    if layer is None:
        return tuple(range(1, layers + 1))
    layer = whole("layer", layer)
    if not 1 <= layer <= layers:
        has = "1 layer" if layers == 1 else f"{layers} layers"
        raise StepError(f"there is no layer {layer}: the model has {has}", _from_to("layer", "layer", 1, layers))
    return (layer,)


def parse_steps(given: Sequence[str], length: int) -> list[int]:
    """Steps as a command takes them: "34", "33-35", "last", "500-last".

    Raises SettingError if one cannot be read, StepError if one does not exist.
    """
    parts = [_parse_steps(item.strip(), length) for item in given]
    _require_memory(sum(map(len, parts)))
    return [step for part in parts for step in part]


def _require_memory(steps: int) -> None:
    """Raises SettingError for more steps than can be kept, whatever is kept of them."""
    memory.require(steps * _BYTES_OF_A_STEP, f"keeping {steps:,} steps at once", _STEPS_HINT)


def _parse_steps(item: str, length: int) -> Sequence[int]:
    if item == "last":
        return [length]
    first, last = parse_range(item, SettingError(f"{quoted(item)} is not a step", _STEPS_HINT))
    last = length if last is None else last
    return range(resolve_step(first, length, "steps"), resolve_step(last, length, "steps") + 1)


def parse_indices(given: str, hidden_size: int) -> list[int]:
    """Indices as a command takes them: "9", "0,9,15", "0-3,9", "all".

    Raises SettingError if one cannot be read, StepError if one does not exist.
    """
    if given.strip() == "all":
        return list(range(hidden_size))
    return [index for item in given.split(",") for index in _parse_indices(item.strip(), hidden_size)]


def _parse_indices(item: str, hidden_size: int) -> Iterable[int]:
    refusal = SettingError(f"{quoted(item)} is not an index", _INDICES_HINT)
    first, last = parse_range(item, refusal)
    if last is None:
        raise refusal
    return range(_index(first, hidden_size), _index(last, hidden_size) + 1)


def steps_at(pattern: str, text: str, argument: str = "pattern") -> list[int]:
    """The steps whose character ends a match of the regular expression; a match of nothing ends nowhere.

    `argument` is what errors call the pattern.

    Raises SettingError if the pattern is not a regular expression, or takes too long, StepError if it matches no
    character.
    """
    steps = ends(pattern, text, argument)
    if not steps:
        message = f"{named(argument)} {quoted(pattern)} matches nothing in the text of {len(text)} characters"
        raise StepError(message, f"try a shorter pattern, or another {named('text')}")
    return steps


def _index(index: int, hidden_size: int) -> int:
    index = whole("indices", index)
    if not 0 <= index < hidden_size:
        units = "1 unit" if hidden_size == 1 else f"{hidden_size} units"
        raise StepError(
            f"there is no index {index}: a layer of this model has {units}, counted from 0",
            _from_to("indices", "index", 0, hidden_size - 1),
        )
    return index


def _from_to(argument: str, what: str, first: int, final: int) -> str:
    if first == final:
        return f"the only {what} is {first}"
    return f"give {named(argument)} from {first} to {final}"
