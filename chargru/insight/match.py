"""How well a gate tells some places of a text from all others, beside what chance reaches.

    AUC    the probability that the value at a matched step is above the value at another step, ties counted half
    score  max(AUC, 1 - AUC): 0.5 tells nothing, 1 tells every place

Chance: the marks of the matched steps are shifted along the text, its end joined to its start, and every score is taken
anew. The largest, over every shift, layer, index and quantity, is what a score has to beat; so it stands for all the
comparisons at once. A shift by less than a tenth of the text is left out: a unit that holds still has there what the
match left in it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chargru.errors import TextError, named
from chargru.gru.weights import Array
from chargru.insight.select import steps_at

QUANTITIES = ("r", "z", "n", "h")

FEWEST = 3
"""So many matched steps, and so many others, are needed."""

SHORTEST = 24
"""Characters: below, there are fewer than 20 shifts, and the largest of them says little."""

AWAY = 10
"""Shifts are by at least the text's length divided by this, either way."""

LONGEST = 1 << 26
"""Numbers kept to be ranked, half a gigabyte; of a longer text the first characters are compared."""

Steps = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Match:
    """The scores of the steps (M, from 1) that end a match of `pattern`, of the first `characters` of a text.

    Arrays are (L, 4, H), by layer, quantity r, z, n, h and index: `auc`, and the means `inside` and `outside` of the
    matched steps. `chance` is the largest score that any of them reaches at any of `shifts` circular shifts.
    """

    pattern: str
    steps: tuple[int, ...]
    characters: int
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
        return np.asarray(self.scores > self.chance)

    def ranked(self, layer: int) -> NDArray[np.int64]:
        """The indices of a layer (0-based) by the best of their four scores, best first."""
        return np.argsort(-self.scores[layer].max(axis=0), kind="stable")

    def best(self) -> tuple[int, str, int]:
        """Layer (0-based), quantity and index of the largest score."""
        layer, quantity, index = np.unravel_index(int(self.scores.argmax()), self.auc.shape)
        return int(layer), QUANTITIES[quantity], int(index)


def match_steps(pattern: str, text: str, series: int) -> tuple[tuple[int, ...], int]:
    """The steps that end a match, and how many characters are compared in so many series.

    Raises SettingError for what is no regular expression, StepError where it matches nothing, TextError where there are
    too few places of either kind, or the text is too short to tell chance from telling.
    """
    characters = min(len(text), max(SHORTEST, LONGEST // series))
    steps = tuple(step for step in steps_at(pattern, text, "match") if step <= characters)
    if characters < SHORTEST:
        few = f"{characters} character{'s' * (characters != 1)}"
        message = f"the text of {few} is too short to tell from chance what {named('match')} finds"
        raise TextError(message, f"give a {named('text')} of at least {SHORTEST} characters")
    for count, places in ((len(steps), "only {}"), (characters - len(steps), "all but {}")):
        if count < FEWEST:
            message = f"{named('match')} {pattern!r} matches at {places.format(count)} of {characters} places"
            needed = f"at least {FEWEST} that match and {FEWEST} others are needed"
            raise TextError(f"{message}; {needed}", f"try a longer {named('text')}")
    return steps, characters


def compare(
    pattern: str, steps: tuple[int, ...], values_L4HT: Array, on_series: Callable[[], None] | None = None
) -> Match:
    """Score every series of values (T each) at the steps, and at every circular shift of them."""
    *shape, T = values_L4HT.shape
    marks = np.zeros(T)
    marks[np.array(steps) - 1] = 1.0
    spectrum = np.conj(np.fft.rfft(marks))
    auc, chance = np.empty(shape), 0.5
    away = -(-T // AWAY)
    for at in np.ndindex(*shape):
        found = _auc_by_shift(values_L4HT[at], spectrum, len(steps))
        auc[at] = found[0]
        others = found[away : T - away + 1]
        chance = max(chance, float(others.max()), 1.0 - float(others.min()))
        if on_series is not None:
            on_series()
    inside = values_L4HT @ marks / len(steps)
    outside = values_L4HT @ (1.0 - marks) / (T - len(steps))
    return Match(pattern, steps, T, auc, inside, outside, chance, T + 1 - 2 * away)


def _auc_by_shift(values: Array, spectrum: NDArray[np.complexfloating], count: int) -> Array:
    """The AUC (T) of the marks shifted by 0 to T - 1 steps, from their conjugate spectrum.

    Sums of ranks at shifted marks are a circular correlation. Twice a rank is a whole number, so rounding is exact.
    """
    T = len(values)
    doubled = _doubled_ranks(values) - (T + 1)  # centred, so that the transform rounds less
    sums = np.rint(np.fft.irfft(np.fft.rfft(doubled) * spectrum, T)) / 2.0
    # U = sum of ranks - M (M + 1) / 2, and the mean rank (T + 1) / 2 was taken off M times.
    return np.asarray(0.5 + sums / (count * (T - count)))


def _doubled_ranks(values: Array) -> Array:
    """Twice the rank (T) of each value, from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((2 * last - counts + 1)[place], dtype=np.float64)
