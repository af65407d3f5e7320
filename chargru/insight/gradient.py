"""How large the gradient still is k steps back, and by which of its paths: `chargru gradient` as data.

L_T = -ln p(x_{T+1} | h_T), that one term. The relative size at lag k is |dL_T/dh_{T-k}| / |dL_T/dh_T|, Euclidean, at
one position T; a report gives the mean and the standard deviation of its log10 over positions, and counts exact zeros
apart. On the way back the vectors are rescaled, so that nothing underflows.

In a stack h is the state of all layers, what the network carries from one step to the next; `whole` goes back through
all of it. The parts follow the top layer alone, whose own product of Jacobians is exact: nothing below it reads it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chargru.arguments import several, whole
from chargru.errors import DamagedRunError, SettingError, StepError, named
from chargru.gru.initial import initialise
from chargru.gru.network import Ids
from chargru.gru.weights import Array, Reset, Weights, unpack
from chargru.insight import backward
from chargru.insight.backward import StepDerivatives
from chargru.insight.trace import OnStep
from chargru.model import Model
from chargru.shown import Brief, Shown, counted
from chargru.tensorfile import DAMAGED

PARTS = {
    "shortcut only": (1,),
    "without shortcut": (2, 3, 4),
    "candidate only": (3,),
    "gates frozen": (1, 3),
}
"""Which terms of the top layer's dh_t/dh_{t-1} each part keeps, at every step of the way back."""

POSITIONS = 32
"""So many positions T, evenly spaced, unless the caller chooses."""

LONGEST = 2048
"""Characters of a text that are read: every state has to be kept."""


@dataclass(frozen=True, eq=False)
class Sizes(Brief):
    """log10 of relative sizes, (P, K + 1) for P positions and lags 0 to K; -inf where the gradient is exactly zero."""

    log10: Array

    def mean(self, lag: int) -> float:
        """The mean over positions, exact zeros left out; nan if there is nothing else."""
        kept = self._kept(lag)
        return float(kept.mean()) if kept.size else float("nan")

    def std(self, lag: int) -> float:
        """The standard deviation over positions (divided by their number), exact zeros left out; nan for none."""
        kept = self._kept(lag)
        return float(kept.std()) if kept.size else float("nan")

    def zeros(self, lag: int) -> int:
        """At how many positions the gradient is exactly zero."""
        return len(self.log10) - self._kept(lag).size

    def _kept(self, lag: int) -> Array:
        column = self.log10[:, lag]
        return column[np.isfinite(column)]


@dataclass(frozen=True, eq=False)
class GradientReport(Shown):
    """Sizes by lag at P positions of `text`.

    `whole` goes back through the stack, `layers` are its shares by layer from the bottom up (their squares add up to
    whole's), `parts` those of the top layer by the keys of PARTS, `untrained` the whole of the same network with its
    own first values (`untrained_name` says which), `against` that of another model.
    """

    checkpoint: str | None
    text: str
    reset: Reset
    lags: tuple[int, ...]
    positions: NDArray[np.int64]
    whole: Sizes
    layers: tuple[Sizes, ...]
    parts: dict[str, Sizes]
    untrained: Sizes
    untrained_name: str
    against: Sizes | None = None
    against_name: str = ""

    def in_brief(self) -> str:
        """What was measured where."""
        places = counted(len(self.positions), "position")
        return f"at {places} of {counted(len(self.text), 'step')}, lags to {max(self.lags):,}; print it for the table"

    @property
    def columns(self) -> dict[str, Sizes]:
        """Every curve by its name."""
        layers = {f"layer {number}": sizes for number, sizes in enumerate(self.layers, start=1)}
        curves = {"whole": self.whole, **(layers if len(layers) > 1 else {}), **self.parts, "untrained": self.untrained}
        return curves if self.against is None else {**curves, "against": self.against}


def gradient(
    model: Model,
    text: str | None = None,
    *,
    lags: Iterable[int] | None = None,
    positions: int | Sequence[int] = POSITIONS,
    against: Model | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> GradientReport:
    """Measure how large the gradient still is some steps back, beside the untrained network and the one `against`.

    `text` is the run's own if None; at most LONGEST characters are read. `lags` are in steps; None is 1, 2, 5, 10, ...
    to half the text. `positions` is how many T, spaced evenly from the largest lag to the last character but one, or
    the T themselves (from 1). `force` holds gates; without `against` it is then the model without them that is set
    beside. `where` names the text in errors; `on_step` is called after every step forward and back.

    A size is log10 of |dL_T/dh_{T-k}| / |dL_T/dh_T|, (positions, lags from 0 on), where L_T = -ln p(x_{T+1} | h_T).
    Raises TextError, UnknownCharacterError, SettingError or StepError for lags or positions that the text does not
    have, ChargruError for a model without a head.

    >>> report = chargru.gradient(chargru.load("cats"), lags=[1, 10, 100])
    >>> [round(report.whole.mean(lag), 1) for lag in report.lags]
    [-0.2, -0.9, -4.3]
    """
    for one in (model, against):
        if one is not None:
            backward.need_head(one)
    whole_text = model.text_for(text, where=where, at_least=2)
    text = whole_text[:LONGEST]
    against_name = "" if against is None else against.checkpoint or "the other model"
    original, model = model, model.force(*several("force", force), steps=len(whole_text), where=where)
    if force and against is None:
        against, against_name = original, f"this model without {', '.join(model.held[len(original.held) :])} held"
    chosen = resolve_lags(lags, len(text))
    at = _positions(positions, chosen[-1], len(text) - 1)
    if against is not None:
        _check_vocabulary(against, text, where)
    first, name = untrained(model)
    models = [model, replace(model, weights=first), *([] if against is None else [against])]
    runs = [backward.record(one, text, where, on_step) for one in models]
    walks = (back_through_stack(run.derivatives, run.loss_gradient(at), at) for run in runs)
    whole, plain, *other = ([Sizes(rows) for rows in _relative(walk, chosen[-1], on_step)] for walk in walks)
    parts = _relative(back_through_parts(runs[0].derivatives[-1], runs[0].loss_gradient(at), at), chosen[-1])
    return GradientReport(
        checkpoint=runs[0].trace.checkpoint,
        text=text,
        reset=model.architecture.reset,
        lags=chosen,
        positions=at,
        whole=whole[0],
        layers=tuple(whole[1:]),
        parts={part: Sizes(rows) for part, rows in zip(PARTS, parts, strict=True)},
        untrained=plain[0],
        untrained_name=name,
        against=other[0][0] if other else None,
        against_name=against_name,
    )


def steps_of_work(text: str, lags: Sequence[int], *, against: bool) -> int:
    """How often `on_step` will be called."""
    return (3 if against else 2) * (min(len(text), LONGEST) + max(lags))


def resolve_lags(lags: Iterable[int] | None, length: int) -> tuple[int, ...]:
    """The lags, sorted and each once; None is 1, 2, 5, 10, ... as far as they leave half the text for positions.

    Raises SettingError for a lag that a text of `length` characters does not have.
    """
    last = min(length, LONGEST) - 1
    if lags is None:
        series = (digit * 10**power for power in range(4) for digit in (1, 2, 5))
        return tuple(lag for lag in series if lag <= max(last // 2, 1))
    chosen = tuple(sorted({whole("lags", lag) for lag in several("lags", lags)}))
    wrong = [lag for lag in chosen if not 1 <= lag <= last]
    if wrong or not chosen:
        what = f"there is no lag {wrong[0]}" if wrong else "no lag is asked for"
        raise SettingError(f"{what}: {last + 1} characters have lags from 1 to {last}", f"give other {named('lags')}")
    return chosen


def lags_and_places(
    places: Sequence[int], lags: Iterable[int] | None, length: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lags, and those of the `places` (steps, from 1) that can be measured at all of them, each once, sorted.

    None is the lags 1, 2, 5, ... that half of the places or more have before them. A place needs the largest lag
    before it and a next character. Raises SettingError for lags that a text of `length` characters does not have,
    StepError if no place remains.
    """
    last = min(length, LONGEST) - 1
    found = sorted({place for place in places if place <= last})
    chosen = resolve_lags(lags, length)
    if lags is None and found:
        chosen = tuple(lag for lag in chosen if lag <= found[len(found) // 2]) or chosen[:1]
    kept = tuple(place for place in found if place >= chosen[-1])
    if not kept:
        characters = f"{chosen[-1]} character{'s' * (chosen[-1] != 1)}"
        message = f"no place matched has {characters} up to it and one behind it"
        raise StepError(message, f"give smaller {named('lags')}, or another {named('pattern')}")
    return chosen, kept


def _positions(positions: int | Sequence[int], first: int, last: int) -> NDArray[np.int64]:
    """The T that are looked at, sorted: from the largest lag to the last that has a next character."""
    if np.ndim(positions) == 0:
        positions = whole("positions", positions)
        if positions < 1:
            raise SettingError(f"{positions} positions are too few", f"give {named('positions')} 1 or more")
        return np.linspace(first, last, min(positions, last - first + 1)).round().astype(np.int64)
    at = np.unique([whole("positions", position) for position in several("positions", positions)])
    if not at.size or at[0] < first or at[-1] > last:
        raise StepError(f"a position must be a step from {first}, the largest lag, to {last}, which has a next one")
    return at


def _check_vocabulary(other: Model, text: str, where: str) -> None:
    """Raises UnknownCharacterError, naming the other model, if it does not know a character of the text."""
    hint = f"choose a text whose characters both models know: {named('text')}"
    other.vocabulary.encode(text, where=f"{where}, read by {other.path or 'the other model'}", hint=hint)


def untrained(model: Model) -> tuple[Weights, str]:
    """The model's own first values, and their name. A row that reads nothing (a forced gate) stays as it is."""
    settings = model.trained.get("settings", {})
    seed, memory = (settings.get(name, 0) for name in ("seed", "initial_memory"))
    if 0 < memory < 2:
        raise DamagedRunError(f"the run's initial_memory is {memory:g}, but it must be 0, or 2 or more", DAMAGED)
    tensors = initialise(model.architecture, seed, memory)
    forced = False
    for number, layer in enumerate(model.weights.layers):
        rows = ~(layer.weight_ih.any(axis=1) | layer.weight_hh.any(axis=1))
        forced = forced or bool(rows.any())
        for tensor, value in zip(model.architecture.layer_names(number), layer.packed(), strict=True):
            tensors[tensor][rows] = value[rows]
    kept = ", forced gates kept" if forced else ""
    bias = f"b_z for memories of 2 to {memory:g} steps" if memory else "b_z = 1"
    name = f"orthogonal recurrent blocks, inputs in +-1, {bias}, seed {seed}{kept}"
    return unpack(model.architecture, tensors), name


def back_through_parts(top: StepDerivatives, g: Array, at: Ids) -> Iterator[Array]:
    """log10 of the parts' norms, (parts, P), at lag 0, 1, 2, ...: g (P, H) is dL_T/dh_T at the steps `at`."""
    v = np.stack([g] * len(PARTS))
    scale = np.zeros((len(PARTS), len(g), 1))
    keeping = {term: [row for row, kept in enumerate(PARTS.values()) if term in kept] for term in backward.TERMS}
    lag = 0
    while True:
        v, larger = backward.rescaled(v, 2)
        scale += larger
        yield backward.log10_norm(v, 2) + scale[..., 0]
        here = top.at(at - 1 - lag)
        old = np.zeros_like(v)
        for term, rows in keeping.items():
            old[rows] += here.back(term, v[rows])
        v, lag = old, lag + 1


def back_through_stack(layers: Sequence[StepDerivatives], g: Array, at: Ids) -> Iterator[Array]:
    """log10 of the norms, (1 + L, P), of dL_T/d(state) and its shares by layer, at lag 0, 1, 2, ..."""
    v = np.zeros((len(layers), *g.shape))
    v[-1] = g
    scale = np.zeros((1, len(g), 1))
    lag = 0
    while True:
        v, larger = backward.rescaled(v, (0, 2))
        scale += larger
        yield np.stack([backward.log10_norm(v, (0, 2)), *backward.log10_norm(v, 2)]) + scale[..., 0]
        v, _ = backward.step_back([layer.at(at - 1 - lag) for layer in layers], v)
        lag += 1


def _relative(walk: Iterator[Array], last: int, on_step: OnStep = None) -> Array:
    """The lags 0 to `last` of a walk, (rows, P, last + 1), relative to lag 0 of its first row."""
    lags = [next(walk)]
    for _ in range(last):
        lags.append(next(walk))
        if on_step is not None:
            on_step()
    sizes = np.stack(lags, axis=-1)
    start = sizes[:1, :, :1]
    return np.asarray(sizes - np.where(np.isfinite(start), start, 0.0))
