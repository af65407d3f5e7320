"""Sizes by lag, held to autograd at every position; `autograd` is the network once more, in torch."""

from dataclasses import replace

import autograd
import numpy as np
import pytest
import torch

from chargru.errors import ChargruError, DamagedRunError, SettingError, StepError, TextError, UnknownCharacterError
from chargru.gru.initial import initialise
from chargru.gru.weights import rows, unpack
from chargru.insight.gradient import gradient, resolve_lags, untrained

TEXT = autograd.random_text(14)
LAGS = (1, 2, 5, 8)
AT = (8, 9, 13)
PARTS = {
    "shortcut only": (1,),
    "without shortcut": (2, 3, 4),
    "candidate only": (3,),
    "gates frozen": (1, 3),
}
KINDS = [(layers, reset) for layers in (1, 2) for reset in ("after", "before")]


def log10_ratio(vectors, start):
    return np.log10(np.linalg.norm(vectors) / np.linalg.norm(start))


@pytest.mark.parametrize(("layers", "reset"), KINDS)
def test_whole_is_the_gradient_of_the_state_of_all_layers(layers, reset):
    model = autograd.model(layers, reset)
    report = gradient(model, TEXT, lags=LAGS, positions=AT)
    for row, T in enumerate(AT):
        start = autograd.whole(model, TEXT, T, 0)
        for lag in LAGS:
            expected = autograd.whole(model, TEXT, T, lag)
            assert report.whole.log10[row, lag] == pytest.approx(log10_ratio(expected, start), abs=1e-12)
            for layer, sizes in enumerate(report.layers):
                assert sizes.log10[row, lag] == pytest.approx(log10_ratio(expected[layer], start), abs=1e-12)


def test_whole_is_the_gradient_of_h_0_of_torch_nn_gru():
    model, T, lag = autograd.model(layers=2), 13, 8
    gru = torch.nn.GRU(4, 5, 2, dtype=torch.float64)
    tensors = {name.removeprefix("gru."): torch.tensor(value) for name, value in model.weights.named()}
    gru.load_state_dict({name: value for name, value in tensors.items() if not name.startswith("head")})
    x = autograd.one_hot(model, TEXT)
    _, h = gru(x[: T - lag])
    h = h.detach().requires_grad_()
    out, _ = gru(x[T - lag : T], h)
    autograd.loss(model, out[-1], TEXT[T]).backward()
    start = autograd.whole(model, TEXT, T, 0)
    found = gradient(model, TEXT, lags=[lag], positions=[T]).whole.log10[0, lag]
    assert found == pytest.approx(log10_ratio(h.grad.numpy(), start), abs=1e-12)


@pytest.mark.parametrize(("layers", "reset"), KINDS)
@pytest.mark.parametrize("part", PARTS)
def test_part_is_the_top_layers_gradient_by_its_paths_alone(layers, reset, part):
    model = autograd.model(layers, reset)
    report = gradient(model, TEXT, lags=LAGS, positions=AT)
    for row, T in enumerate(AT):
        start = autograd.part(model, TEXT, T, 0, PARTS[part])
        for lag in LAGS:
            expected = log10_ratio(autograd.part(model, TEXT, T, lag, PARTS[part]), start)
            assert report.parts[part].log10[row, lag] == pytest.approx(expected, abs=1e-12)


def test_mean_and_std_are_over_positions():
    sizes = gradient(autograd.model(), TEXT, lags=LAGS, positions=AT).whole
    assert sizes.mean(5) == pytest.approx(sum(sizes.log10[:, 5]) / 3, abs=1e-15)
    assert sizes.std(5) == pytest.approx(np.sqrt(np.mean((sizes.log10[:, 5] - sizes.mean(5)) ** 2)), abs=1e-15)


def forced(model, gate, bias, units=slice(None)):
    """The same network with rows of a gate held at sigmoid(bias)."""
    tensors = {name: value.copy() for name, value in model.weights.named()}
    picked = np.arange(3 * model.architecture.hidden_size)[rows(gate, model.architecture.hidden_size)][units]
    for name in model.architecture.layer_names(0):
        tensors[name][picked] = 0
    tensors["gru.bias_ih_l0"][picked] = bias
    return replace(model, weights=unpack(model.architecture, tensors))


def test_exact_zeros_are_counted_and_left_out():
    report = gradient(forced(autograd.model(), "z", -1e4), TEXT, lags=LAGS, positions=AT)
    shortcut, candidate = report.parts["shortcut only"], report.parts["candidate only"]
    assert [shortcut.zeros(lag) for lag in (0, *LAGS)] == [0, 3, 3, 3, 3]
    assert np.isnan(shortcut.mean(5))
    assert np.isnan(shortcut.std(5))
    np.testing.assert_array_equal(report.parts["gates frozen"].log10, candidate.log10)


def test_nothing_underflows_where_the_gradient_is_below_every_float64():
    tiny = forced(forced(autograd.model(), "z", -30.0), "r", -30.0)
    text = autograd.random_text(120)
    report = gradient(tiny, text, lags=[100], positions=[110])
    assert report.parts["shortcut only"].zeros(100) == 0
    assert report.parts["shortcut only"].mean(100) == pytest.approx(100 * -30.0 / np.log(10), rel=1e-9)
    assert report.whole.mean(100) < -1000


def test_untrained_is_the_first_values_of_the_runs_own_seed():
    model = autograd.model()
    model = replace(model, trained={"settings": {"seed": 7}})
    weights, name = untrained(model)
    expected = initialise(model.architecture, 7)
    assert all(np.array_equal(value, expected[key]) for key, value in weights.named())
    assert name == "orthogonal recurrent blocks, inputs in +-1, b_z = 1, seed 7"
    itself = gradient(replace(model, weights=weights), TEXT, lags=LAGS, positions=AT)
    np.testing.assert_array_equal(gradient(model, TEXT, lags=LAGS, positions=AT).untrained.log10, itself.whole.log10)


def test_untrained_begins_with_the_memory_that_the_run_began_with():
    model = autograd.model()
    weights, name = untrained(replace(model, trained={"settings": {"seed": 7, "initial_memory": 32.0}}))
    expected = initialise(model.architecture, 7, 32.0)
    assert all(np.array_equal(value, expected[key]) for key, value in weights.named())
    z = 1 / (1 + np.exp(-weights.layers[0].b_i("z").astype(float)))
    assert np.abs(1 / (1 - z) - [2, 4, 8, 16, 32]).max() < 1e-4
    assert name == "orthogonal recurrent blocks, inputs in +-1, b_z for memories of 2 to 32 steps, seed 7"


def test_untrained_keeps_what_is_forced():
    weights, name = untrained(forced(autograd.model(), "z", 1e4, units=[1, 3]))
    H = 5
    assert weights.layers[0].bias_ih[H : 2 * H].tolist() == [1.0, 1e4, 1.0, 1e4, 1.0]
    assert not weights.layers[0].weight_hh[[H + 1, H + 3]].any()
    assert weights.layers[0].weight_hh[[H, H + 2, H + 4]].any(axis=1).all()
    assert name.endswith("forced gates kept")


def test_against_is_the_other_models_whole_on_the_same_text():
    model, other = autograd.model(), autograd.model(layers=2, reset="before", hidden_size=3)
    report = gradient(model, TEXT, lags=LAGS, positions=AT, against=other)
    np.testing.assert_array_equal(report.against.log10, gradient(other, TEXT, lags=LAGS, positions=AT).whole.log10)


def test_against_must_know_the_characters():
    other = autograd.model()
    model = replace(other, vocabulary=replace(other.vocabulary, characters=tuple("abcX")))
    with pytest.raises(UnknownCharacterError) as caught:
        gradient(model, "abX", against=other)
    assert "read by the other model" in caught.value.message
    assert "both models" in caught.value.hint


def test_positions_are_evenly_spaced_from_the_largest_lag_to_the_last_with_a_next_character():
    report = gradient(autograd.model(), autograd.random_text(101), lags=[20], positions=5)
    assert report.positions.tolist() == [20, 40, 60, 80, 100]
    assert gradient(autograd.model(), TEXT, lags=[8], positions=50).positions.tolist() == [8, 9, 10, 11, 12, 13]


@pytest.mark.parametrize(("length", "expected"), [(2, (1,)), (12, (1, 2, 5)), (512, (1, 2, 5, 10, 20, 50, 100, 200))])
def test_default_lags_leave_half_the_text_for_positions(length, expected):
    assert resolve_lags(None, length) == expected


@pytest.mark.parametrize("lags", [[0], [14], []])
def test_lags_that_the_text_does_not_have_are_refused(lags):
    with pytest.raises(SettingError):
        gradient(autograd.model(), TEXT, lags=lags)


@pytest.mark.parametrize("positions", [[7], [14], []])
def test_positions_that_the_text_does_not_have_are_refused(positions):
    with pytest.raises(StepError):
        gradient(autograd.model(), TEXT, lags=LAGS, positions=positions)


@pytest.mark.parametrize("text", [None, "", "a"])
def test_a_text_without_a_next_character_is_refused(text):
    with pytest.raises(TextError):
        gradient(autograd.model(), text)


def test_a_model_without_a_head_has_no_loss():
    with pytest.raises(ChargruError, match="no head"):
        gradient(autograd.model(head=False), TEXT)


@pytest.mark.parametrize("memory", [0.006, 1, 1.5])
def test_a_memory_that_no_run_begins_with_is_damage(memory):
    model = replace(autograd.model(), trained={"settings": {"initial_memory": memory}})
    with pytest.raises(DamagedRunError, match=f"initial_memory is {memory}, but it must be 0, or 2 or more"):
        untrained(model)
