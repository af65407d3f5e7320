"""What a trained network loses when one part of it is held or taken out, its other weights left as they are.

A gate that is held and a product that is taken out are changed weights, which run as fast as any; only the dropped
carry is another recurrence. All run in float64: a damaged network can be chaotic, and would turn float32's rounding
into other bits. None of this says what a network needs: one that is trained without the part may do as well.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chargru import evaluation, scoring
from chargru.arguments import whole
from chargru.errors import SettingError, check_setting, named
from chargru.gru import cell, forcing, numpy_threads
from chargru.gru.network import Ids, Network, advance
from chargru.gru.weights import Array, LayerWeights, Reset, Weights, rows
from chargru.model import Model
from chargru.scoring import LONG, Unknown
from chargru.shown import Shown

AS_IS = "as it is"
MOST_WORK = LONG / 2
"""Characters times parameters that one variant may take unless the caller says how many: some seconds."""
MOST_CHARACTERS = 1_000_000
OTHER: dict[Reset, Reset] = {"after": "before", "before": "after"}
"""The other reset placement."""


@dataclass(frozen=True)
class Ablated:
    """The score of one variant per character; `difference` is how many bits more it needs than the network as it is."""

    variant: str
    val_nats: float
    val_bpc: float
    difference: float


@dataclass(frozen=True)
class Ablation(Shown):
    """The variants' scores of the same `characters` characters of a text; the network as it is comes first.

    `left_out` are the text's further characters, which were not scored, `skipped` those that the model does not know;
    `vocabulary` is V, how many it knows, `forced` the gates that it holds as it is. `z_mean` (layers, H) is what
    z was held at: its mean per unit over the steps that are scored.
    """

    schema: ClassVar = "chargru.ablation/1"

    checkpoint: str | None
    text: str
    reset: Reset
    vocabulary: int
    forced: tuple[str, ...]
    characters: int
    left_out: int
    skipped: int
    variants: tuple[Ablated, ...]
    z_mean: tuple[tuple[float, ...], ...]


def ablate(
    model: Model,
    text: str | Sequence[tuple[str, str]] | None = None,
    *,
    characters: int | None = None,
    unknown: Unknown = "error",
    on_window: Callable[[], None] | None = None,
    on_more: Callable[[int], None] | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Ablation:
    """Score a text by the network as it is and without one part at a time; what is scored is as in `evaluate`.

    At most `characters` are scored, unless given as many as take some seconds. `on_more` is called with how many
    windows there are to read, at the start and where more are needed, `on_window` after each; `on_note` with what a
    person may want to know. Raises what `evaluate` does, and SettingError for a model with gates held at some steps.

    >>> found = chargru.ablate(chargru.load("cats"), "The cats, which the dog had chased, were full.")
    >>> [one.variant for one in found.variants][:4]
    ['as it is', 'r = 1', 'r = 0', 'z = its mean']
    >>> found.variants[0].difference
    0.0
    """
    if model.scheduled:
        raise SettingError("this model holds gates at some steps only", f"leave the steps out of {named('force')}")
    note, on_more = on_note or (lambda _: None), on_more or (lambda _: None)
    scored = scoring.to_score(model, text, unknown, note)
    ids = scored.ids[: 1 + _most(model, characters)]
    left_out = len(scored.ids) - len(ids)
    if left_out:
        note(f"note: the first {len(ids) - 1:,} characters are scored, {left_out:,} are left out")
    on_more(evaluation.windows_of(evaluation.count_predictions(ids)) * (len(_names(model.weights)) + 1))
    weights = model.weights.astype(np.float64)
    means = mean_z(weights, ids, on_window)
    found: list[Ablated] = []
    for name, network in networks(weights, means):
        score = evaluation.score(network, ids, on_window=on_window, on_more=on_more)
        found.append(Ablated(name, score.nats, score.bpc, score.bpc - found[0].val_bpc if found else 0.0))
    return Ablation(
        checkpoint=model.checkpoint,
        text=scored.name,
        reset=model.architecture.reset,
        vocabulary=model.architecture.vocabulary_size,
        forced=model.forced,
        characters=len(ids) - 1,
        left_out=left_out,
        skipped=scored.skipped,
        variants=tuple(found),
        z_mean=tuple(tuple(mean.tolist()) for mean in means),
    )


def _most(model: Model, characters: int | None) -> int:
    """How many characters are scored at most."""
    if characters is None:
        return min(MOST_CHARACTERS, int(MOST_WORK / model.architecture.parameters))
    characters = whole("characters", characters)
    check_setting("characters", characters, characters >= 1, "at least 1")
    return characters


def _names(weights: Weights) -> tuple[str, ...]:
    """Every variant, in the order of a table."""
    other = OTHER[weights.architecture.reset]
    return AS_IS, "r = 1", "r = 0", "z = its mean", "z = 0", "h = (1 - z) n", "W_hn = 0", f"reset {other}"


def networks(weights: Weights, z_mean: Sequence[Array]) -> Iterator[tuple[str, Network]]:
    """Every variant by its name, one at a time; `z_mean` (H) of each layer."""
    architecture = weights.architecture
    makers: tuple[tuple[type[Network], Callable[[], Weights]], ...] = (
        (Network, lambda: weights),
        (Network, lambda: held(weights, "r=1")),
        (Network, lambda: held(weights, "r=0")),
        (Network, lambda: _with_z(weights, z_mean)),
        (Network, lambda: held(weights, "z=0")),
        (CarryDropped, lambda: weights),
        (Network, lambda: _each(weights, lambda layer: layer.with_rows(rows("n", layer.hidden_size), weight_hh=0.0))),
        (Network, lambda: replace(weights, architecture=replace(architecture, reset=OTHER[architecture.reset]))),
    )
    for name, (network, changed) in zip(_names(weights), makers, strict=True):
        yield name, network(changed(), np.float64)


def held(weights: Weights, force: str) -> Weights:
    """The same network with a gate held, as `gru.forcing` writes it."""
    return forcing.hold(weights, forcing.parse([force], weights.architecture))


def _with_z(weights: Weights, z_mean: Sequence[Array]) -> Weights:
    """Each unit's z held at a number of its own."""
    layers = [
        layer.with_constant(rows("z", layer.hidden_size), _pre_activation(z))
        for layer, z in zip(weights.layers, z_mean, strict=True)
    ]
    return replace(weights, layers=tuple(layers))


def _pre_activation(z: Array) -> Array:
    """What sigmoid turns into z; as large as it need be where z is 0 or 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(z) - np.log1p(-z), -forcing.SATURATED, forcing.SATURATED))


def _each(weights: Weights, change: Callable[[LayerWeights], LayerWeights]) -> Weights:
    return replace(weights, layers=tuple(map(change, weights.layers)))


class CarryDropped(Network):
    """h_t = (1 - z_t) n_t in every layer: the old state is not carried on, only seen by r, z and n."""

    def step(self, ids: Ids, states: list[Array]) -> list[Array]:
        """Read one character a stream: ids (B), states as from `zero_state`; returns the new states."""
        x: Array | Ids = ids
        new: list[Array] = []
        for layer, h_prev in zip(self.weights.layers, states, strict=True):
            one = cell.step(layer, x, h_prev, self.architecture.reset)
            x = (1.0 - one.z) * one.n
            new.append(x)
        return new


def mean_z(weights: Weights, ids: Ids, on_window: Callable[[], None] | None = None) -> list[NDArray[np.float64]]:
    """The mean of z per unit, (H) of each layer, over the steps that read ids (N,) but the last.

    A long text is read in lanes, each after so many uncounted characters as `evaluation.score` reads first. `on_window`
    is called as often as it calls it.
    """
    predictions = evaluation.count_predictions(ids)
    last, cut = predictions - 1, evaluation.plan(predictions)
    H = weights.architecture.hidden_size
    states: list[Array] = [np.zeros((cut.lanes, H)) for _ in weights.layers]
    sums = [np.zeros(H) for _ in weights.layers]
    with numpy_threads.threads(1):
        for t in range(total := cut.warm_up + cut.length):
            at_B = cut.starts + t
            counted_B1 = ((at_B <= last) & ((t >= cut.warm_up) | (cut.starts == 0)))[:, np.newaxis]
            steps = advance(weights, ids[np.minimum(at_B, last)], states)
            for sum_H, one in zip(sums, steps, strict=True):
                sum_H += one.z.sum(axis=0, where=counted_B1, dtype=np.float64)
            states = [one.h for one in steps]
            if on_window and ((t + 1) % evaluation.WINDOW == 0 or t + 1 == total):
                on_window()
    return [sum_H / predictions for sum_H in sums]
