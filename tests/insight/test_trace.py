"""A trace holds what independent arithmetic on the run's tensors gives."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru.errors import SettingError, StepError, TextError, UnknownCharacterError
from chargru.insight.trace import trace
from chargru.model import write_model
from chargru.text.vocabulary import Vocabulary


def by_hand(model, text):
    """Every step of every layer by the equations, element by element from the named tensors; float64."""
    tensors = {name: value.astype(np.float64) for name, value in model.weights.named()}
    prefix = "gru" if model.architecture.reset == "after" else "gru_before"
    H = model.architecture.hidden_size
    states = [np.zeros(H) for _ in range(model.architecture.layers)]
    steps = []
    for char in text:
        x = np.array([float(char == own) for own in model.vocabulary.characters])
        layers = []
        for number, h in enumerate(states):
            W_i, W_h, b_i, b_h = (
                tensors[f"{prefix}.{kind}_l{number}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            r = 1 / (1 + np.exp(-(W_i[:H] @ x + b_i[:H] + W_h[:H] @ h + b_h[:H])))
            z = 1 / (1 + np.exp(-(W_i[H : 2 * H] @ x + b_i[H : 2 * H] + W_h[H : 2 * H] @ h + b_h[H : 2 * H])))
            if model.architecture.reset == "after":
                n = np.tanh(W_i[2 * H :] @ x + b_i[2 * H :] + r * (W_h[2 * H :] @ h + b_h[2 * H :]))
            else:
                n = np.tanh(W_i[2 * H :] @ x + b_i[2 * H :] + W_h[2 * H :] @ (r * h) + b_h[2 * H :])
            states[number] = x = (1 - z) * n + z * h
            layers.append((h, r, z, n, x))
        steps.append(layers)
    return np.array(steps)  # (T, L, 5, H)


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layers", [1, 2])
def test_values_equal_arithmetic_by_hand(reset, layers):
    m = model(layers=layers, reset=reset)
    traced = trace(m, steps=[33, 34, 50])
    expected = by_hand(m, TEXT)[[32, 33, 49]]
    for number, cell in enumerate(traced.layers):
        found = np.stack([cell.h_prev, cell.r, cell.z, cell.n, cell.h], axis=1)
        assert np.abs(found - expected[:, number]).max() < 1e-13


def test_the_unknown_symbol_is_not_among_the_likeliest_but_takes_its_share():
    m = model()
    characters = (None, *m.vocabulary.characters[1:])  # in the place of the line end
    _, bias = m.weights.head
    likely = replace(m.weights, head_bias=np.where(np.arange(len(bias)) == 0, bias.max() + 9, bias).astype(np.float32))
    traced = trace(replace(m, vocabulary=Vocabulary(characters), weights=likely), TEXT[:40], steps=[9])
    p = traced.next_probabilities(0)
    assert p.argmax() == 0
    expected = [id_ for id_ in np.argsort(-p, kind="stable") if id_ != 0][:5]
    assert traced.likeliest(0) == [(characters[id_], p[id_]) for id_ in expected]


def test_wide_model_and_other_script():
    text = "吾輩は猫である。名前はまだ無い。\nשלום 😀 e\u0301\n" * 2
    m = model(text, units=512, layers=2, scale=1.0)
    traced = trace(m, steps=[34])
    assert traced.char(0) == text[33]
    assert np.abs(traced.h[0] - by_hand(m, text[:34])[-1, -1, -1]).max() < 1e-12


def test_gates_differ_so_that_swapped_ones_would_show():
    traced = trace(model(), steps=range(1, 80))
    assert np.abs(traced.r - traced.z).max() > 0.9
    assert traced.z.min() < 0.05
    assert traced.z.max() > 0.95


def test_h_33_feeds_step_34():
    traced = trace(model(), steps=[33, 34])
    assert np.array_equal(traced.h_prev[1], traced.h[0])


def test_terms_add_up_to_the_gates():
    cell = trace(model(), steps=[34]).layers[0]
    a = sum(cell.terms[name] for name in ("W_ir x", "b_ir", "W_hr h", "b_hr"))
    assert np.abs(1 / (1 + np.exp(-a)) - cell.r).max() < 1e-15


def test_default_step_is_34_or_the_last():
    m = model()
    assert trace(m).steps == (34,)
    assert trace(m, "The cat").steps == (7,)
    assert trace(m, "T").steps == (1,)


def test_step_1_starts_from_zero():
    traced = trace(model(), "T")
    assert not traced.h_prev.any()
    assert traced.h.any()


def test_it_runs_no_further_than_the_last_step_asked_for():
    seen = []
    trace(model(), steps=[5, 3], on_step=lambda: seen.append(1))
    assert len(seen) == 5


def test_steps_are_sorted_and_once():
    assert trace(model(), steps=[34, 33, 34]).steps == (33, 34)


def test_likeliest_are_the_head_s_softmax():
    m = model()
    traced = trace(m, steps=[34])
    tensors = dict(m.weights.named())
    logits = traced.h[0] @ tensors["head.weight"].astype(np.float64).T + tensors["head.bias"]
    p = np.exp(logits) / np.exp(logits).sum()
    best = [m.vocabulary.characters[i] for i in np.argsort(-p)[:5]]
    assert [char for char, _ in traced.likeliest(0)] == best
    assert np.abs(np.array([q for _, q in traced.likeliest(0)]) - np.sort(p)[::-1][:5]).max() < 1e-15
    assert abs(traced.probability_of_next(0) - p[m.vocabulary.characters.index(TEXT[34])]) < 1e-15


def test_no_next_characters_without_a_head():
    traced = trace(model(head=False))
    assert traced.likeliest(0) == []
    assert traced.probability_of_next(0) is None


def test_no_next_character_at_the_end_of_the_text():
    assert trace(model(), "The").probability_of_next(0) is None


@pytest.mark.parametrize(
    ("steps", "message"),
    [([0], "steps count from 1; h_0 is the state before any character"), ([84], "the text has 83 steps")],
)
def test_a_step_that_does_not_exist(steps, message):
    with pytest.raises(StepError, match=message):
        trace(model(TEXT[:83]), steps=steps)


def test_one_character_has_one_step():
    with pytest.raises(StepError, match=r"the text has 1 step$") as error:
        trace(model(), "T", steps=[2])
    assert error.value.hint == "the only step is 1"


@pytest.mark.parametrize("index", [-1, 6])
def test_an_index_that_does_not_exist(index):
    with pytest.raises(StepError, match="has 6 units, counted from 0"):
        trace(model(), indices=[index])


@pytest.mark.parametrize("name", ["steps", "indices"])
def test_nothing_asked_for(name):
    with pytest.raises(SettingError, match="is asked for"):
        trace(model(), **{name: []})


def test_an_empty_text():
    with pytest.raises(TextError, match="the text is empty"):
        trace(model(), "")


def test_an_unknown_character_is_named_with_its_place():
    with pytest.raises(UnknownCharacterError, match=r"line 2, column 3: the character 'é'"):
        trace(model(), "The cat\nThé")


def test_a_notebook_shows_an_escaped_table():
    text = "<b>&amp; </b>\n" * 4
    shown = trace(model(text), steps=[34], indices=[3])._repr_html_()
    assert "<b>&amp;" not in shown.replace("<p><b>Step", "")
    assert "&lt;b" in shown
    assert shown.count("<tr>") == 2
    assert "<mark>" in shown


def test_str_is_the_table_and_repr_is_short():
    traced = trace(model(), steps=[33, 34])
    assert "h_34 = (1 - z_34) * n_34 + z_34 * h_33" in str(traced)
    assert repr(traced) == "<Trace of steps 33, 34 of 84, 1 layer of 6 units; print it for the table>"


def test_the_library_s_names(tmp_path):
    write_model(tmp_path, model())
    loaded = chargru.load(tmp_path)
    traced = chargru.trace(loaded, TEXT, steps=[33, 34], indices=[0, 3])
    assert np.array_equal(traced.h, trace(model(), steps=[33, 34]).h)
    assert traced.checkpoint == str(tmp_path)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = chargru.nothing


def test_importing_chargru_is_light():
    code = (
        "import chargru, sys; dir(chargru); print([m for m in ('numpy', 'torch', 'rich', 'typer') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize("layers", [1, 2])
def test_compact_leaves_out_only_what_is_multiplied_by_zero(layers):
    traced = trace(model(layers=layers), TEXT[:7], steps=range(1, 8))
    for layer in range(layers):
        weights, x = traced.compact(layer)
        whole = traced.input(layer) @ traced.weights.layers[layer].weight_ih.T
        assert np.abs(x @ weights.weight_ih.T - whole).max() == 0
    assert traced.compact(0)[1].shape == (7, len(set(TEXT[:7])))
