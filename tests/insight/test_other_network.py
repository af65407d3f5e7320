"""A step of another network: against equations written here, and as it is shown."""

import numpy as np
import pytest
from displayed import equations, holds
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CHO, CHUNG, CONVENTIONS, COURSE, LECTURE, ONNX, TABLE, TORCH
from chargru.insight import other_network
from chargru.insight.trace import trace
from chargru.show.trace import markdown as trace_markdown
from chargru.show.trace import other_network as show_other_network
from chargru.show.trace import terminal as trace_table
from chargru.show.view import View


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


ROWS = {row.name: row for row in TABLE if row.name not in (None, "keras", "onnx")}
"""Whose equations are written here: by the table, which says what they multiply, where they reset, what biases."""


def their_tensors(m, row, layer):
    """W_i, W_h, b_i, b_h of a layer, float64, each split by gate, as the authors could hold them.

    Without biases: those of layer 1 are added to every column of W_i, but a b_hn that r multiplies here and would by
    their equations; no other is left. Who takes has the z rows negated.
    """
    reset = m.architecture.reset
    merges = "before" in (reset, row.reset)
    prefix = {"after": "gru", "before": "gru_before"}[reset]
    named = {name: value.astype(np.float64) for name, value in m.weights.named()}
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    W_i, W_h, b_i, b_h = (np.split(named[f"{prefix}.{kind}_l{layer}"], 3) for kind in kinds)
    if row.biases == "none":
        if layer == 0:
            absorbed = [b_i[0] + b_h[0], b_i[1] + b_h[1], b_i[2] + b_h[2] if merges else b_i[2]]
            W_i = [W + b[:, None] for W, b in zip(W_i, absorbed, strict=True)]
        b_i = b_h = [np.zeros(6)] * 3
    if row.z_multiplies == "candidate":
        for split in (W_i, W_h, b_i, b_h):
            split[:] = [split[0], -split[1], split[2]]
    return W_i, W_h, b_i, b_h


def their_step(m, row, layer, x, h):
    """One step of one layer by the authors' equations, x a vector: r, z, n, h, with z as they count it."""
    W_i, W_h, b_i, b_h = their_tensors(m, row, layer)
    r, z = (sigmoid(W_i[k] @ x + b_i[k] + W_h[k] @ h + b_h[k]) for k in (0, 1))
    carried = r * (W_h[2] @ h + b_h[2]) if row.reset == "after" else W_h[2] @ (r * h) + b_h[2]
    n = np.tanh(W_i[2] @ x + b_i[2] + carried)
    return r, z, n, z * n + (1 - z) * h if row.z_multiplies == "candidate" else (1 - z) * n + z * h


def their_states(m, row, ids):
    """h of every layer after every step of their network, which runs by itself from h_0 = 0: (T, L, H)."""
    states, found = np.zeros((m.architecture.layers, 6)), []
    for id_ in ids:
        x = np.eye(m.architecture.vocabulary_size)[id_]
        for layer, h in enumerate(states):
            states[layer] = x = their_step(m, row, layer, x, h)[-1]
        found.append(states.copy())
    return np.array(found)


def with_biases(m, biases):
    """The model with some of its biases made 0, in place; b_hr = -b_ir is as good as none."""
    for number, layer in enumerate(m.weights.layers):
        b_i, b_h = layer.bias_ih, layer.bias_hh
        if biases == "none" or (biases == "layer 1" and number):
            b_i[:] = b_h[:] = 0
        elif biases == "no b_hn":
            b_h[12:] = 0
        elif biases == "that cancel" and number:
            b_h[:] = -b_i
    return m


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("biases", ["all", "no b_hn", "layer 1", "that cancel", "none"])
@pytest.mark.parametrize("name", ROWS)
def test_a_network_is_called_another_just_where_it_is(name, biases, reset, layers):
    """Their network, with what W can absorb absorbed, goes through 20 characters by itself, and so does ours."""
    m, row = with_biases(model(layers=layers, reset=reset), biases), ROWS[name]
    traced = trace(m, steps=range(1, 21))
    ours = np.stack([layer.h for layer in traced.layers], axis=1)
    difference = np.abs(their_states(m, row, traced.ids) - ours).max()
    why = other_network.why(traced, CONVENTIONS[name])
    assert difference > 0.01 if why else difference < 1e-13
    assert (other_network.their_trace(traced, CONVENTIONS[name]) is None) == (why == "")
    if layers == 1:
        renaming = row.on(reset) in ("same", "sign") or (row.on(reset) == "b_hn" and biases in ("no b_hn", "none"))
        assert renaming == (why == "")


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("biases", ["all", "no b_hn", "layer 1"])
@pytest.mark.parametrize("name", ROWS)
def test_one_step_of_theirs_from_what_was_recorded(name, biases, reset, layers):
    """Layer by layer, from the recorded h_{t-1}; a layer is shown just where theirs is another one."""
    m, row = with_biases(model(layers=layers, reset=reset), biases), ROWS[name]
    convention = CONVENTIONS[name]
    traced = trace(m, steps=[20, 34])
    other = other_network.their_trace(traced, convention)
    for layer, cell in enumerate(traced.layers):
        x_T = traced.layers[0].h if layer else np.eye(m.architecture.vocabulary_size)[traced.ids]
        steps = [their_step(m, row, layer, x, h) for x, h in zip(x_T, cell.h_prev, strict=True)]
        apart = np.abs(np.array([step[-1] for step in steps]) - cell.h).max()
        shown = show_other_network.lines(traced, 0, layer, View(convention))
        assert apart > 0.01 if shown else apart < 1e-13
        if other is not None:
            for quantity, values in zip("rznh", zip(*steps, strict=True), strict=True):
                found = convention.value(quantity, getattr(other.layers[layer], quantity))
                assert np.abs(found - np.array(values)).max() < 1e-14


def test_what_becomes_of_biases_is_said():
    def said(reset, convention, layer):
        traced = trace(model(layers=2, reset=reset))
        return " ".join(
            [other_network.why(traced, convention), *show_other_network.lines(traced, 0, layer, View(convention))]
        )

    assert "the lecture has no b_hn, which stands inside r * (U h + b_hn) here." in said("after", LECTURE, 0)
    assert "Same weights without b_hn, this one step" in said("after", LECTURE, 0)
    assert "the lecture has no biases, and above layer 1" in said("after", LECTURE, 1)
    assert "Same weights without biases, this one step" in said("after", LECTURE, 1)
    assert "resets after the product, r * (U h); this network resets before it" in said("before", LECTURE, 0)
    assert "no b_hn" not in said("before", LECTURE, 0)
    assert "Same weights, b_hn added to b_in, this one step" in said("before", LECTURE, 0)
    assert "Same weights, this one step" in said("after", COURSE, 0)
    only_above = said("before", CHO, 1)
    assert "Cho et al. 2014 has no biases, and above layer 1, where x is a state, W can absorb none." in only_above
    assert only_above.count("Another network: ") == 2
    assert "by the equations of" not in said("before", CHO, 0)


@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_note_on_absorbing_is_true_of_either_placement(reset):
    """Merging b_hn with b_in changes nothing reset before, and the states reset after."""
    m, merged = model(reset=reset), model(reset=reset)
    layer = merged.weights.layers[0]
    layer.bias_ih[12:] += layer.bias_hh[12:]
    layer.bias_hh[12:] = 0
    apart = np.abs(trace(m, steps=range(1, 21)).h - trace(merged, steps=range(1, 21)).h).max()
    assert apart < 1e-6 if reset == "before" else apart > 0.01
    said = "every bias but b_hn, which r multiplies; above" if reset == "after" else "every bias; above layer 1"
    assert any(said in note for note in LECTURE.notes_on(reset))


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("convention", [CHO, CHUNG, LECTURE], ids=lambda one: one.name)
def test_a_held_gate_above_layer_1_is_no_bias_to_leave_out(convention, reset):
    traced = trace(model(layers=2, reset=reset), steps=[20, 34], force=["2:z[3]=0.25", "2:r=1", "2:z[0]=1@30-40"])
    other = other_network.their_trace(traced, convention)
    assert np.array_equal(other.layers[1].r, np.ones((2, 6)))
    assert np.array_equal(other.layers[1].z[:, 3], traced.layers[1].z[:, 3])
    assert other.layers[1].z[1, 0] == 1
    assert np.abs(other.layers[1].z[:, 1] - traced.layers[1].z[:, 1]).max() > 0.01


@pytest.mark.parametrize(
    ("reset", "convention"), [("after", TORCH), ("after", ONNX), ("before", ONNX), ("before", COURSE)]
)
def test_the_same_network_has_no_other_step(reset, convention):
    traced = trace(model(reset=reset))
    assert other_network.their_trace(traced, convention) is None
    assert "by the equations of" not in trace_table.render(traced, View(convention)).plain


def test_the_lecture_is_the_same_network_where_b_hn_is_0():
    m = model()
    m.weights.layers[0].bias_hh[12:] = 0
    assert other_network.their_trace(trace(m), LECTURE) is None
    assert "Another network" not in trace_table.render(trace(m), View(LECTURE)).plain


def test_held_gates_hold_in_their_network_too():
    traced = trace(model(), steps=[20, 34], force=["z[3]=1@30-40", "r=1"])
    other = other_network.their_trace(traced, COURSE)
    assert np.array_equal(other.layers[0].z, traced.layers[0].z)
    assert np.abs(other.layers[0].n - traced.layers[0].n).max() < 1e-12  # with r = 1 its place makes no difference


def equations_shown(convention, reset, layer):
    """n and h of another network; without the biases above layer 1 r and z are others too."""
    if layer and convention.biases == "none":
        return 4
    return 2 if convention.another_network(reset) else 0


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    step=st.integers(1, 84),
    reset=st.sampled_from(["after", "before"]),
    convention=st.sampled_from(list(CONVENTIONS.values())),
    digits=st.sampled_from([None, 2, 5]),
)
def test_what_is_shown_of_their_step_holds(seed, step, reset, convention, digits):
    traced = trace(model(layers=2, reset=reset, seed=seed), steps=[step], indices=[2])
    view = View(convention, digits)
    for layer in (0, 1):
        text = "\n".join(show_other_network.lines(traced, 0, layer, view))
        assert len(equations(text)) == equations_shown(convention, reset, layer)
        for _, chain in equations(text):
            assert all(holds(expression, chain[-1]) for expression in chain[:-1])


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
def test_lines_fit_80_columns(convention, reset):
    text = trace_table.render(trace(model(layers=2, reset=reset)), View(convention)).plain
    assert max(map(len, text.splitlines())) <= 80


def test_it_is_labelled_wherever_it_is_shown():
    traced = trace(model(), indices=[2])
    for text in (trace_table.render(traced, View(COURSE)).plain, trace_markdown.render(traced, View(COURSE))):
        assert "Another network: step 34 by the equations of the course" in text
        assert "from the recorded c<33>" in text


def test_their_steps_are_computed_once_for_all_that_are_shown():
    traced = trace(model(layers=2), steps=range(1, 21))
    first, second = (other_network.their_trace(traced, CHO) for _ in range(2))
    assert first is second
    assert first is not None
