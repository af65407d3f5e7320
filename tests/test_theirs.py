"""A step of another network: against equations written here, and as it is shown."""

import numpy as np
import pytest
from displayed import equations, holds
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.gru.conventions import CHO, CONVENTIONS, COURSE, LECTURE, ONNX, TORCH
from chargru.insight import theirs, trace_markdown, trace_table
from chargru.insight.trace import trace
from chargru.insight.view import View


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_hand(model, layer, x, h, reset, b_hn=1.0):
    """One step of one layer from the named tensors, x a vector."""
    prefix = {"after": "gru", "before": "gru_before"}[model.architecture.reset]
    tensors = {name: value.astype(np.float64) for name, value in model.weights.named()}
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    W_i, W_h, b_i, b_h = (np.split(tensors[f"{prefix}.{kind}_l{layer}"], 3) for kind in kinds)
    r, z = (sigmoid(W_i[k] @ x + b_i[k] + W_h[k] @ h + b_h[k]) for k in (0, 1))
    carried = r * (W_h[2] @ h + b_hn * b_h[2]) if reset == "after" else W_h[2] @ (r * h) + b_h[2]
    n = np.tanh(W_i[2] @ x + b_i[2] + carried)
    return n, (1 - z) * n + z * h


@pytest.mark.parametrize(
    ("reset", "convention", "theirs_reset", "b_hn"),
    [
        ("after", COURSE, "before", 1),
        ("after", CHO, "before", 1),
        ("after", LECTURE, "after", 0),
        ("before", TORCH, "after", 1),
        ("before", LECTURE, "after", 0),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_one_step_of_theirs_from_what_was_recorded(reset, convention, theirs_reset, b_hn):
    m = model(layers=2, reset=reset)
    traced = trace(m, steps=[20, 34])
    other = theirs.theirs(traced, convention)
    for position in (0, 1):
        one_hot = np.eye(m.architecture.vocabulary_size)[traced.ids[position]]
        for layer, x in ((0, one_hot), (1, traced.layers[0].h[position])):
            n, h = by_hand(m, layer, x, traced.layers[layer].h_prev[position], theirs_reset, b_hn)
            assert np.abs(other.layers[layer].n[position] - n).max() < 1e-14
            assert np.abs(other.layers[layer].h[position] - h).max() < 1e-14
    assert max(np.abs(a.h - b.h).max() for a, b in zip(other.layers, traced.layers, strict=True)) > 0.01


@pytest.mark.parametrize(
    ("reset", "convention"), [("after", TORCH), ("after", ONNX), ("before", ONNX), ("before", COURSE)]
)
def test_the_same_network_has_no_other_step(reset, convention):
    traced = trace(model(reset=reset))
    assert theirs.theirs(traced, convention) is None
    assert "by the equations of" not in trace_table.render(traced, View(convention)).plain


def test_the_lecture_is_the_same_network_where_b_hn_is_0():
    m = model()
    m.weights.layers[0].bias_hh[12:] = 0
    assert theirs.theirs(trace(m), LECTURE) is None
    assert "Another network" not in trace_table.render(trace(m), View(LECTURE)).plain


def test_held_gates_hold_in_their_network_too():
    traced = trace(model(), steps=[20, 34], force=["z[3]=1@30-40", "r=1"])
    other = theirs.theirs(traced, COURSE)
    assert np.array_equal(other.layers[0].z, traced.layers[0].z)
    assert np.abs(other.layers[0].n - traced.layers[0].n).max() < 1e-12  # with r = 1 its place makes no difference


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
        text = "\n".join(theirs.lines(traced, 0, layer, (2,), view))
        assert len(equations(text)) == (2 if convention.another_network(reset) else 0)
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
