"""What happened to a unit in one word, and which units tell most about a step.

The words are told by PyTorch's z, unrounded, whatever letters are shown.
"""

from itertools import chain, zip_longest
from typing import Literal

import numpy as np

from chargru.insight.trace import Trace

Word = Literal["replaced", "kept", "mixed"]

REPLACED_BELOW = 0.1
KEPT_ABOVE = 0.9

ALL_SHOWN = 32
"""Up to so many units every index has its row; of a larger layer the telling ones have."""

TELLING_ROWS = 12
WORKED = 3


def happened(z: float) -> Word:
    """Replaced where z < 0.1 (h is nearly all candidate), kept where z > 0.9 (nearly all old state), else mixed."""
    if z < REPLACED_BELOW:
        return "replaced"
    return "kept" if z > KEPT_ABOVE else "mixed"


def telling(trace: Trace, layer: int, count: int) -> tuple[int, ...]:
    """The `count` most telling indices of a layer (0-based) at the last step shown, sorted.

    In turns, as far as there are any: the replaced unit that changed most, the kept unit that holds most, the mixed
    unit that changed most. One choice for all steps, so that an index can be followed from step to step.
    """
    cell = trace.layers[layer]
    z, h_prev, h = cell.z[-1], cell.h_prev[-1], cell.h[-1]
    change, hold = np.abs(h - h_prev), np.abs(h_prev)
    words = [happened(value) for value in z]
    lists = [
        [int(index) for index in np.argsort(-size, kind="stable") if words[index] == word]
        for word, size in (("replaced", change), ("kept", hold), ("mixed", change))
    ]
    in_turns = [index for index in chain.from_iterable(zip_longest(*lists)) if index is not None]
    return tuple(sorted(in_turns[:count]))


def shown(trace: Trace, layer: int) -> tuple[int, ...]:
    """The indices of a layer (0-based) that have a row: the chosen ones, else all up to 32 units, else telling ones."""
    if trace.indices is not None:
        return trace.indices
    units = trace.layers[layer].h.shape[-1]
    return tuple(range(units)) if units <= ALL_SHOWN else telling(trace, layer, TELLING_ROWS)


def worked(trace: Trace, layer: int) -> tuple[int, ...]:
    """The indices of a layer (0-based) that are worked out: the chosen ones, else the three most telling."""
    return telling(trace, layer, WORKED) if trace.indices is None else trace.indices
