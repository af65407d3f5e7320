"""A trace: every value of every gate at chosen steps of a text, in float64. Data only; renderings stand beside it.

    trace = chargru.trace(model, "The cat sat", steps=[10, 11])
    trace.layers[0].z[1, 9]     layer 1, second of the two steps, index 9

Words: step t reads character x_t (1-based) and turns h_{t-1} into h_t; an index (0-based) is a place in h.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chargru import memory
from chargru.arguments import several
from chargru.errors import named
from chargru.gru import network
from chargru.gru.cell import CellStep, put, room_for
from chargru.gru.network import Ids
from chargru.gru.stepped import Held
from chargru.gru.weights import Array, LayerWeights, Weights
from chargru.insight.proof.claim import TOLERANCE
from chargru.insight.select import resolve_indices, resolve_steps
from chargru.model import Model
from chargru.shown import Shown
from chargru.text.batches import one_hot

OnStep = Callable[[], None] | None
"""Called after every step; by what goes back too, after every step back."""

VALUES = ("h_prev", "r", "z", "n", "h")
"""The arrays of a layer, in the order of the calculation."""

_ARRAYS = 17
"""That a layer keeps of a step: VALUES, and twelve addends."""


@dataclass(frozen=True)
class Check:
    """How far a trace is from a second calculation of the same steps."""

    max_abs_difference: float
    tolerance: float
    against: str
    rounding: float = 0.0
    """How far rounding moves a sum of such weights in float64."""

    @property
    def passed(self) -> bool:
        """Whether the difference is within the tolerance; a difference that is not a number is not."""
        return self.max_abs_difference <= self.tolerance

    @property
    def undecided(self) -> bool:
        """Whether it did not pass, but the weights are so large that rounding alone may be the reason."""
        return not self.passed and self.rounding > TOLERANCE and not self.max_abs_difference > self.rounding


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """What S steps computed.

    `steps` and `ids` (S) say which steps and what they read; `layers` holds, from the bottom up, the arrays h_prev,
    r, z, n, h and the addends `terms`, each (S, H), float64, of PyTorch's form; `weights` are the float64 weights.
    `indices` are those to show, None for the telling ones; the arrays are always whole. `original` is the same trace
    of the model without the gates that were held for it, None if there were none to compare with. `recorded` is the
    trace whose layers hand on their states, where it is not this one: single steps of another network have it.
    """

    model: Model
    weights: Weights
    text: str
    steps: tuple[int, ...]
    ids: Ids
    layers: tuple[CellStep, ...]
    indices: tuple[int, ...] | None = None
    check: Check | None = None
    original: "Trace | None" = None
    recorded: "Trace | None" = None

    def weights_at(self, position: int) -> Weights:
        """The float64 weights of one of the steps (by position), which differ where gates are held for some steps."""
        return Held(self.weights, self.model.scheduled).at(self.steps[position])

    @property
    def h_prev(self) -> Array:
        """h_{t-1} of the top layer, (S, H)."""
        return self.layers[-1].h_prev

    @property
    def r(self) -> Array:
        """The reset gate of the top layer, (S, H)."""
        return self.layers[-1].r

    @property
    def z(self) -> Array:
        """The update gate of the top layer, (S, H); it multiplies the old state."""
        return self.layers[-1].z

    @property
    def n(self) -> Array:
        """The candidate of the top layer, (S, H)."""
        return self.layers[-1].n

    @property
    def h(self) -> Array:
        """h_t of the top layer, (S, H): what the head reads."""
        return self.layers[-1].h

    def input(self, layer: int) -> Array:
        """What a layer (0-based) reads at each step, (S, I): one-hot vectors, or the states of the layer below."""
        if layer:
            return (self.recorded or self).layers[layer - 1].h
        return one_hot(self.ids, self.model.architecture.vocabulary_size, np.float64)

    def compact(self, layer: int, weights: Weights | None = None) -> tuple[LayerWeights, Array]:
        """A layer's (0-based) weights, and what they read at each step, (S, I), without what is always 0.

        So the first layer has a column for each character that is read here, not for all of the vocabulary. The weights
        are those of `weights`, by default the trace's own.
        """
        found = (self.weights if weights is None else weights).layers[layer]
        if layer:
            return found, self.input(layer)
        read, which = np.unique(self.ids, return_inverse=True)
        return replace(found, weight_ih=found.weight_ih[:, read]), np.eye(len(read))[which]

    @property
    def checkpoint(self) -> str | None:
        """The run that the model was read from; None for a model that was not read from a file."""
        return self.model.checkpoint

    def char(self, position: int) -> str:
        """The character that the step at a position (0-based, of `steps`) reads."""
        return self.text[self.steps[position] - 1]

    def next_probabilities(self, position: int) -> Array | None:
        """The probability of every symbol of the vocabulary after a step, (V,); None without a head."""
        if not self.model.architecture.head:
            return None
        weight, bias = self.weights.head
        return np.exp(network.log_softmax(self.h[position] @ weight.T + bias))

    def likeliest(self, position: int, count: int = 5) -> list[tuple[str, float]]:
        """The likeliest next characters after a step, with their probabilities; none without a head.

        The unknown symbol is no character, so it is left out; the probabilities are those among all symbols.
        """
        p = self.next_probabilities(position)
        if p is None:
            return []
        characters = self.model.vocabulary.characters
        some = min(count + 1, len(p))  # the unknown symbol may be one of them
        likely = np.flatnonzero(~(p < np.partition(p, -some)[-some]))  # of a large vocabulary few have to be sorted
        ranked = likely[np.argsort(-p[likely], kind="stable")]
        best = [id_ for id_ in ranked if characters[id_] is not None][:count]
        return [(str(characters[id_]), float(p[id_])) for id_ in best]

    def probability_of_next(self, position: int) -> float | None:
        """The probability of the character that the text goes on with; None at its end or without a head."""
        p, step = self.next_probabilities(position), self.steps[position]
        if p is None or step == len(self.text):
            return None
        return float(p[self.model.vocabulary.encode(self.text[step])[0]])

    def in_brief(self) -> str:
        """Which steps of how many, and the network."""
        steps = ", ".join(map(str, self.steps[:6])) + (", ..." if len(self.steps) > 6 else "")
        many = "steps" if len(self.steps) > 1 else "step"
        return f"of {many} {steps} of {len(self.text):,}, {self.model.architecture.in_words}; print it for the table"


def trace(
    model: Model,
    text: str | None = None,
    *,
    steps: Iterable[int] | None = None,
    indices: Iterable[int] | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> Trace:
    """Run `model` over a text from h_0 = 0 in float64 and keep every value of every gate at the chosen steps.

    `text` is the run's own if None; `steps` (from 1) are 34, or the last if the text is shorter; the trace's arrays are
    (steps, H). `indices` are those to show, the arrays are whole. With `force` the run is made with these gates held,
    and once more without them for `original`. `where` names the text in errors; `on_step` is called after every step
    run.

    The equations are those of `torch.nn.GRU`, or of Cho et al. 2014 (arXiv 1406.1078) for a model that resets before
    the product. Raises TextError, UnknownCharacterError, StepError, SettingError.

    >>> model = chargru.load("cats")
    >>> traced = chargru.trace(model, "The cats were full.", steps=[8, 9], force=["z=1@9"])
    >>> traced.z.shape
    (2, 48)
    >>> bool((traced.h[1] == traced.h[0]).all())  # z_9 = 1 keeps the old state
    True
    """
    text = model.text_for(text, where=where)
    ids = model.vocabulary.encode(text, where=where)
    wanted = resolve_steps(steps, len(text))
    shown = resolve_indices(indices, model.architecture.hidden_size)
    forced = model.force(*several("force", force), steps=len(text), where=where)
    _require_memory(model, len(wanted) * (2 if force else 1))
    traced = _run(model, text, ids, wanted, shown, on_step)
    return replace(_run(forced, text, ids, wanted, shown, on_step), original=traced) if force else traced


def _run(
    model: Model, text: str, ids: Ids, wanted: tuple[int, ...], shown: tuple[int, ...] | None, on_step: OnStep
) -> Trace:
    weights = model.weights.astype(np.float64)
    layers = _record(Held(weights, model.scheduled), ids, wanted, on_step)
    return Trace(model, weights, text, wanted, ids[np.array(wanted) - 1], layers, shown)


def _record(held: Held, ids: Ids, wanted: tuple[int, ...], on_step: OnStep) -> tuple[CellStep, ...]:
    """Every layer's values at the wanted steps, (S, H)."""
    positions = {step: position for position, step in enumerate(wanted)}
    states: list[Array] = [np.zeros((1, layer.hidden_size)) for layer in held.weights.layers]
    found: list[CellStep] = []
    for step in range(1, wanted[-1] + 1):
        cells = network.advance(held.at(step), ids[step - 1 : step], states)
        states = [cell.h for cell in cells]
        found = found or [room_for(cell, len(wanted)) for cell in cells]
        if step in positions:
            for whole, cell in zip(found, cells, strict=True):
                put(whole, positions[step], cell)
        if on_step is not None:
            on_step()
    return tuple(found)


def _require_memory(model: Model, steps: int) -> None:
    """Raises SettingError where the arrays of so many steps would not fit in the memory."""
    one = model.architecture
    n_bytes = steps * one.layers * one.hidden_size * _ARRAYS * np.dtype(np.float64).itemsize
    what = f"a trace of {steps:,} steps with {one.layers * one.hidden_size:,} units"
    memory.require(n_bytes, what, f"ask for fewer steps: {named('steps', f'1-{max(1, steps // 10)}')}")
