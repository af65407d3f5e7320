"""How large a network a text asks for, where nobody says."""

from math import sqrt

SMALLEST, LARGEST = 64, 512
STEP = 32


def hidden_size(characters: int) -> int:
    """The units of a layer for so many characters to train on: their square root, in steps of 32 from 64 to 512.

    A small text is known by heart by any network, and its best score hardly depends on the size; a smaller network
    gets there in less time, and does not pass it as fast. docs/experiments.md has the measurements.

    >>> [hidden_size(characters) for characters in (1_000, 10_000, 100_000, 1_000_000)]
    [64, 96, 320, 512]
    """
    return min(max(STEP * round(sqrt(characters) / STEP), SMALLEST), LARGEST)
