"""Training with gates held: an ordinary file, the held weights untouched, and with r = 1, z = 0 a tanh RNN."""

import json
import os
import signal

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from chargru import run
from chargru.errors import ChargruError, Interrupted, SettingError
from chargru.gru.weights import Architecture, initialise
from chargru.model import MODEL, read_model
from chargru.training import begin
from chargru.training.progress import Progress
from chargru.training.settings import Budget, Settings
from chargru.training.trainer import first_weights

TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12
SETTINGS = Settings(hidden_size=7, layers=2, batch_size=3, window=8, threads=1, learning_rate=0.02, weight_decay=0.5)
RNN = ("r=1", "z=0")


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trained(tmp_path, force, name="run", hidden_size=7, progress=None):
    text = tmp_path / "cat.txt"
    text.write_text(TEXT)
    out = tmp_path / name
    budget = Budget("updates", 25)
    settings = SETTINGS.replace(force=force, hidden_size=hidden_size)
    begin.start([str(text)], settings=settings, budget=budget, out=str(out), progress=progress)
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
    for name, value in tensors.items():
        if name.startswith("optimiser.exp_avg.gru."):
            assert not value[:14].any()
            assert value[14:].any()


def test_what_is_free_starts_as_without_force():
    """So that a forced and a free run can be compared."""
    architecture = Architecture(9, 7, 2)
    fresh, held = initialise(architecture, 0), first_weights(architecture, SETTINGS.replace(force=("z[3]=0",)))
    for name, value in fresh.items():
        free = [row for row in range(len(value)) if row != 10 or "head" in name]
        assert np.array_equal(held[name][free], value[free])


def test_the_run_says_so(tmp_path, chargru):
    out = trained(tmp_path, RNN)
    document = json.loads(chargru("info", out, "--format", "json").stdout)
    assert document["forced"] == ["r=1", "z=0"]
    assert document["settings"]["force"] == ["r=1", "z=0"]
    assert "forced gates       r=1, z=0" in chargru("info", out).stdout


class StopAt13(Progress):
    def updated(self, status):
        if status.update == 13:
            os.kill(os.getpid(), signal.SIGINT)


def test_resuming_keeps_what_is_held(tmp_path):
    whole = trained(tmp_path, RNN)
    parts = tmp_path / "parts"
    with pytest.raises(Interrupted, match="update 13"):
        trained(tmp_path, RNN, name="parts", progress=StopAt13())
    begin.resume(str(parts))
    assert (whole / MODEL).read_bytes() == (parts / MODEL).read_bytes()


@pytest.mark.parametrize(
    ("force", "message"),
    [
        ("z=0.5", "is neither 0 nor 1"),
        ("z=1@3-9", "names steps"),
        ("z[7]=1", "index 7, but a layer of this model has 7 units"),
        ("3:z=1", "layer 3, but the model has 2 layers"),
    ],
)
def test_what_training_cannot_hold_is_refused(force, message):
    with pytest.raises(ChargruError) as error:
        SETTINGS.replace(force=(force,))
    assert message in error.value.message


def test_force_and_reset_on_the_command_line(tmp_path, chargru, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.txt").write_text(TEXT)
    quick = ("--updates", 3, "--hidden-size", 5, "--window", 8, "--batch-size", 4, "--threads", 1)
    done = chargru("train", "cat.txt", *quick, "--force", "r[0-2]=1", "--reset", "before", "--out", "here")
    assert done.exit_code == 0, done.stderr
    model = read_model("here")
    assert (model.forced, model.architecture.reset) == (("r[0-2]=1",), "before")
    refused = chargru("train", "--resume", "--out", "here", "--force", "z=1")
    assert refused.exit_code == 1
    assert "error: --force cannot change when a run goes on" in refused.stderr


def test_settings_without_a_sound_force_are_refused():
    with pytest.raises(SettingError, match="only the gates r and z"):
        Settings(force=("n=1",))
