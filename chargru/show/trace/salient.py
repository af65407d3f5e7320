"""What happened to a unit in one word, and which units tell most about a step.

The words are told by PyTorch's z, unrounded, whatever letters are shown.
"""

from itertools import chain, zip_longest
from typing import Literal

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.trace import Trace

Word = Literal["replaced", "kept", "mixed"]

REPLACED_BELOW = 0.1
KEPT_ABOVE = 0.9

DECIDES_FROM = 0.1
"""Of the range of h, -1 to 1: below it a gate decided nothing that is worth showing."""

ALL_SHOWN = 32
"""Up to so many units every index has its row; of a larger layer the telling ones have."""

TELLING_ROWS = 12
WORKED = 3


def happened(z: float) -> Word:
    """Replaced where z < 0.1 (h is nearly all candidate), kept where z > 0.9 (nearly all old state), else mixed."""
    if z < REPLACED_BELOW:
        return "replaced"
    return "kept" if z > KEPT_ABOVE else "mixed"


def decided(trace: Trace, layer: int, position: int = -1) -> Array:
    """How much the update gate decided in each unit of a layer (0-based) at the last step shown, or another, (H).

    h lies between the candidate and the old value. What a kept unit refused is its candidate, so this is how far h
    stayed from it, |h - n| = z |h_{t-1} - n|. What a replaced unit gave up is its old value: |h - h_{t-1}| =
    (1 - z) |h_{t-1} - n|. Of a mixed unit it is the smaller of the two. It is 0 where old and candidate agree.
    """
    cell = trace.layers[layer]
    z, apart = cell.z[position], np.abs(cell.h_prev[position] - cell.n[position])
    share = np.where(z > KEPT_ABOVE, z, np.where(z < REPLACED_BELOW, 1.0 - z, np.minimum(z, 1.0 - z)))
    return np.asarray(share * apart)


def first(trace: Trace, layer: int, position: int = -1) -> tuple[int, ...]:
    """The indices of the first screen: the kept, the replaced and the mixed unit in which most was decided.

    A unit in which less than 0.1 was decided shows nothing, so a word may go without one; there is always one index.
    """
    size, words = decided(trace, layer, position), _words(trace, layer, position)
    found = []
    for word in ("kept", "replaced", "mixed"):
        best = next((index for index in _largest_first(size) if words[index] == word), None)
        if best is not None and size[best] >= DECIDES_FROM:
            found.append(best)
    return tuple(found) or (_largest_first(size)[0],)


def telling(trace: Trace, layer: int, count: int) -> tuple[int, ...]:
    """The `count` most telling indices of a layer (0-based) at the last step shown, sorted.

    In turns, as far as there are any: the replaced, the kept and the mixed unit in which most was decided; units in
    which less than 0.1 was decided come last. One choice for all steps, so that an index can be followed.
    """
    size, words = decided(trace, layer), _words(trace, layer)
    order = _largest_first(size)
    worth = [index for index in order if size[index] >= DECIDES_FROM]
    lists = [[index for index in worth if words[index] == word] for word in ("replaced", "kept", "mixed")]
    in_turns = [index for index in chain.from_iterable(zip_longest(*lists)) if index is not None]
    return tuple(sorted([*in_turns, *order[len(worth) :]][:count]))


def _words(trace: Trace, layer: int, position: int = -1) -> list[Word]:
    return [happened(float(z)) for z in trace.layers[layer].z[position]]


def _largest_first(size: Array) -> list[int]:
    return [int(index) for index in np.argsort(-size, kind="stable")]


def shown(trace: Trace, layer: int) -> tuple[int, ...]:
    """The indices of a layer (0-based) that have a row: the chosen ones, else all up to 32 units, else telling ones."""
    if trace.indices is not None:
        return trace.indices
    units = trace.layers[layer].h.shape[-1]
    return tuple(range(units)) if units <= ALL_SHOWN else telling(trace, layer, TELLING_ROWS)


def worked(trace: Trace, layer: int) -> tuple[int, ...]:
    """The indices of a layer (0-based) that are worked out: the chosen ones, else the three most telling."""
    return telling(trace, layer, WORKED) if trace.indices is None else trace.indices
