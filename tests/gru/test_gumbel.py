"""Noise that has no end where NumPy draws a 0 would choose what is impossible."""

import numpy as np

from chargru.gru.gumbel import noise, replace_zeros


def test_a_draw_of_nothing_does_not_depend_on_where_the_steps_are_cut():
    """Of seed 271 draw 2,303 is 0, in row 23 of 97 columns."""
    whole, first = np.random.default_rng(271), np.random.default_rng(271)
    parts = [noise(first, steps, 97, 1.0) for steps in (24, 8)]
    assert np.array_equal(noise(whole, 32, 97, 1.0), np.concatenate(parts))
    assert whole.random() == first.random()


def test_a_draw_of_nothing_is_drawn_again_with_the_density_of_what_it_stands_for():
    """Below 2^-23 an exponential is all but uniform: of 100,000 a tenth lies below a tenth of it (5 deviations)."""
    drawn = np.zeros(100_000, np.float32)
    replace_zeros(drawn, np.random.default_rng(0))
    assert abs((drawn < 0.1 * 2.0**-23).mean() - (1 - np.exp(-0.1))) < 0.005
    assert drawn.min() >= 2.0**-53
