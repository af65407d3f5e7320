"""The score of a text: nats per character, one definition for the trainer, `evaluate` and the recorded figures.

The text is one stream from h = 0, and each character is predicted from all before it. The first character of `ids`
has nothing before it, so it is read and not scored: N ids give N - 1 scores. To score a whole split, give it with
the character before it. Sums are in float64; bits are nats / ln 2.
"""

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from chargru.arguments import whole
from chargru.errors import SettingError, TextError, named
from chargru.gru.network import Ids, Network
from chargru.gru.weights import Array, Weights

S = TypeVar("S")

LANES = 64
WARM_UP = 256
"""Unscored characters that a lane reads first, so that its state is what the single stream's would be."""
WINDOW = 128
"""Steps handed to a scorer at once; no effect on the score."""
AGREEMENT = 1e-5
"""Two states agree if neither they nor any product of theirs with a weight matrix differ by more."""
PARALLEL_ROUNDS = 4
"""So often all lanes that disagree are read again side by side; then only those that are sure to be the last time."""

_SCORED_PER_LANE = 2 * WARM_UP  # at least; so reading costs at most half as much again


class Scorer(Protocol[S]):
    """What can be scored: `gru.network.Network`, or the network that is being trained."""

    @property
    def weights(self) -> Weights:
        """The weights that it scores with."""

    def zero_state(self, streams: int, /) -> S:
        """h_0 = 0 of so many streams."""

    def nats(self, inputs_TB: Ids, targets_TB: Ids, states: S, /) -> tuple[NDArray[np.float64], S]:
        """-ln p of each target, (T, B) float64, and the state after the last step."""

    def to_array(self, states: S, /) -> Array:
        """A state as numbers, (L, B, H)."""

    def from_array(self, states_LBH: Array, /) -> S:
        """The state with these numbers."""


@dataclass(frozen=True)
class Score:
    """The mean over `characters` scored ones, in nats.

    `reread` of them were read more than once, because the network's memory outlasts a lane's warm-up.
    """

    nats: float
    characters: int
    reread: int = 0

    @property
    def bpc(self) -> float:
        """Bits per character."""
        return self.nats / math.log(2)

    @property
    def perplexity(self) -> float:
        """e^nats, per character: as many equally likely characters would be as hard to guess. May be infinite."""
        return math.exp(self.nats) if self.nats < math.log(sys.float_info.max) else math.inf


@dataclass(frozen=True)
class Plan:
    """How a stream of predictions is cut: lane b begins to read at b * length, and reads `warm_up` + `length` steps.

    What it reads first, `warm_up` steps, it does not score, except in lane 0. The last lane may end before the others.
    """

    lanes: int
    length: int
    warm_up: int

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each lane begins to read, (B,)."""
        return np.arange(self.lanes) * self.length

    @property
    def steps(self) -> int:
        """How many steps it takes, if every lane is read once."""
        return self.warm_up + self.length

    @property
    def windows(self) -> int:
        """How many windows it takes, if every lane is read once."""
        return math.ceil(self.warm_up / WINDOW) + math.ceil(self.length / WINDOW)


def plan(predictions: int, lanes: int = LANES) -> Plan:
    """Cut a stream into at most `lanes` lanes; short ones into fewer, down to the single stream itself."""
    lanes = max(1, min(lanes, (predictions - WARM_UP) // _SCORED_PER_LANE))
    if lanes == 1:
        return Plan(1, predictions, 0)
    return Plan(lanes, math.ceil((predictions - WARM_UP) / lanes), WARM_UP)


def score(
    scorer: Scorer[S],
    ids: Ids,
    *,
    lanes: int = LANES,
    each: NDArray[np.float64] | None = None,
    on_window: Callable[[], None] | None = None,
    on_more: Callable[[int], None] | None = None,
) -> Score:
    """Score ids (N,): one stream, the first id read only.

    Long texts are read in lanes side by side. Each starts from h = 0 and reads some characters unscored; then its
    state must agree with the one in which the lane before it ended. If not, the lane is read again from that state,
    after which the next one may have to be, and so on: in the end one lane at a time, which is the single stream. So
    the score is the single stream's within 1e-3 nats, however long the network remembers. (A chaotic network turns a
    rounding error into another state, so its score has fewer digits than that on any machine.)

    `each` (N - 1) is filled with -ln p of ids 2..N. `on_window` is called between windows, `on_more` with a number of
    windows that are to be read again. Raises TextError for fewer than 2 ids.
    """
    predictions = count_predictions(ids)
    cut = plan(predictions, lanes)
    read = partial(_read, scorer, ids, each, on_window)  # what a lane reads first, the lane before it writes over
    unscored, state = read(cut.starts, cut.warm_up, scorer.zero_state(cut.lanes))
    begins, starts = scorer.to_array(state), cut.starts + cut.warm_up
    nats, state = read(starts, cut.length, state)
    ends = scorer.to_array(state)
    nats[0] += unscored[0]
    reread = 0
    for again in _rounds(scorer.weights, begins, ends):
        if on_more:
            on_more(math.ceil(cut.length / WINDOW))
        begins[:, again] = ends[:, again - 1]
        nats[again], state = read(starts[again], cut.length, scorer.from_array(begins[:, again]))
        ends[:, again] = scorer.to_array(state)
        reread += int(np.minimum(cut.length, predictions - starts[again]).sum())
    return Score(float(nats.sum()) / predictions, predictions, reread)


def _rounds(weights: Weights, begins: Array, ends: Array) -> Iterator[NDArray[np.intp]]:
    """Which lanes to read again, round after round, from what their states (L, B, H) are at the time.

    A lane that follows one that agrees is final once it is read from that one's end, so it takes B rounds at most.
    """
    for number in range(PARALLEL_ROUNDS + begins.shape[1]):
        wrong = _disagree(weights, begins[:, 1:], ends[:, :-1])
        if number >= PARALLEL_ROUNDS:
            wrong[1:] &= ~wrong[:-1]
        if not wrong.any():
            return
        yield 1 + np.flatnonzero(wrong)


def _disagree(weights: Weights, one_LBH: Array, other_LBH: Array) -> NDArray[np.bool_]:
    """In which lanes (B,) two states differ so much that what reads them may notice, nan included."""
    change_LBH = one_LBH.astype(np.float64) - other_LBH
    largest = np.abs(change_LBH).max(axis=(0, 2))
    for number, change_BH in enumerate(change_LBH):
        for matrix in weights.readers(number):
            largest = np.maximum(largest, np.abs(change_BH @ matrix.T).max(axis=1))
    return np.asarray(~(largest <= AGREEMENT))


def _read(
    scorer: Scorer[S],
    ids: Ids,
    each: NDArray[np.float64] | None,
    on_window: Callable[[], None] | None,
    starts: NDArray[np.int64],
    length: int,
    state: S,
) -> tuple[NDArray[np.float64], S]:
    """The sum of -ln p, (B,), over `length` predictions from each start on, side by side, and the state after them.

    `each` gets -ln p of every one. What lies beyond the last prediction counts nothing.
    """
    sums, last = np.zeros(len(starts)), len(ids) - 2
    for first in range(0, length, WINDOW):
        positions_TB = starts + np.arange(first, min(first + WINDOW, length))[:, np.newaxis]
        read_TB = np.minimum(positions_TB, last)
        nats_TB, state = scorer.nats(ids[read_TB], ids[read_TB + 1], state)
        scored_TB = positions_TB <= last
        sums += nats_TB.sum(axis=0, where=scored_TB)
        if each is not None:
            each[positions_TB[scored_TB]] = nats_TB[scored_TB]
        if on_window:
            on_window()
    return sums, state


def long_memory(score: Score) -> str:
    """What to tell a person of a score that took more than one reading."""
    return (
        f"this network remembers for more than {WARM_UP} characters: for an exact score {score.reread:,} characters "
        "were read twice"
    )


def score_windows(
    scorer: Scorer[S],
    ids: Ids,
    size: int,
    *,
    each: NDArray[np.float64] | None = None,
    on_window: Callable[[], None] | None = None,
) -> Score:
    """Score ids (N,) in independent windows of `size` predictions, each from the zero state; the last may be shorter.

    `each` (N - 1) is filled with -ln p of ids 2..N. Raises SettingError for a size below 1, TextError for fewer than 2
    ids.
    """
    check_window(size)
    predictions = count_predictions(ids)
    whole = predictions // size
    groups = [np.arange(first, min(first + LANES, whole)) * size for first in range(0, whole, LANES)]
    jobs = [(starts, size) for starts in groups]
    if predictions % size:
        jobs.append((np.array([whole * size]), predictions % size))
    sums = [_read(scorer, ids, each, on_window, starts, n, scorer.zero_state(len(starts)))[0] for starts, n in jobs]
    return Score(float(sum(nats.sum() for nats in sums)) / predictions, predictions)


def check_window(size: int) -> None:
    """Raises SettingError for a window of less than one prediction."""
    if whole("window", size) < 1:
        raise SettingError(
            f"{named('window')} is {size}, but it must be at least 1", "leave it out to score one stream"
        )


def windows_of(predictions: int, size: int | None = None, *, lanes: int = LANES) -> int:
    """How often `score` (with a size `score_windows`) calls `on_window` for so many predictions, if none is reread."""
    if size is None:
        return plan(predictions, lanes).windows
    groups = math.ceil(predictions // size / LANES)
    return groups * math.ceil(size / WINDOW) + math.ceil(predictions % size / WINDOW)


def recorded_score(weights: Weights, ids: Ids) -> tuple[float, list[Array]]:
    """What a run records of its trace text: mean nats of ids 2..N from h_0 = 0, and the final h (H) of each layer.

    In float64 throughout, and h is the state after all N ids. A reader that computes other figures has read the
    weights wrongly. Raises TextError for fewer than 2 ids.
    """
    count_predictions(ids)
    network = Network(weights, np.float64)
    ids_T1 = ids[:, np.newaxis]
    nats_T1, states = network.nats(ids_T1[:-1], ids_T1[1:], network.zero_state())
    states = network.step(ids_T1[-1], states)
    return float(nats_T1.mean()), [h[0] for h in states]


def count_predictions(ids: Ids) -> int:
    """How many of the ids (N,) have one before them, N - 1. Raises TextError if none has."""
    if len(ids) < 2:
        raise TextError(
            f"there is nothing to score: of {len(ids)} character{'s' * (len(ids) != 1)} none has one before it",
            "give a text of at least 2 characters",
        )
    return len(ids) - 1
