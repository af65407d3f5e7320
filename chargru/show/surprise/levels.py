"""Bits as one of seven levels, each with a colour; from light to dark, so that all eyes can tell them apart.

In a terminal all of the text has a background, whose colours do not depend on the terminal's own. A page has the same
scale on white, and one for the dark.
"""

import numpy as np
from numpy.typing import NDArray

from chargru.gru.weights import Array

EDGES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Where each level begins, in bits: of 8 bits are characters that were given odds of less than 1 in 256."""

NAMES = ("below 1", "1", "2", "3", "4", "6", "8 or more")

_BLACK, _WHITE = "#000000", "#ffffff"
LIGHT = (
    (_BLACK, "#f7f3ea"),
    (_BLACK, "#f6dfc0"),
    (_BLACK, "#f1c692"),
    (_BLACK, "#e7a868"),
    (_BLACK, "#d9853f"),
    (_WHITE, "#a84820"),
    (_WHITE, "#5e160d"),
)
"""Letters and background of each level."""

DARK = (
    (_WHITE, "#292728"),
    (_WHITE, "#4a2f27"),
    (_WHITE, "#6b3a27"),
    (_WHITE, "#8a482b"),
    (_WHITE, "#ab5930"),
    (_BLACK, "#e59858"),
    (_BLACK, "#ffedc4"),
)


def levels(bits: Array) -> NDArray[np.int64]:
    """The level of each number of bits, 0 to 6; that of nan is 0."""
    return np.asarray(np.searchsorted(EDGES[1:], np.nan_to_num(bits), side="right"), dtype=np.int64)
