"""A surprise made by hand, so that every level and every sign is in it."""

import numpy as np
import pytest
from drawn import model

from chargru.insight.surprise import Surprise, hardest, surprise
from chargru.scoring import Evaluation

TEXT = "The cat\nwas 猫 <b>&\x1b[2J\t[/b] é"
BITS = [np.nan, 0.2, 0.9, 0.0, 3.99, 4.0, 1.0, 2.5, 10.0, 9.99, 0.5, 0.1, 8.0, 6.0, 5.99, 12.3, 7.0, 1.5]
BITS += [3.0, 2.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, np.nan]


@pytest.fixture
def found():
    return _made(TEXT, BITS, (len(TEXT) - 1,))


@pytest.fixture
def made():
    """made(text, bits) -> Surprise."""
    return _made


@pytest.fixture
def tiny():
    """A model, and its surprise at "The cat"."""
    drawn = model()
    return drawn, surprise(drawn, "The cat")


def _made(text, bits, left_out=(), name="a.txt"):
    bits = np.array(bits)
    scored = bits[~np.isnan(bits)]
    nats = float(scored.mean() * np.log(2.0))
    evaluation = Evaluation(
        "checkpoints/novel", name, None, len(scored), len(left_out), 0, nats, float(scored.mean()), float(np.exp(nats))
    )
    return Surprise(evaluation, text, bits, tuple(hardest(text, bits)), left_out)
