"""First values of the tensors: drawn, or taken over from a smaller vocabulary."""

import numpy as np
import pytest
from drawn import model

from chargru.gru.initial import grown, initialise, orthogonal
from chargru.gru.weights import Architecture, rows, unpack


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_grown_network_keeps_what_it_has_and_draws_the_rest(layers, reset):
    old = model("abcde", units=4, layers=layers, reset=reset).weights
    new = unpack(Architecture(7, 4, layers, reset), grown(old, 7, seed=3))
    fresh = unpack(new.architecture, initialise(new.architecture, seed=3))
    assert np.array_equal(new.layers[0].weight_ih[:, :5], old.layers[0].weight_ih)
    assert np.array_equal(new.layers[0].weight_ih[:, 5:], fresh.layers[0].weight_ih[:, 5:])
    assert np.array_equal(new.head[0][:5], old.head[0])
    assert np.array_equal(new.head[0][5:], fresh.head[0][5:])
    assert new.head[1].tolist() == [*old.head[1], 0.0, 0.0]
    for name, value in old.named():
        if name not in (new.architecture.name("weight_ih", 0), "head.weight", "head.bias"):
            assert np.array_equal(dict(new.named())[name], value), name


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("gate", ["r", "z", "n"])
def test_each_recurrent_block_is_orthogonal(layer, gate):
    block = initialise(Architecture(11, 6, 2), seed=3)[f"gru.weight_hh_l{layer}"][rows(gate, 6)]
    assert np.abs(block @ block.T - np.eye(6)).max() < 1e-6


def test_orthogonal_matrices_include_reflections():
    signs = {round(float(np.linalg.det(orthogonal(3, np.random.default_rng(seed))))) for seed in range(20)}
    assert signs == {-1, 1}


def test_the_update_gate_starts_open_to_the_old_state():
    tensors = initialise(Architecture(11, 6), seed=0)
    assert tensors["gru.bias_ih_l0"].tolist() == [0] * 6 + [1] * 6 + [0] * 6
    assert np.abs(tensors["gru.bias_hh_l0"]).max() == 0


def test_units_begin_with_memories_in_equal_ratios():
    """Untouched, unit i multiplies its old state by 1 - 1 / tau_i a step: tau is 2, 8, 32 for three units and 32."""
    tensors = initialise(Architecture(11, 3, 2), seed=0, initial_memory=32.0)
    for layer in (0, 1):
        z = 1 / (1 + np.exp(-tensors[f"gru.bias_ih_l{layer}"][3:6].astype(float)))
        assert np.abs(1 / (1 - z) - [2.0, 8.0, 32.0]).max() < 1e-5
    plain = initialise(Architecture(11, 3, 2), seed=0)
    assert all((tensors[name] == plain[name]).all() for name in plain if "bias_ih" not in name)


def test_the_seed_fixes_every_value():
    first, again, other = (initialise(Architecture(11, 6), seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["head.weight"], other["head.weight"])


def test_inputs_that_are_picked_are_larger_than_those_that_are_summed():
    tensors = initialise(Architecture(200, 16, 2), seed=0)
    for name, bound in {"gru.weight_ih_l0": 1, "gru.weight_ih_l1": 0.25, "head.weight": 0.25}.items():
        assert 0.96 * bound < np.abs(tensors[name]).max() <= bound
