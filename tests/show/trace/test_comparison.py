"""One step in several letters: what is shown is one network's step, counted by each author in his way."""

import json
import re

import numpy as np
import pytest
from displayed import equations, holds
from drawn import TEXT, model
from rich.cells import cell_len

from chargru.conventions.authors import CONVENTIONS
from chargru.insight.comparison import compare
from chargru.show.ablation import STUCK
from chargru.show.formats import show
from chargru.show.trace import comparison
from chargru.show.view import View

TAKES = {"course": True, "chung": True}
BEFORE = ("course", "cho", "chung", "d2l")


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def stepped(ours, step, reset="after"):
    """z, r, n, h and h_prev of a step, from the packed tensors alone; its last step by the equations of `reset`."""
    layer = ours.weights.layers[0]
    W, U, b, c = (np.asarray(tensor, dtype=np.float64) for tensor in layer.packed())
    H, h = U.shape[1], np.zeros(U.shape[1])
    for t, id_ in enumerate(ours.vocabulary.encode(ours.trace_text)[:step], start=1):
        x, old = W[:, id_] + b, h
        r, z = (sigmoid(x[rows] + U[rows] @ old + c[rows]) for rows in (slice(H), slice(H, 2 * H)))
        after = x[2 * H :] + r * (U[2 * H :] @ old + c[2 * H :])
        before = x[2 * H :] + U[2 * H :] @ (r * old) + c[2 * H :]
        n = np.tanh(before if reset == "before" and t == step else after)
        h = (1 - z) * n + z * old
    return {"h_prev": old, "r": r, "z": z, "n": n, "h": h}


def document(names, step=34, index=2):
    found = compare(model(), conventions=names, steps=[step], indices=[index])
    (one,) = json.loads(show(found, "json"))["compared"]
    assert (one["step"], one["layer"], one["index"]) == (step, 1, index)
    return one["conventions"]


@pytest.mark.parametrize("index", range(6))
def test_each_author_counts_the_same_step(index):
    values = stepped(model(), 34)
    for record in document(list(CONVENTIONS), index=index):
        expected = {name: value[index] for name, value in values.items()}
        if TAKES.get(record["name"]):
            expected["z"] = 1 - expected["z"]
        assert max(abs(record["values"][name] - expected[name]) for name in expected) < 1e-12


@pytest.mark.parametrize("index", range(6))
def test_what_another_network_makes_of_it(index):
    theirs = stepped(model(), 34, "before")["h"][index]
    for record in document(["torch", "course", "keras", "d2l"], index=index):
        if record["name"] in BEFORE:
            assert "resets before the product" in record["another_network"]
            assert record["h_of_that_network"] == pytest.approx(theirs, abs=1e-12)
        else:
            assert (record["another_network"], record["h_of_that_network"]) == (None, None)


def lines(names, **given):
    found = compare(model(TEXT * 6, units=8), conventions=names, **given)
    return comparison.render(found).plain.splitlines()


def test_the_answer_stands_first():
    found = compare(model(), steps=[34], indices=range(6))
    text = comparison.render(found).plain
    answers = " ".join(text[: text.index("Step 34")].split())
    z = found.trace.z[0]
    for index in range(6):
        word = "replaced" if z[index] < 0.1 else "kept" if z[index] > 0.9 else "mixed"
        said = f"z_34[{index}] = {z[index]:.2f} in PyTorch and gamma_u<34>[{index}] = {1 - z[index]:.2f} in the course"
        assert f"{said} say the same: the unit is {word}. Of its new state " in answers
        taken = f"{1 - z[index]:.0%}".replace("100%", "over 99%")
        assert answers.split("Of its new state ")[index + 1].startswith(f"{taken} is the candidate, ")


def test_without_an_index_it_is_the_one_in_which_most_was_decided():
    traced = compare(model(units=40), steps=[34]).trace
    h, n, z = traced.h[0], traced.n[0], traced.z[0]
    kept = np.where(z > 0.9, np.abs(h - n), 0)
    assert kept.max() > 0.1
    text = comparison.render(compare(model(units=40), steps=[34])).plain
    assert text.startswith(f"z_34[{kept.argmax()}] = ")


def test_the_states_are_calculated_with_the_same_numbers():
    text = "\n".join(lines(list(CONVENTIONS), steps=[34], indices=[5]))
    found = [(name, chain) for name, chain in equations(text) if "(" in chain[0]]
    assert len(found) == 2 * len(CONVENTIONS)
    assert all(holds(expression, chain[-1]) for _, chain in found for expression in chain[:-1])
    assert len({chain[-1] for name, chain in found[1::2]}) == 1
    gates = {float(chain[-1]) for _, chain in found[::2]}
    assert len(gates) == 2
    assert sum(gates) == pytest.approx(1, abs=1.01e-4)


def test_the_table_has_a_letter_and_a_value_of_each():
    text = "\n".join(lines(["torch", "course"], steps=[34], indices=[5]))
    traced = compare(model(TEXT * 6, units=8), steps=[34]).trace
    z = traced.z[0, 5]
    assert re.search(rf"^update gate  z_34\[5\] +{z:.2f}  gamma_u<34>\[5\] +{1 - z:.2f}$", text, re.MULTILINE)
    h = traced.h[0, 5]
    assert re.search(rf"^new state    h_34\[5\] +{h:.2f}  c<34>\[5\] +{h:.2f}$", text, re.MULTILINE)


@pytest.mark.parametrize("step", [34, 480])
@pytest.mark.parametrize("names", [["torch", "course"], list(CONVENTIONS)])
def test_it_fits_and_is_short(step, names):
    found = lines(names, steps=[step], indices=[5])
    assert max(map(cell_len, found)) <= 80
    assert len(found) <= (46 if len(names) == 2 else 160)


def test_layers_and_steps_stand_below_each_other():
    text = comparison.render(compare(model(layers=2), steps=[33, 34], indices=[1])).plain
    assert re.findall(r"^(Layer \d of 2), index 1$", text, re.MULTILINE) == ["Layer 1 of 2", "Layer 2 of 2"] * 2
    upper = comparison.render(compare(model(layers=2), steps=[34], indices=[1]), View(layer=2)).plain
    assert "Layer 1 of 2" not in upper


@pytest.mark.parametrize("held", [["z[2]=0.5"], []])
def test_gates_that_are_held_are_named(held):
    text = " ".join(comparison.render(compare(model(), steps=[34], indices=[2], force=held)).plain.split())
    assert ("Held, in PyTorch's letters: z[2]=0.5." in text) is bool(held)
    assert (STUCK in text) is bool(held)


def test_a_renaming_and_another_network_are_told_apart():
    text = " ".join(" ".join(lines(["torch", "course", "keras"], steps=[34], indices=[5])).split())
    assert (
        "the course: gamma_u is 1 - PyTorch's z. The gate is only renamed: in the weights the z rows of all four"
        in text
    )
    assert "Keras 3: z is PyTorch's z. The gate is only renamed." in text
    assert text.count("Another network:") == 1
    assert "Another network: the course resets before" in text
