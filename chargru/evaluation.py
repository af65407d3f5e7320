"""The score of a text: nats per character, one definition for the trainer, `evaluate` and the recorded figures.

The text is one stream from h = 0, and each character is predicted from all before it. The first character of `ids`
has nothing before it, so it is read and not scored: N ids give N - 1 scores. To score a whole split, give it with
the character before it. Sums are in float64; bits are nats / ln 2.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from chargru.errors import SettingError, TextError
from chargru.gru.network import Network
from chargru.gru.weights import Array, Weights

Ids = NDArray[np.integer]
S = TypeVar("S")

LANES = 64
WARM_UP = 256
"""Unscored characters that a lane reads first; after them its state is what the single stream's would be."""
WINDOW = 128
"""Steps handed to a scorer at once; no effect on the score."""

_SCORED_PER_LANE = 2 * WARM_UP  # at least; so reading costs at most half as much again


class Scorer(Protocol[S]):
    """What can be scored: `gru.network.Network`, or the network that is being trained."""

    def zero_state(self, streams: int, /) -> S:
        """h_0 = 0 of so many streams."""

    def nats(self, inputs_TB: NDArray[Any], targets_TB: NDArray[Any], states: S, /) -> tuple[NDArray[np.float64], S]:
        """-ln p of each target, (T, B) float64, and the state after the last step."""


@dataclass(frozen=True)
class Score:
    """The mean over `characters` scored ones, in nats."""

    nats: float
    characters: int

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
    """How a stream of N predictions is cut: every lane reads `steps` characters, lane b up to ends[b] (exclusive).

    Lane 0 starts at the stream's own start and scores all it reads; lane b > 0 scores from ends[b - 1] on, what it
    reads before is warm-up.
    """

    steps: int
    ends: tuple[int, ...]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each lane starts to read, (B,)."""
        return np.array(self.ends) - self.steps

    @property
    def unscored(self) -> NDArray[np.int64]:
        """How many steps of each lane are warm-up, (B,)."""
        return np.array((0, *self.ends[:-1])) - self.starts

    def windows(self, window: int = WINDOW) -> int:
        """How many windows it takes."""
        return math.ceil(self.steps / window)


def plan(predictions: int, *, lanes: int = LANES, warm_up: int = WARM_UP) -> Plan:
    """Cut a stream into at most `lanes` lanes; short ones into fewer, down to the single stream itself."""
    lanes = max(1, min(lanes, (predictions - warm_up) // _SCORED_PER_LANE))
    if lanes == 1:
        return Plan(predictions, (predictions,))
    length = math.ceil((predictions - warm_up) / lanes)
    steps = warm_up + length
    return Plan(steps, tuple(min(predictions, steps + lane * length) for lane in range(lanes)))


def score(
    scorer: Scorer[S],
    ids: Ids,
    *,
    lanes: int = LANES,
    warm_up: int = WARM_UP,
    window: int = WINDOW,
    on_window: Callable[[], None] | None = None,
) -> Score:
    """Score ids (N,): one stream, the first id read only. `on_window` is called between windows.

    Long texts are read in lanes side by side, which agrees with the single stream within 1e-3 nats. Raises TextError
    for fewer than 2 ids.
    """
    predictions = _predictions(ids)
    cut = plan(predictions, lanes=lanes, warm_up=warm_up)
    state = scorer.zero_state(len(cut.ends))
    total = 0.0
    for start in range(0, cut.steps, window):
        steps_T1 = np.arange(start, min(start + window, cut.steps))[:, np.newaxis]
        positions_TB = cut.starts + steps_T1
        nats_TB, state = scorer.nats(_take(ids, positions_TB), _take(ids, positions_TB + 1), state)
        total += float(nats_TB.sum(where=steps_T1 >= cut.unscored))
        if on_window:
            on_window()
    return Score(total / predictions, predictions)


def score_windows(
    scorer: Scorer[S],
    ids: Ids,
    size: int,
    *,
    lanes: int = LANES,
    window: int = WINDOW,
    on_window: Callable[[], None] | None = None,
) -> Score:
    """Score ids (N,) in independent windows of `size` predictions, each from the zero state; the last may be shorter.

    Raises SettingError for a size below 1, TextError for fewer than 2 ids.
    """
    if size < 1:
        raise SettingError(f"--window is {size}, but it must be at least 1", "leave it out to score one stream")
    predictions = _predictions(ids)
    whole = predictions // size
    total = 0.0
    groups = [np.arange(first, min(first + lanes, whole)) * size for first in range(0, whole, lanes)]
    jobs = [(starts, size) for starts in groups]
    if predictions % size:
        jobs.append((np.array([whole * size]), predictions % size))
    for starts, length in jobs:
        state = scorer.zero_state(len(starts))
        for start in range(0, length, window):
            positions_TB = starts + np.arange(start, min(start + window, length))[:, np.newaxis]
            nats_TB, state = scorer.nats(_take(ids, positions_TB), _take(ids, positions_TB + 1), state)
            total += float(nats_TB.sum())
            if on_window:
                on_window()
    return Score(total / predictions, predictions)


def windows_of(predictions: int, size: int | None = None, *, lanes: int = LANES) -> int:
    """How often `score` (or with a size `score_windows`) calls `on_window` for so many predictions."""
    if size is None:
        return plan(predictions, lanes=lanes).windows()
    groups = math.ceil(predictions // size / lanes)
    return groups * math.ceil(size / WINDOW) + math.ceil(predictions % size / WINDOW)


def recorded_score(weights: Weights, ids: Ids) -> tuple[float, list[Array]]:
    """What a run records of its trace text: mean nats of ids 2..N from h_0 = 0, and the final h (H) of each layer.

    In float64 throughout, and h is the state after all N ids. A reader that computes other figures has read the
    weights wrongly. Raises TextError for fewer than 2 ids.
    """
    _predictions(ids)
    network = Network(weights, np.float64)
    ids_T1 = ids[:, np.newaxis]
    nats_T1, states = network.nats(ids_T1[:-1], ids_T1[1:], network.zero_state())
    states = network.step(ids_T1[-1], states)
    return float(nats_T1.mean()), [h[0] for h in states]


def _predictions(ids: Ids) -> int:
    if len(ids) < 2:
        raise TextError(
            f"there is nothing to score: of {len(ids)} character{'s' * (len(ids) != 1)} none has one before it",
            "give a text of at least 2 characters",
        )
    return len(ids) - 1


def _take(ids: Ids, positions_TB: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(ids[positions_TB], dtype=np.int64)
