"""How large a network a text asks for, where nobody says."""

SMALLEST, LARGEST = 64, 512
CHARACTERS, STEP = 500, 32


def hidden_size(characters: int) -> int:
    """The units of a layer for so many characters to train on: one for every 500, in steps of 32 from 64 to 512.

    A small text is known by heart by any network, and its best score hardly depends on the size; a smaller network
    gets there in less time, and does not pass it as fast. docs/experiments.md has the measurements.

    >>> [hidden_size(characters) for characters in (1_000, 10_000, 100_000, 1_000_000)]
    [64, 64, 192, 512]
    """
    return min(max(STEP * round(characters / (CHARACTERS * STEP)), SMALLEST), LARGEST)
