"""The trainer: devices, precision, what drops units, and gates that it holds."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from sessions import SMALL, TEXT, rows
from torch import nn

from chargru import host, run, run_summary
from chargru.engine.native import precision
from chargru.errors import SettingError, TrainingError
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.model import MODEL, read_model
from chargru.training import begin
from chargru.training.settings import Budget, Settings
from chargru.training.trainer import first_weights, pick_device


def test_a_device_that_is_not_there_is_one_line(text, tmp_path):
    with pytest.raises(
        TrainingError, match=r"^the device 'nonsense' cannot be used here \(it is none of cpu, cuda, mps\)$"
    ):
        begin.start([text], settings=replace(SMALL, device="nonsense"), out=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_no_more_threads_than_cores_are_used(tmp_path, text):
    settings = replace(SMALL, threads=host.cores() + 1)
    begin.start([text], settings=settings, budget=Budget("updates", 1), out=str(tmp_path / "run"))
    assert torch.get_num_threads() == host.cores()


@pytest.mark.parametrize("name", ["dropout", "weight_drop"])
def test_a_run_trains_with_the_drop_it_was_given(tmp_path, text, name):
    bits = {}
    for share in (0.0, 0.6):
        settings = replace(SMALL, hidden_size=20, **{"dropout": 0.0, "weight_drop": 0.0, name: share})
        begin.start([text], settings=settings, budget=Budget("updates", 40), out=str(tmp_path / str(share)))
        bits[share] = rows(tmp_path / str(share))[-1]["train_bpc"]
    assert bits[0.6] > bits[0.0] + 0.05


@pytest.mark.skipif(precision.has_bf16(), reason="this processor can multiply in bfloat16")
def test_bf16_is_refused_where_the_processor_has_no_units_for_it(tmp_path, text):
    with pytest.raises(SettingError, match="bfloat16"):
        begin.start([text], settings=replace(SMALL, precision="bf16"), out=str(tmp_path / "run"))


@pytest.mark.skipif(not precision.has_bf16(), reason="this processor cannot multiply in bfloat16")
def test_bf16_trains_nearly_as_fp32_does(tmp_path, text):
    losses = {}
    for chosen in ("fp32", "bf16"):
        settings = replace(SMALL, precision=chosen, hidden_size=32, dropout=0.0)
        report = run_summary.report(
            begin.start([text], settings=settings, budget=Budget("updates", 60), out=str(tmp_path / chosen))
        )
        losses[chosen] = report.val_nats
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], abs=0.05)


SETTINGS = Settings(hidden_size=7, layers=2, batch_size=3, window=8, threads=1, learning_rate=0.02, weight_decay=0.5)

RNN = ("r=1", "z=0")


def trained(tmp_path, force, hidden_size=7):
    text, out = tmp_path / "cat.txt", tmp_path / "run"
    text.write_text(TEXT)
    settings = replace(SETTINGS, force=force, hidden_size=hidden_size)
    begin.start([str(text)], settings=settings, budget=Budget("updates", 25), out=str(out))
    return out


def rnn_from(tensors, architecture, dtype=torch.float32):
    """The tanh RNN that the file's candidate rows are."""
    H = architecture.hidden_size
    rnn = nn.RNN(architecture.vocabulary_size, H, architecture.layers).to(dtype)
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    names = [f"{kind}_l{layer}" for layer in range(architecture.layers) for kind in kinds]
    rnn.load_state_dict({name: torch.from_numpy(tensors[f"gru.{name}"][2 * H :]) for name in names})
    return rnn


def gru_from(tensors, architecture):
    gru = nn.GRU(architecture.vocabulary_size, architecture.hidden_size, architecture.layers)
    names = {name[4:]: torch.from_numpy(value) for name, value in tensors.items() if name.startswith("gru.")}
    gru.load_state_dict(names)
    return gru


def test_with_r_1_and_z_0_the_run_is_a_tanh_rnn(tmp_path):
    """In float32 and without a difference: nn.GRU loaded from the file against nn.RNN of its candidate rows.

    16 units, because where vectors of 8 numbers do not fill a row the two products are summed in another order.
    """
    out = trained(tmp_path, RNN, hidden_size=16)
    model, tensors = read_model(out), load_file(out / MODEL)
    ids = torch.from_numpy(model.vocabulary.encode(TEXT).astype(np.int64))
    x = nn.functional.one_hot(ids, len(model.vocabulary)).float()[:, None]
    with torch.no_grad():
        gru, _ = gru_from(tensors, model.architecture)(x)
        rnn, _ = rnn_from(tensors, model.architecture)(x)
    assert float(rnn.std()) > 0.1
    assert float((gru - rnn).abs().max()) == 0.0


@pytest.mark.parametrize(
    ("force", "expected"),
    [
        (RNN, [(range(14), [1e4] * 7 + [-1e4] * 7)] * 2),
        (("1:r[0,2-4]=0", "2:z=0"), [([0, 2, 3, 4], [-1e4] * 4), (range(7, 14), [-1e4] * 7)]),
    ],
)
def test_held_weights_stay_to_the_bit_and_the_others_learn(tmp_path, force, expected):
    out = trained(tmp_path, force)
    model = read_model(out)
    architecture = model.architecture
    fresh = initialise(architecture, SETTINGS.seed)
    for layer, weights in enumerate(model.weights.layers):
        own, biases = expected[layer]
        own = list(own)
        assert not weights.weight_ih[own].any()
        assert not weights.weight_hh[own].any()
        assert not weights.bias_hh[own].any()
        assert weights.bias_ih[own].tolist() == biases
        free = [row for row in range(14, 21) if row not in own]
        assert (weights.bias_ih[free] != fresh[architecture.name("bias_ih", layer)][free]).any()
    assert model.forced == force


def test_held_weights_get_a_gradient_of_exactly_0(tmp_path):
    _, tensors = run.read_training(trained(tmp_path, RNN))
    moments = [value for name, value in tensors.items() if name.startswith("optimiser.exp_avg.gru.")]
    assert len(moments) == 8
    for value in moments:
        assert not value[:14].any()
        assert value[14:].any()


def test_what_is_free_starts_as_without_force():
    """So that a forced and a free run can be compared."""
    architecture = Architecture(9, 7, 2)
    fresh, held = initialise(architecture, 0), first_weights(architecture, replace(SETTINGS, force=("z[3]=0",)))
    for name, value in fresh.items():
        free = [row for row in range(len(value)) if row != 10 or "head" in name]
        assert np.array_equal(held[name][free], value[free])


def test_training_begins_with_the_memory_that_is_asked_for_but_in_held_gates():
    settings = replace(SETTINGS, initial_memory=128.0, force=("2:z[3]=0",))
    shape = Architecture(9, 7, 2)
    lower, upper = (layer.b_i("z") for layer in unpack(shape, first_weights(shape, settings)).layers)
    tau = 2.0 ** np.arange(1, 8)
    assert np.abs(lower - np.log(tau - 1)).max() < 1e-6
    assert np.abs(np.delete(upper - np.log(tau - 1), 3)).max() < 1e-6
    assert upper[3] == -1e4


def test_the_run_says_so(tmp_path, chargru):
    out = trained(tmp_path, RNN)
    document = json.loads(chargru("info", out, "--format", "json").stdout)
    assert document["forced"] == ["r=1", "z=0"]
    assert document["settings"]["force"] == ["r=1", "z=0"]
    assert "forced gates r=1, z=0" in " ".join(chargru("info", out).stdout.split())


@pytest.mark.parametrize(
    "device", ["meta", "hpu", "privateuseone", "mkldnn", "xla", "vulkan", "", "\0", "cuda:-1", "cpu:x"]
)
def test_a_device_on_which_nothing_is_trained_is_refused_in_one_line(device):
    with pytest.raises(TrainingError, match="cannot be used here") as refused:
        pick_device(device)
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 200
