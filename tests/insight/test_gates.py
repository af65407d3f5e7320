"""The gates over a whole text are what plain loops over a GRU of the test's own count."""

import tracemalloc

import numpy as np
import pytest
from drawn import TEXT, model
from handmade import by_hand

from chargru.errors import SettingError, StepError, TextError, UnknownCharacterError
from chargru.gru import recorded
from chargru.insight.gates import gates

FIGURES = ("z_mean", "z_std", "r_mean", "r_std", "z_low", "z_high", "rnn", "age", "run")


def figures(r, z):
    """Those of one index, from its r and z at every step, counted one by one."""
    T, age, ages, runs, high = len(z), 0.0, [], [], 0
    for value in z:
        age = value * (1 + age)
        ages.append(age)
        if value > 0.9:
            high += 1
        elif high:
            runs.append(high)
            high = 0
    runs += [high] if high else []
    mean = {"z": sum(z) / T, "r": sum(r) / T}
    std = {
        name: (sum((value - mean[name]) ** 2 for value in values) / T) ** 0.5 for name, values in (("z", z), ("r", r))
    }
    return (
        mean["z"],
        std["z"],
        mean["r"],
        std["r"],
        sum(value < 0.1 for value in z) / T,
        sum(value > 0.9 for value in z) / T,
        sum(a > 0.9 and b < 0.1 for a, b in zip(r, z, strict=True)) / T,
        sum(ages) / T,
        sum(runs) / len(runs) if runs else 0.0,
    )


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layers", [1, 2])
def test_figures_are_what_plain_loops_count(reset, layers, monkeypatch):
    monkeypatch.setattr(recorded, "BLOCK", 10)
    m = model(layers=layers, reset=reset)
    hand, found = by_hand(m, TEXT), gates(m)
    for number, layer in enumerate(found.layers):
        expected = [figures(hand["r"][number, :, i].tolist(), hand["z"][number, :, i].tolist()) for i in range(6)]
        for name, column in zip(FIGURES, zip(*expected, strict=True), strict=True):
            assert np.abs(getattr(layer, name) - np.array(column)).max() < 1e-9, name
        assert layer.long.tolist() == [row[7] > 10 for row in expected]
    every = [
        figures(hand["r"][k, :, i].tolist(), hand["z"][k, :, i].tolist())[6] for k in range(layers) for i in range(6)
    ]
    assert abs(found.rnn - sum(every) / len(every)) < 1e-12


def test_the_figures_of_this_test_are_not_all_alike():
    layer = gates(model()).layers[0]
    assert layer.z_low.max() > 0.3
    assert layer.z_high.max() > 0.3
    assert layer.rnn.max() > 0.05
    assert layer.run.max() > 1.5
    assert np.abs(layer.z_mean - layer.r_mean).max() > 0.2


def test_where_an_index_is_rewritten(monkeypatch):
    monkeypatch.setattr(recorded, "BLOCK", 10)
    m = model(layers=2)
    hand, found = by_hand(m, TEXT), gates(m)
    for number, layer in enumerate(found.layers):
        change = np.abs(hand["h"][number] - hand["h_prev"][number])
        taken = (1 - hand["z"][number]) * np.abs(hand["n"][number] - hand["h_prev"][number])
        assert np.abs(change - taken).max() < 1e-12
        for index in range(6):
            for id_, char in enumerate(m.vocabulary.characters):
                own = sum(change[t, index] for t in range(len(TEXT)) if TEXT[t] == char)
                assert abs(layer.change[id_, index] - own / change[:, index].sum()) < 1e-12
        assert layer.largest.tolist() == (change.argmax(axis=0) + 1).tolist()


@pytest.mark.parametrize("gate", ["r", "z", "n", "h"])
def test_the_map_s_values(gate):
    m, steps = model(layers=2), [3, 4, 50, 84]
    found = gates(m, gate=gate, steps=steps)
    assert found.steps == tuple(steps)
    for number, layer in enumerate(found.layers):
        assert np.abs(layer.values - by_hand(m, TEXT)[gate][number][np.array(steps) - 1]).max() < 1e-12


def test_the_map_s_steps_unless_some_are_asked_for():
    assert gates(model(), "The cat").steps == (1, 2, 3, 4, 5, 6, 7)
    long = gates(model(), TEXT * 10)
    assert long.steps == tuple(range(1, 513))
    assert long.layers[0].values.shape == (512, 6)


def test_blocks_make_no_difference(monkeypatch):
    whole = gates(model(), TEXT * 3, match="at")
    monkeypatch.setattr(recorded, "BLOCK", 7)
    found = gates(model(), TEXT * 3, match="at")
    for name in (*FIGURES, "change", "largest", "values"):
        assert np.abs(getattr(found.layers[0], name) - getattr(whole.layers[0], name)).max() < 1e-12, name
    assert np.abs(found.match.auc - whole.match.auc).max() == 0.0


def test_a_held_gate():
    found = gates(model(), force=["z[2]=1", "z[3]=0.3", "r=1", "z[4]=0"])
    (layer,) = found.layers
    assert (layer.z_mean[2], layer.z_std[2], layer.z_high[2], layer.run[2]) == (1.0, 0.0, 1.0, len(TEXT))
    assert abs(layer.age[2] - (len(TEXT) + 1) / 2) < 1e-9
    assert not layer.change[:, 2].any()
    assert layer.z_std[3] == 0.0
    assert abs(layer.z_mean[3] - 0.3) < 1e-7
    assert (layer.rnn[4], layer.age[4], layer.run[4]) == (1.0, 0.0, 0.0)
    assert found.model.forced == ("z[2]=1", "z[3]=0.3", "r=1", "z[4]=0")


def test_a_gate_held_at_some_steps():
    (layer,) = gates(model(), force=["z[0]=1@11-30"], steps=range(1, 41)).layers
    assert layer.run[0] >= 1
    assert set(layer.values[10:30, 0]) == {1.0}
    assert layer.values[9, 0] != 1.0 != layer.values[30, 0]


def test_one_character():
    (layer,) = gates(model(), "T").layers
    hand = by_hand(model(), "T")
    assert np.abs(layer.z_mean - hand["z"][0, 0]).max() < 1e-15
    assert np.abs(layer.age - hand["z"][0, 0]).max() < 1e-15
    assert not layer.z_std.any()


def test_an_age_is_the_ledger_s():
    """The mean, over every step, of the ledger's mean lag."""
    from chargru.insight.ledger import ledger

    ages = [ledger(model(), step=step).ages for step in range(1, len(TEXT) + 1)]
    assert np.abs(gates(model()).layers[0].age - np.mean(ages, axis=0)).max() < 1e-12


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"gate": "x"}, SettingError, "`gate` is x, but it must be one of z, r, n, h"),
        ({"order": "x"}, SettingError, "`order` is x, but it must be one of hold, index"),
        ({"text": ""}, TextError, "the text is empty"),
        ({"text": "The\nThé"}, UnknownCharacterError, "the text, line 2, column 3: the character 'é'"),
        ({"steps": [0]}, StepError, "there is no step 0"),
        ({"steps": [85]}, StepError, "there is no step 85: the text has 84 steps"),
        ({"indices": [6]}, StepError, "there is no index 6"),
        ({"match": 3}, SettingError, "`match` is 3, but it must be a string"),
        ({"among": "e"}, SettingError, "`among` goes with `match` only"),
        ({"match": "e", "among": "("}, SettingError, "`among` '\\(' is not a regular expression"),
        ({"match": "e", "among": "dog!"}, StepError, "`among` 'dog!' matches nothing in the text of 84 characters"),
        ({"match": "("}, SettingError, "`match` '\\(' is not a regular expression"),
        ({"match": "dog!"}, StepError, "`match` 'dog!' matches nothing in the text of 84 characters"),
    ],
)
def test_what_cannot_be(given, error, message):
    with pytest.raises(error, match=f"^{message}"):
        gates(model(), **given)


def test_each_step_is_counted_and_each_series():
    called = []
    gates(model(), on_step=lambda: called.append(1))
    assert len(called) == len(TEXT)
    called.clear()
    gates(model(layers=2), match="e", on_step=lambda: called.append(1))
    assert len(called) == len(TEXT) + 2 * 4 * 6


def test_repr_is_short():
    assert repr(gates(model())) == "<Gates of 84 steps, 1 layer of 6 units; print it for map and table>"


def test_a_long_text_is_read_in_little_memory():
    """What is kept does not grow with the text, but for its characters and their numbers."""
    tracemalloc.start()
    try:
        gates(model(), TEXT * 10)
        _, little = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        gates(model(), TEXT * 200)
        _, much = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert much < 4 * little + 40 * len(TEXT) * 200
