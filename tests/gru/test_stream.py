"""One stream, character by character, against the float64 equations."""

import numpy as np
import pytest
from unrolled import ids_TB, reference, weights

from chargru.gru.stream import Stream

SHAPES = [(layers, reset) for layers in (1, 2, 3) for reset in ("after", "before")]


@pytest.mark.parametrize(("layers", "reset"), SHAPES)
def test_stream_follows_the_equations(layers, reset):
    drawn, ids = weights(layers, reset), ids_TB(B=1)
    stream, worst = Stream(drawn), 0.0
    expected, last = reference(drawn, ids)
    for id_, logits in zip(ids[:, 0], expected[:, 0], strict=True):
        stream.read(id_)
        worst = max(worst, np.abs(stream.logits - logits).max())
    assert worst < 2e-5
    assert max(np.abs(h - exact[0]).max() for h, exact in zip(stream.states, last, strict=True)) < 2e-5


@pytest.mark.parametrize("reset", ["after", "before"])
def test_a_new_stream_predicts_from_the_zero_state(reset):
    drawn = weights(2, reset)
    assert np.abs(Stream(drawn).logits - drawn.head_bias).max() == 0
