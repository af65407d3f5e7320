"""The loader: a text as parallel lanes, cut into windows, the state carried from window to window.

Symbols and shapes
    N   characters of the text, hence N - 1 predictions
    B   lanes: contiguous stretches of the text, read side by side
    T   window: steps between truncations of back-propagation
    W   windows of one epoch
    V   vocabulary size
    ids (N,); x_TB, y_TB: ids of the inputs and of the characters that follow them; x_TBV: one-hot

Within an epoch lane b reads `ids[o + b*W*T : o + (b+1)*W*T]`, and each window goes on where the one before it
stopped. The offset o differs from epoch to epoch, so that the lanes' borders and the characters left over
at the end (fewer than B*T + T) are not always the same. It follows from the seed and the epoch alone: a
position in training is (epoch, index of the window), nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chargru.errors import SettingError, TextError, check_setting
from chargru.text.vocabulary import Ids

_WINDOWS_PER_LANE = 4  # a lane shorter than about this many windows carries its state too short a way


@dataclass(frozen=True, eq=False)
class Window:
    """One window of all lanes: (T, B) ids of the inputs and of their next characters.

    Both are C-contiguous int64, two views of one fresh array. `first` says that the epoch starts here: the
    state before it is zero.
    """

    inputs_TB: NDArray[np.int64]
    targets_TB: NDArray[np.int64]
    epoch: int
    index: int
    vocabulary_size: int

    @property
    def first(self) -> bool:
        """Whether this window opens its epoch."""
        return self.index == 0

    def one_hot(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The inputs as the dense array x_TBV, (T, B, V)."""
        return one_hot(self.inputs_TB, self.vocabulary_size, dtype)


class Batches:
    """Windows of B parallel lanes over `ids`, by epoch and index.

    `ids` is (N,) of any integer dtype and may be a memory map: one window is read at a time. `lanes` and
    `window` are what is used, fewer and shorter than asked where the text is too small; `notes` says so.
    SettingError for lanes or window below 1 or a negative seed; TextError for fewer than 2 characters.
    """

    def __init__(self, ids: Ids, vocabulary_size: int, *, lanes: int, window: int, seed: int = 0) -> None:
        _check(ids, lanes, window, seed)
        predictions = len(ids) - 1
        self.ids = ids
        self.vocabulary_size = vocabulary_size
        self.seed = seed
        self.lanes = min(lanes, max(1, predictions // (_WINDOWS_PER_LANE * window)))
        self.window = min(window, predictions)
        # One window is held back where possible, so that the lanes have room to shift.
        self.windows_per_epoch = max(1, (predictions - self.window) // (self.lanes * self.window))
        self.slack = predictions - self.lanes * self.windows_per_epoch * self.window
        self.notes = self._notes(lanes, window)

    def offset(self, epoch: int) -> int:
        """Where the first lane of `epoch` (0-based) starts: 0 to `slack`, by seed and epoch alone."""
        return int(np.random.default_rng([self.seed, epoch]).integers(self.slack + 1))

    def window_at(self, epoch: int, index: int) -> Window:
        """Window `index` of `epoch`, both 0-based; IndexError if the epoch has no such window."""
        if epoch < 0 or not 0 <= index < self.windows_per_epoch:
            raise IndexError(f"no window {index} in epoch {epoch}: an epoch has {self.windows_per_epoch}")
        lane_length = self.windows_per_epoch * self.window
        starts_B = self.offset(epoch) + np.arange(self.lanes) * lane_length + index * self.window
        positions_TB = starts_B + np.arange(self.window + 1)[:, np.newaxis]
        ids_TB = self.ids[positions_TB].astype(np.int64)
        return Window(ids_TB[:-1], ids_TB[1:], epoch, index, self.vocabulary_size)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Window]:
        """The windows of `epoch` in order, from index `start` on."""
        for index in range(start, self.windows_per_epoch):
            yield self.window_at(epoch, index)

    def _notes(self, lanes: int, window: int) -> tuple[str, ...]:
        notes = []
        size = f"the training text has {len(self.ids):,} characters"
        if self.lanes < lanes:
            notes.append(f"{size}: {self.lanes} lane{'s' * (self.lanes != 1)} instead of {lanes}")
        if self.window < window:
            notes.append(f"{size}: a window of {self.window} instead of {window}")
        return tuple(notes)


def one_hot(ids: Ids, vocabulary_size: int, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """`ids` of any shape (...) as (..., V): 1 at the id, else 0; SettingError if an id is not below V."""
    if ids.size and not 0 <= ids.min() <= ids.max() < vocabulary_size:
        raise SettingError(
            f"ids from {ids.min()} to {ids.max()} do not fit a vocabulary of {vocabulary_size} characters",
            f"give ids from 0 to {vocabulary_size - 1}",
        )
    dense = np.zeros((ids.size, vocabulary_size), dtype=dtype)
    dense[np.arange(ids.size), ids.ravel()] = 1
    return dense.reshape(*ids.shape, vocabulary_size)


def _check(ids: Ids, lanes: int, window: int, seed: int) -> None:
    check_setting("batch_size", lanes, lanes >= 1, "at least 1")
    check_setting("window", window, window >= 1, "at least 1")
    check_setting("seed", seed, seed >= 0, "0 or more")
    if len(ids) < 2:
        raise TextError(f"the training text has {len(ids)} characters; at least 2 are needed", "give a longer text")
