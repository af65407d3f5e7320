"""Names and shapes of the tensors, against plain torch."""

import numpy as np
import pytest
import torch
from drawn import model

from chargru.errors import DamagedRunError, SettingError
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, LayerWeights, fingerprint, is_decayed, rows, unpack
from chargru.model import Model


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_names_and_shapes_are_those_of_torch(layers):
    plain = torch.nn.ModuleDict({"gru": torch.nn.GRU(11, 6, layers), "head": torch.nn.Linear(6, 11)})
    expected = {name: tuple(value.shape) for name, value in plain.state_dict().items()}
    assert Architecture(11, 6, layers).shapes() == expected


def test_tensors_load_into_plain_torch_by_name():
    tensors = initialise(Architecture(11, 6, 2), seed=0)
    plain = torch.nn.ModuleDict({"gru": torch.nn.GRU(11, 6, 2), "head": torch.nn.Linear(6, 11)})
    plain.load_state_dict({name: torch.from_numpy(value) for name, value in tensors.items()}, strict=True)
    assert max(np.abs(value.numpy() - tensors[name]).max() for name, value in plain.state_dict().items()) == 0


def test_a_reset_before_network_does_not_load_into_plain_torch():
    tensors = initialise(Architecture(11, 6, reset="before", head=False), seed=0)
    with pytest.raises(RuntimeError, match="gru_before"):
        torch.nn.ModuleDict({"gru": torch.nn.GRU(11, 6)}).load_state_dict(
            {name: torch.from_numpy(value) for name, value in tensors.items()}
        )


def test_parameters_are_counted_as_torch_counts():
    plain = (torch.nn.GRU(11, 6, 2), torch.nn.Linear(6, 11))
    assert Architecture(11, 6, 2).parameters == sum(p.numel() for module in plain for p in module.parameters())


def test_biases_are_not_decayed():
    kept = {name for name in Architecture(11, 6, 2).shapes() if not is_decayed(name)}
    assert kept == {*(f"gru.bias_{side}_l{layer}" for side in ("ih", "hh") for layer in (0, 1)), "head.bias"}


def test_views_are_the_blocks_of_torch():
    architecture = Architecture(11, 6)
    tensors = initialise(architecture, 0)
    layer = unpack(architecture, tensors).layers[0]
    r, z, n = np.split(tensors["gru.weight_hh_l0"], 3)
    assert all(np.array_equal(layer.W_h(gate), block) for gate, block in zip("rzn", (r, z, n), strict=True))


def test_a_missing_tensor_is_named():
    tensors = initialise(Architecture(11, 6), 0)
    del tensors["gru.bias_hh_l0"]
    with pytest.raises(DamagedRunError, match=r"gru\.bias_hh_l0 is missing"):
        unpack(Architecture(11, 6), tensors)


def test_a_tensor_that_does_not_belong_is_named():
    with pytest.raises(DamagedRunError, match="extra is unexpected"):
        unpack(Architecture(11, 6), initialise(Architecture(11, 6), 0) | {"extra": np.zeros(1, np.float32)})


def test_a_tensor_of_another_shape_is_named():
    with pytest.raises(DamagedRunError, match=r"gru\.weight_ih_l0 has shape \(18, 11\)"):
        unpack(Architecture(12, 6, head=False), initialise(Architecture(11, 6, head=False), 0))


@pytest.mark.parametrize("changes", [{"vocabulary_size": 0}, {"hidden_size": 0}, {"layers": 0}, {"reset": "never"}])
def test_an_impossible_architecture_is_refused(changes):
    with pytest.raises(SettingError, match=next(iter(changes))):
        Architecture(**{"vocabulary_size": 3, "hidden_size": 2, **changes})


def test_fingerprint_tells_names_and_numbers_apart():
    architecture = Architecture(5, 3)
    weights = unpack(architecture, initialise(architecture, 0))
    again = Model(model().vocabulary, weights).weights
    assert fingerprint(weights) == fingerprint(again.astype(np.float64))
    assert fingerprint(weights) != fingerprint(unpack(architecture, initialise(architecture, 1)))


def drawn_layer(H=3, inputs=4):
    generator = np.random.default_rng(5)
    return LayerWeights(*(generator.normal(size=shape) for shape in ((3 * H, inputs), (3 * H, H), 3 * H, 3 * H)))


def test_rows_are_changed_in_a_copy_and_nowhere_else():
    layer, where = drawn_layer(), rows("z", 3)
    changed = layer.with_rows(where, weight_hh=7.0, bias_ih=np.array([1.0, 2.0, 3.0]))
    assert (changed.W_h("z") == 7.0).all()
    assert changed.b_i("z").tolist() == [1.0, 2.0, 3.0]
    assert np.array_equal(np.delete(changed.weight_hh, where, axis=0), np.delete(layer.weight_hh, where, axis=0))
    assert np.array_equal(np.delete(changed.bias_ih, where), np.delete(layer.bias_ih, where))
    assert np.array_equal(layer.weight_hh, drawn_layer().weight_hh)
    assert changed.weight_ih is layer.weight_ih


def test_constant_rows_read_nothing():
    changed, picked = drawn_layer().with_constant(np.array([0, 8]), -2.5), [0, 8]
    assert not changed.weight_ih[picked].any()
    assert not changed.weight_hh[picked].any()
    assert (changed.bias_ih + changed.bias_hh)[picked].tolist() == [-2.5, -2.5]


def test_biases_merge_for_the_gates_named_alone():
    layer = drawn_layer()
    merged = layer.with_biases_merged("r", "n")
    for gate in ("r", "n"):
        assert np.array_equal(merged.b_i(gate), layer.b_i(gate) + layer.b_h(gate))
        assert not merged.b_h(gate).any()
    assert np.array_equal(merged.b_i("z"), layer.b_i("z"))
    assert np.array_equal(merged.b_h("z"), layer.b_h("z"))
