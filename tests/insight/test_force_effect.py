"""A trace with gates held, beside the original: against torch code of its own, and as it is written."""

import io
import json
import re

import numpy as np
import pytest
import torch
from calculations import plain
from displayed import equations, half_digit, holds
from drawn import TEXT, model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CONVENTIONS
from chargru.errors import StepError
from chargru.insight import force_effect
from chargru.insight.proof.check import checked
from chargru.insight.trace import VALUES, trace
from chargru.show.trace import data as export
from chargru.show.trace import force_effect as show_force_effect
from chargru.show.trace import html as trace_html
from chargru.show.trace import markdown as trace_markdown
from chargru.show.trace.calculation import Unit
from chargru.show.view import View


def by_torch(model, held):
    """Every value of every layer, (T, L, 5, H), in torch: the plain equations, gates overwritten by `held`.

    `held` is a list of (layer, gate, indices, value, first step, last step), all 1-based but the indices.
    """
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in model.weights.named()}
    prefix = {"after": "gru", "before": "gru_before"}[model.architecture.reset]
    h_L = [torch.zeros(6, dtype=torch.float64) for _ in range(model.architecture.layers)]
    found = []
    for t, id_ in enumerate(model.vocabulary.encode(TEXT), start=1):
        x = torch.nn.functional.one_hot(torch.tensor(int(id_)), model.architecture.vocabulary_size).double()
        found.append([])
        for layer, h in enumerate(h_L):
            W_i, W_h, b_i, b_h = (
                tensors[f"{prefix}.{kind}_l{layer}"].chunk(3)
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            r, z = (torch.sigmoid(W_i[k] @ x + b_i[k] + W_h[k] @ h + b_h[k]) for k in (0, 1))
            for number, gate, indices, value, first, last in held:
                if number == layer + 1 and first <= t <= last:
                    {"r": r, "z": z}[gate][indices] = value
            if prefix == "gru":
                n = torch.tanh(W_i[2] @ x + b_i[2] + r * (W_h[2] @ h + b_h[2]))
            else:
                n = torch.tanh(W_i[2] @ x + b_i[2] + W_h[2] @ (r * h) + b_h[2])
            h_L[layer] = x = (1 - z) * n + z * h
            found[-1].append(torch.stack([h, r, z, n, x]))
    return torch.stack([torch.stack(row) for row in found]).numpy()


EVERY = list(range(6))
CASES = [
    (["r=1", "z=0"], [(k, g, EVERY, v, 1, 99) for k in (1, 2) for g, v in (("r", 1), ("z", 0))]),
    (["2:z[3]=1@20-34"], [(2, "z", [3], 1, 20, 34)]),
    (
        ["1:r[0-2]=0@30-last", "z[5]=0.25"],
        [(1, "r", [0, 1, 2], 0, 30, 99), (1, "z", [5], 0.25, 1, 99), (2, "z", [5], 0.25, 1, 99)],
    ),
]


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize(("force", "held"), CASES)
def test_a_forced_replay_equals_torch(reset, force, held):
    m = model(layers=2, reset=reset)
    steps = [1, 20, 29, 34, 35, 84]
    traced = trace(m, steps=steps, force=force)
    tolerance = 1e-6 if "0.25" in force[-1] else 1e-12  # the bias that gives 0.25 is a float32
    for one, overrides, close in ((traced, held, tolerance), (traced.original, [], 1e-12)):
        expected = by_torch(m, overrides)[np.array(steps) - 1]
        for number, layer in enumerate(one.layers):
            values = np.stack([getattr(layer, name) for name in VALUES], axis=1)
            assert np.abs(values - expected[:, number]).max() < close


@pytest.mark.parametrize("reset", ["after", "before"])
def test_the_check_holds_step_by_step(reset):
    traced = trace(model(layers=2, reset=reset), steps=range(1, 50), force=["z[3]=1@20-34", "r=0@30-40"])
    assert checked(traced).check.passed
    assert (traced.z[18:35, 3] == 1).tolist() == [False, *[True] * 15, False]


def test_the_terms_are_those_of_the_step():
    traced = trace(model(), steps=[19, 20], force=["z[3]=1@20-34"])
    terms = traced.layers[0].terms
    assert terms["b_iz"][1, 3] == 1e4
    assert terms["W_hz h"][1, 3] == 0
    assert terms["b_iz"][0, 3] == model().weights.layers[0].bias_ih[9]


def test_nothing_changes_before_the_first_step():
    traced = trace(model(), steps=[19, 20], force=["z[3]=1@20-34"])
    assert not force_effect.h_change(traced, 0, 0).any()
    assert np.flatnonzero(force_effect.h_change(traced, 1, 0)).tolist() == [3]
    text = str(traced)
    assert "h_19 is the same at every index" in text
    assert "1 of 6 indices of h_20 changed; most index 3" in text


@pytest.mark.parametrize(("digits", "least"), [(1, "0.1"), (2, "0.01"), (4, "0.0001"), (15, None)])
def test_a_change_is_not_said_to_be_none(digits, least):
    """z is held at nearly what it is, so that h changes by less than 1e-4."""
    z = trace(model(), steps=[34]).z[0, 3]
    traced = trace(model(), steps=[34], force=[f"z[3]={z + 1e-6:.17f}@34"])
    change = force_effect.h_change(traced, 0, 0)[3]
    assert 0 < abs(change) < 1e-5
    text = "\n".join(show_force_effect.lines(traced, 0, (0,), View(digits=digits)))
    assert (
        f"1 of 6 indices of h_34 changed; most index 3, by {f'less than {least}' if least else f'{change:.15f}'}"
        in text
    )


def test_probabilities_are_those_of_both_replays():
    traced = trace(model(), steps=[34], force=["r=0"])
    old, new = traced.original.next_probabilities(0), traced.next_probabilities(0)
    assert abs(force_effect.total_variation(traced, 0) - np.maximum(new - old, 0).sum()) < 1e-15
    changes = force_effect.next_changes(traced, 0)
    ids = [traced.model.vocabulary.characters.index(one.char) for one in changes]
    assert [one.p_original for one in changes] == old[ids].tolist()
    assert [one.p for one in changes] == new[ids].tolist()
    assert {int(old.argmax()), int(new.argmax())} <= set(ids)


def test_a_model_without_a_head_shows_h_alone():
    traced = trace(model(head=False), steps=[34], force=["r=0"])
    text = "\n".join(show_force_effect.lines(traced, 0, (0,), View()))
    assert "6 of 6 indices of h_34 changed" in text
    assert "p as it was" not in text


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    step=st.integers(1, 84),
    reset=st.sampled_from(["after", "before"]),
    convention=st.sampled_from(list(CONVENTIONS.values())),
    digits=st.sampled_from([None, 2, 5]),
)
def test_what_is_shown_of_a_held_gate_holds(seed, step, reset, convention, digits):
    traced = trace(model(reset=reset, seed=seed), steps=[step], indices=[3], force=["z[3]=1", "r=0@20-40"])
    view = View(convention, digits)
    text = "\n".join([plain(Unit(traced, 0, 0, 3, view)), *show_force_effect.lines(traced, 0, (0,), view)])
    assert len(equations(text)) == 4
    for _, chain in equations(text):
        assert all(holds(expression, chain[-1]) for expression in chain[:-1])
    rows = [line.split()[-3:] for line in text.splitlines() if re.fullmatch(r" +\S+( +-?\d\.\d+){3}", line)]
    for was, held, change in rows:
        assert abs(float(held) - float(was) - float(change)) < 3 * half_digit(was) + 1e-12


def test_json_has_both_and_keeps_the_contract():
    traced = trace(model(layers=2), steps=[33, 34], force=["z=0@34"])
    document = json.loads(export.as_json(traced))
    assert document["forced"]["held"] == ["z=0@34"]
    for number, step in enumerate(document["forced"]["steps"]):
        for layer in (0, 1):
            original, held = step["original"]["layers"][layer], document["steps"][number]["layers"][layer]
            assert np.subtract(held["h"], original["h"]).tolist() == step["h_change"][layer]
    unforced = json.loads(export.as_json(trace(model(layers=2), steps=[33, 34])))
    assert [step["original"] for step in document["forced"]["steps"]] == unforced["steps"]
    assert unforced["forced"] is None


def test_npz_has_both():
    traced = trace(model(), steps=[33, 34], force=["r=1"])
    arrays = np.load(io.BytesIO(export.as_npz(traced)))
    assert np.array_equal(arrays["r"], np.ones((2, 6)))
    assert np.array_equal(arrays["original_h"], traced.original.h)


def test_markdown_and_html_say_what_changed():
    traced = trace(model(), steps=[34], force=["r=1"])
    for text in (trace_markdown.render(traced), trace_html.render(traced)):
        assert "What holding r=1 changed, up to step 34" in text
    assert "What holding" not in trace_html.render(trace(model(), steps=[34]))


def test_a_step_that_the_text_lacks_is_refused():
    with pytest.raises(StepError, match="the text has 84 steps"):
        trace(model(), steps=[34], force=["z=1@80-90"])


def test_lines_fit_80_columns():
    force = [f"{k}:z[{i}]=1@{i + 1}-40" for k in (1, 2) for i in range(6)]
    lines = str(trace(model(layers=2), steps=[34], force=force)).splitlines()
    assert max(map(len, lines)) <= 80
