"""How well a gate tells some places of a text from others, beside what chance reaches.

    AUC    the probability that the value at a matched step is above the value at another step, ties counted half
    score  max(AUC, 1 - AUC): 0.5 tells nothing, 1 tells every place

The others are all steps that do not match, or those of a second pattern. Chance: the marks of the matched steps are
shifted along the N places that are compared, their end joined to their start, and every score is taken anew. The
largest, over every shift, layer, index and quantity, is what a score has to beat; so it stands for all the comparisons
at once. A shift by less than a tenth of the places is left out: a unit that holds still has there what the match left
in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chargru.errors import TextError, named
from chargru.gru.weights import Array
from chargru.insight.select import steps_at
from chargru.shown import Brief, quoted

QUANTITIES = ("r", "z", "n", "h")

FEWEST = 3
"""So many matched steps, and so many others, are needed."""

SHORTEST = 24
"""Places: of fewer there are fewer than 20 shifts, and the largest of them says little."""

AWAY = 10
"""Shifts are by at least the number of places divided by this, either way."""

LONGEST = 1 << 26
"""Numbers kept to be ranked, half a gigabyte; of a longer text the first characters are compared."""

EQUAL = 1e-12
"""Scores that differ by less are equal; two that differ at all do so by 1 / 2M(N - M) or more."""


@dataclass(frozen=True)
class Marks(Brief):
    """The steps (M, from 1) that end a match of `pattern`, of the places (N steps) that are compared.

    The places are those that end a match of `among`, or, where that is None, all of the first `characters` of a text.
    """

    pattern: str
    among: str | None
    steps: tuple[int, ...]
    places: Sequence[int]
    characters: int


@dataclass(frozen=True, eq=False)
class Match(Brief):
    """The scores of the marks.

    Arrays are (L, 4, H), by layer, quantity r, z, n, h and index: `auc`, and the means `inside` and `outside` of the
    matched steps. `chance` is the largest score that any of them reaches at any of `shifts` circular shifts.
    """

    marks: Marks
    auc: Array
    inside: Array
    outside: Array
    chance: float
    shifts: int

    @property
    def scores(self) -> Array:
        """The larger of AUC and 1 - AUC, (L, 4, H)."""
        return np.asarray(np.maximum(self.auc, 1.0 - self.auc))

    @property
    def telling(self) -> NDArray[np.bool_]:
        """Which scores beat chance, (L, 4, H)."""
        return np.asarray(self.scores > self.chance + EQUAL)

    def ranked(self, layer: int) -> NDArray[np.int64]:
        """The indices of a layer (0-based) by the best of their four scores, best first."""
        return np.argsort(-self.scores[layer].max(axis=0), kind="stable")

    def best(self) -> tuple[int, str, int]:
        """Layer (0-based), quantity and index of the largest score."""
        layer, quantity, index = np.unravel_index(int(self.scores.argmax()), self.auc.shape)
        return int(layer), QUANTITIES[quantity], int(index)


def find_marks(pattern: str, among: str | None, text: str, series: int) -> Marks:
    """The steps of a text that end a match, and those that they are compared with, where so many series are kept.

    Raises SettingError for what is no regular expression, StepError where it matches nothing, TextError where there are
    too few places of either kind to tell chance from telling.
    """
    characters = min(len(text), max(SHORTEST, LONGEST // series))
    all_matched = steps_at(pattern, text, "match")
    all_places = range(1, characters + 1) if among is None else steps_at(among, text, "among")
    places = [step for step in all_places if step <= characters]
    known = frozenset(places)
    steps = tuple(step for step in all_matched if step in known)
    if len(places) < SHORTEST:
        few = "1 place is" if len(places) == 1 else f"{len(places)} places are"
        message = f"{few} too few to tell what {named('match')} finds from chance"
        raise TextError(message, f"give a {named('text')} with at least {SHORTEST}")
    others = len(places) - len(steps)
    for count, where in ((len(steps), f"only {len(steps)}"), (others, f"all but {others}" if others else "all")):
        if count < FEWEST:
            message = f"{named('match')} {quoted(pattern)} matches at {where} of {len(places)} places"
            needed = f"at least {FEWEST} that match and {FEWEST} others are needed"
            raise TextError(f"{message}; {needed}", f"try a longer {named('text')}")
    return Marks(pattern, among, steps, places, characters)


def compare(marks: Marks, values_L4HT: Array, on_series: Callable[[], None] | None = None) -> Match:
    """Score every series of values (T each) at the marks, and at every circular shift of them."""
    shape, N, M = values_L4HT.shape[:-1], len(marks.places), len(marks.steps)
    at = np.array(marks.places) - 1
    marked = np.isin(marks.places, marks.steps).astype(np.float64)
    spectrum = np.conj(np.fft.rfft(marked))
    auc, inside, outside = (np.empty(shape) for _ in range(3))
    away, chance = -(-N // AWAY), 0.5
    for series in np.ndindex(*shape):
        values = values_L4HT[series][at]
        by_shift = _auc_by_shift(values, spectrum, M)
        others = by_shift[away : N - away + 1]
        chance = max(chance, float(others.max()), 1.0 - float(others.min()))
        auc[series] = by_shift[0]
        inside[series], outside[series] = values @ marked / M, values @ (1.0 - marked) / (N - M)
        if on_series is not None:
            on_series()
    return Match(marks, auc, inside, outside, chance, N + 1 - 2 * away)


def _auc_by_shift(values: Array, spectrum: NDArray[np.complexfloating], count: int) -> Array:
    """The AUC (N) of the marks shifted by 0 to N - 1 places, from their conjugate spectrum.

    Sums of ranks at shifted marks are a circular correlation. Twice a rank is a whole number, so rounding is exact.
    """
    N = len(values)
    doubled = _doubled_ranks(values) - (N + 1)  # centred, so that the transform rounds less
    sums = np.rint(np.fft.irfft(np.fft.rfft(doubled) * spectrum, N)) / 2.0
    # U = sum of ranks - M (M + 1) / 2, and the mean rank (N + 1) / 2 was taken off M times.
    return np.asarray(0.5 + sums / (count * (N - count)))


def _doubled_ranks(values: Array) -> Array:
    """Twice the rank (N) of each value, from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((2 * last - counts + 1)[place], dtype=np.float64)
