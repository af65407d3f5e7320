"""Models with freshly drawn weights, large enough that the gates differ, for tests that need no training."""

import numpy as np

from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.model import Model
from chargru.text.vocabulary import Vocabulary

TEXT = "The cat, which the dogs near the old barn had chased, was full.\nThe cats were full.\n"


def model(text=TEXT, *, units=6, layers=1, reset="after", seed=0, head=True, scale=3.0):
    """A model that knows the characters of `text`, which is its trace text."""
    vocabulary = Vocabulary.from_text(text)
    architecture = Architecture(len(vocabulary), units, layers, reset, head)
    generator = np.random.default_rng(seed)
    tensors = {
        name: (generator.normal(size=value.shape) if "bias" in name else value * scale).astype(np.float32)
        for name, value in initialise(architecture, seed).items()
    }
    return Model(vocabulary, unpack(architecture, tensors), trace_text=text)
