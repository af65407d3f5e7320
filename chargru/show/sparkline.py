"""A curve in one line of text: a row of blocks, low where the values are low."""

from collections.abc import Sequence

import numpy as np

from chargru.show.plot import drawn_range

BLOCKS = "▁▂▃▄▅▆▇"


def sparkline(values: Sequence[float], width: int) -> str:
    """The values (N), from the first to the last, in at most `width` cells; more values than cells are averaged.

    A fall from a great height is cut above, so that the rest can be seen. Empty for fewer than two values or cells.
    """
    cells = min(len(values), width)
    if cells < 2:
        return ""
    parts = np.array_split(np.asarray(values, np.float64), cells)
    curve = np.array([part.mean() for part in parts])
    low, high = drawn_range(curve)
    heights = np.minimum(1.0, (curve - low) / (high - low or 1.0))
    return "".join(BLOCKS[round(height * (len(BLOCKS) - 1))] for height in heights)
