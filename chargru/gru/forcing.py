"""Gates held at a value: how one writes it, and the weights that do it.

    [LAYER:]GATE[INDICES]=VALUE[@STEPS]     r=1    z=0.5    z[0,3,5-9]=0    2:z[7]=1@20-34    r=0@20-last

GATE is r or z of `torch.nn.GRU` (z multiplies the old state); LAYER and STEPS count from 1, INDICES from 0, ranges
are inclusive, and what is left out means all. Of two that meet, one with steps beats one without, and the later one
beats the earlier.

No layer knows of this: a gate is held by its weights alone. Its rows of W_i, W_h and b_h are 0 and b_i is the number
whose sigmoid is the value; at +-1e4 sigmoid is exactly 1 or 0, in float32 too, and its derivative exactly 0.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from chargru.errors import SettingError, StepError
from chargru.gru.ranges import parse_range
from chargru.gru.weights import Architecture, Weights, rows
from chargru.shown import in_short, quoted

SATURATED = 1e4
"""The input bias at which a gate is exactly 1; minus it, 0."""

_FORM = re.compile(
    r"(?:(?P<layer>\d{1,18}):)?(?P<gate>[^][:=@]+)(?:\[(?P<indices>[^][]*)\])?=(?P<value>[^@]+)(?:@(?P<steps>.+))?",
    re.ASCII,
)
_LETTERS = "r and z are PyTorch's letters: the course's gamma_r is r, its gamma_u is 1 - z"


@dataclass(frozen=True)
class Force:
    """One gate held at a value from 0 to 1; None is every layer, every index, no last step."""

    gate: str
    value: float
    layer: int | None = None
    indices: tuple[int, ...] | None = None
    first: int = 1
    last: int | None = None

    @property
    def scheduled(self) -> bool:
        """Whether it holds at some steps only."""
        return self.first > 1 or self.last is not None

    def active(self, step: int) -> bool:
        """Whether it holds at a step."""
        return self.first <= step and (self.last is None or step <= self.last)

    def layers(self, architecture: Architecture) -> tuple[int, ...]:
        """The layers it holds in, 0-based."""
        return tuple(range(architecture.layers)) if self.layer is None else (self.layer - 1,)

    @property
    def bias(self) -> float:
        """The pre-activation whose sigmoid is the value."""
        if self.value in (0.0, 1.0):
            return SATURATED if self.value else -SATURATED
        return float(np.log(self.value) - np.log1p(-self.value))

    def __str__(self) -> str:
        layer = "" if self.layer is None else f"{self.layer}:"
        indices = "" if self.indices is None else f"[{','.join(_ranges(self.indices))}]"
        last = "last" if self.last is None else self.last
        steps = (f"@{self.first}" if self.first == self.last else f"@{self.first}-{last}") if self.scheduled else ""
        return f"{layer}{self.gate}{indices}={np.format_float_positional(self.value, trim='-')}{steps}"


def parse(written: Iterable[str], architecture: Architecture) -> tuple[Force, ...]:
    """The forces as written, in the grammar above.

    Raises SettingError if one cannot be read, StepError if it names a layer, index or step that cannot be.
    """
    return tuple(_parse(item.strip(), architecture) for item in written)


def _parse(item: str, architecture: Architecture) -> Force:
    match = _FORM.fullmatch(item)
    if match is None:
        raise SettingError(
            f"{quoted(item)} does not say which gate is held at what", "write it like r=1 or 2:z[7]=1@20-34"
        )
    gate = match["gate"].strip()
    if gate not in ("r", "z"):
        raise SettingError(f"{quoted(item)} holds {quoted(gate)}, but only the gates r and z can be held", _LETTERS)
    layer = None if match["layer"] is None else int(match["layer"])
    if layer is not None and not 1 <= layer <= architecture.layers:
        has = f"{architecture.layers} layer{'s' * (architecture.layers != 1)}, counted from 1"
        raise StepError(
            f"{quoted(item)} names layer {layer}, but the model has {has}", "leave the layer out to mean all"
        )
    indices = None if match["indices"] is None else _indices(match["indices"], item, architecture.hidden_size)
    first, last = (1, None) if match["steps"] is None else _steps(match["steps"], item)
    return Force(gate, _value(match["value"], item), layer, indices, first, last)


def _value(written: str, item: str) -> float:
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not 0.0 <= value <= 1.0:
        raise SettingError(
            f"{quoted(item)} holds a gate at {in_short(written.strip())}",
            "a gate is a number from 0 to 1",
        )
    return abs(value)


def _indices(written: str, item: str, units: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in written.split(","):
        first, last = _range(part, item, "an index")
        if last is None or not 0 <= first <= last < units:
            has = f"{units} unit{'s' * (units != 1)}, counted from 0"
            raise StepError(
                f"{quoted(item)} names index {part.strip()}, but a layer of this model has {has}",
                f"give indices from 0 to {units - 1}",
            )
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def _steps(written: str, item: str) -> tuple[int, int | None]:
    first, last = _range(written, item, "a step")
    if first < 1:
        raise StepError(
            f"{quoted(item)} names step {first}, but steps count from 1", "h_0 is the state before any character"
        )
    return first, last


def _range(written: str, item: str, what: str) -> tuple[int, int | None]:
    """First and last, inclusive; None is the end of the text."""
    refusal = SettingError(
        f"{quoted(written.strip())} in {quoted(item)} is not {what}", "write it like 2:z[0,3,5-9]=1@20-34"
    )
    return parse_range(written, refusal, within=f" in {quoted(item)}")


def _ranges(indices: tuple[int, ...]) -> Iterator[str]:
    """The indices, three or more in a row as a range."""
    for _, run in groupby(enumerate(indices), lambda pair: pair[1] - pair[0]):
        row = [index for _, index in run]
        yield from [f"{row[0]}-{row[-1]}"] if len(row) > 2 else map(str, row)


def for_training(written: Iterable[str], architecture: Architecture) -> tuple[Force, ...]:
    """The forces that training can hold by weights alone: at every step, at 0 or 1.

    Raises SettingError for any other, and what `parse` raises.
    """
    forces = parse(written, architecture)
    for force in forces:
        if force.scheduled:
            hint = "leave out the @ and what follows"
            raise SettingError(f"{quoted(str(force))} names steps, but training holds a gate at every step", hint)
        if force.value not in (0.0, 1.0):
            hint = "only there is the derivative exactly 0, so that training leaves the gate's weights alone"
            raise SettingError(f"{quoted(str(force))} is neither 0 nor 1, where training can hold a gate", hint)
    return forces


def check_steps(forces: Iterable[Force], steps: int, what: str = "the text") -> None:
    """Raises StepError for a force at a step that a run of so many steps does not have."""
    for force in forces:
        if max(force.first, force.last or 0) > steps:
            has = f"{steps} step{'s' * (steps != 1)}"
            raise StepError(
                f"{quoted(str(force))} names a step that is not there: {what} has {has}",
                "for all that follow write last, as in @20-last",
            )


def hold(weights: Weights, forces: Iterable[Force]) -> Weights:
    """The same network with gates held at every step; the layers that are not concerned are not copied."""
    layers = list(weights.layers)
    for force in forces:
        for number in force.layers(weights.architecture):
            layers[number] = layers[number].with_constant(packed_rows(force, layers[number].hidden_size), force.bias)
    return replace(weights, layers=tuple(layers))


def packed_rows(force: Force, hidden_size: int) -> NDArray[np.int64]:
    """The rows of a packed tensor that a force holds."""
    indices = range(hidden_size) if force.indices is None else force.indices
    return np.asarray(rows(force.gate, hidden_size).start + np.array(indices))


def constants(weights: Weights, forces: Iterable[Force]) -> tuple[NDArray[np.bool_], ...]:
    """Per layer, which packed rows (3H) make a constant: those of a gate held at every step.

    A row that reads anything is none, whatever is said of it.
    """
    found = [np.zeros(3 * layer.hidden_size, dtype=bool) for layer in weights.layers]
    for force in forces:
        for number in () if force.scheduled else force.layers(weights.architecture):
            found[number][packed_rows(force, weights.architecture.hidden_size)] = True
    layers = zip(found, weights.layers, strict=True)
    return tuple(held & ~layer.weight_ih.any(axis=1) & ~layer.weight_hh.any(axis=1) for held, layer in layers)
