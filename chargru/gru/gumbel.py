"""The noise by which `sampling` draws characters: Gumbel's, of any temperature."""

import numpy as np
from numpy.typing import NDArray

ZERO_BELOW = 2.0**-23
"""NumPy's standard_exponential in float32 gives 0 with this probability."""


def noise(rng: np.random.Generator, steps: int, size: int, temperature: float) -> NDArray[np.float32]:
    """Gumbel noise times temperature, (steps, V): the same values however the steps are cut into blocks."""
    if temperature == 0:
        return np.zeros((steps, size), np.float32)
    exponential = rng.standard_exponential((steps, size), dtype=np.float32)
    if not exponential.all():
        replace_zeros(exponential, rng)
    drawn = np.log(exponential, out=exponential)
    drawn *= np.float32(-temperature)
    return drawn


def replace_zeros(exponential: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw what came out as 0 once more, in place: NumPy makes a float32 of 23 random bits, and they can all be 0.

    A 0 stands for the least values there are, below some 2^-23, where the density is 1; they are drawn with that
    density, and never below 2^-53, so that noise is at most 37 times the temperature. (Without this its -ln is 87, or
    has no end, and outdoes every logit.) A child of `rng` draws, so that `rng` goes on as if nothing had happened.
    """
    zero = exponential == 0
    drawn = rng.spawn(1)[0].standard_exponential(np.count_nonzero(zero))
    exponential[zero] = ZERO_BELOW * np.maximum(drawn, 2.0**-30)
