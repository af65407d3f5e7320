"""Every gate of a stream, block by block, equals the plain equations, one step after another."""

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.gru import recorded
from chargru.gru.network import advance
from chargru.gru.stepped import Held

NAMES = ("h_prev", "r", "z", "n", "h")


def plain(held, ids):
    """(T, L, 5, H), by `advance`."""
    states = [np.zeros(layer.hidden_size) for layer in held.weights.layers]
    found = []
    for step, id_ in enumerate(ids, start=1):
        cells = advance(held.at(step), id_, states)
        states = [cell.h for cell in cells]
        found.append([[getattr(cell, name) for name in NAMES] for cell in cells])
    return np.array(found)


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("force", [(), ("z[2]=0.3@10-20", "r=1@15-last")])
def test_blocks_are_the_plain_equations(reset, layers, force, monkeypatch):
    monkeypatch.setattr(recorded, "BLOCK", 13)
    m = model(layers=layers, reset=reset).force(*force)
    ids, held = m.vocabulary.encode(TEXT), Held(m.weights.astype(np.float64), m.scheduled)
    called = []
    blocks = list(recorded.blocks(held, ids, lambda: called.append(1)))
    assert len(called) == len(TEXT)
    assert max(len(block[0].h) for block in blocks) == 13 or force
    found = np.concatenate([[[getattr(one, name) for name in NAMES] for one in block] for block in blocks], axis=2)
    assert np.abs(found.transpose(2, 0, 1, 3) - plain(held, ids)).max() < 1e-12


def test_a_held_gate_is_exactly_what_it_is_held_at():
    m = model().force("z[1]=0", "z[2]=1", "r[3]=0.3")
    (blocks,) = recorded.blocks(Held(m.weights.astype(np.float64), ()), m.vocabulary.encode(TEXT))
    assert set(blocks[0].z[:, 1]) == {0.0}
    assert set(blocks[0].z[:, 2]) == {1.0}
    assert len(set(blocks[0].r[:, 3])) == 1
    assert abs(blocks[0].r[0, 3] - 0.3) < 1e-7  # the weight that holds it is a float32
    assert np.array_equal(blocks[0].h[:, 2], np.zeros(len(TEXT)))
