"""First values of the tensors of a character GRU."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from chargru.gru.weights import GATES, Architecture, Tensors, Weights, rows


def orthogonal(size: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """A random orthogonal (size, size) matrix, uniform over rotations and reflections (QR with signs fixed)."""
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)), dtype=np.float32)


def initialise(architecture: Architecture, seed: int, initial_memory: float = 0.0) -> Tensors:
    """First values, float32, the same for the same seed.

    Recurrent blocks W_hr, W_hz, W_hn are each orthogonal, which keeps the size of what is carried from step to
    step. The first layer's W_ih is uniform in +-1: one-hot input picks one number of a row, so nothing adds up and
    the +-1/sqrt(H) of `torch.nn.GRU` would leave a unit all but deaf (docs/experiments.md). What sums over H indices,
    higher layers' W_ih and the head, is uniform in +-1/sqrt(H). Biases are 0 but for b_iz:
    see `update_bias`.
    """
    generator = np.random.default_rng(seed)
    H = architecture.hidden_size
    tensors: Tensors = {}
    for name, shape in architecture.shapes().items():
        if "bias" in name:
            tensors[name] = np.zeros(shape, np.float32)
        elif "weight_hh" in name:
            tensors[name] = np.concatenate([orthogonal(H, generator) for _ in GATES])
        else:
            bound = 1.0 if name == architecture.name("weight_ih", 0) else 1.0 / np.sqrt(H)
            tensors[name] = generator.uniform(-bound, bound, shape).astype(np.float32)
    for layer in range(architecture.layers):
        tensors[architecture.name("bias_ih", layer)][rows("z", H)] = update_bias(H, initial_memory)
    return tensors


def grown(weights: Weights, vocabulary_size: int, seed: int) -> Tensors:
    """The tensors of the same network for a larger vocabulary: what it has stays to the bit.

    The columns of the first layer's W_ih and the rows of the head that belong to new ids are drawn as `initialise`
    draws those of a new network.
    """
    tensors = initialise(replace(weights.architecture, vocabulary_size=vocabulary_size), seed)
    for name, value in weights.named():
        tensors[name][tuple(map(slice, value.shape))] = value
    return tensors


def update_bias(size: int, initial_memory: float) -> NDArray[np.float32]:
    """First values of b_iz, shape (size,): z = sigmoid(b_iz) where nothing else adds to it.

    Without a memory every b_iz is 1, so that z = 0.73 and a unit holds for 1 / (1 - z) = 4 steps. With one of N steps,
    unit i holds for tau_i steps, tau from 2 to N in equal ratios: b_iz = log(tau_i - 1). Chrono initialisation
    (Tallec and Ollivier, https://arxiv.org/abs/1804.11188, section 2) draws tau - 1 at random, uniform from 1 to N - 1;
    equal ratios leave half of the units below sqrt(2 N).
    """
    if not initial_memory:
        return np.ones(size, np.float32)
    return np.log(np.geomspace(2.0, initial_memory, size) - 1.0).astype(np.float32)
