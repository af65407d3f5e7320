"""The authors and their table: who has which network."""

import json
from typing import get_args

import numpy as np

from chargru.conventions import authors as conventions
from chargru.conventions.authors import CONVENTIONS, LECTURE, ONNX, TABLE, ConventionList
from chargru.gru import cell
from chargru.gru.weights import LayerWeights
from chargru.show.formats import show


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def test_every_name_has_its_convention():
    assert {name: convention.name for name, convention in CONVENTIONS.items()} == {
        name: name for name in get_args(conventions.Name)
    }


def test_who_is_another_network():
    """By the manuals and papers: which placements each can give; lecture, cho and chung have no biases."""
    renamings = {
        "after": {"torch", "keras", "onnx", "lecture"},
        "before": {"course", "cho", "chung", "keras", "onnx", "d2l"},
    }
    for reset, names in renamings.items():
        assert {name for name, one in CONVENTIONS.items() if not one.another_network(reset, b_hn=False)} == names
        with_b_hn = {name for name, one in CONVENTIONS.items() if not one.another_network(reset)}
        assert with_b_hn == names - {"lecture"}
        above = {name for name, one in CONVENTIONS.items() if not one.another_network(reset, b_hn=False, above=True)}
        assert above == names - {"lecture", "cho", "chung"}
    assert "the lecture has no b_hn" in LECTURE.another_network("after")


def test_the_table_agrees_with_the_conventions():
    for row in TABLE:
        if row.name is not None:
            convention = CONVENTIONS[row.name]
            assert (row.z_multiplies == "candidate") == convention.takes
            assert row.reset in (*convention.resets, "either")
            for reset in ("after", "before"):
                if not convention.another_network(reset, b_hn=False) and row.reset in (reset, "either"):
                    expected = "sign" if convention.takes else "b_hn" if row.name == "lecture" else "same"
                    assert row.on(reset) == expected
                else:
                    assert row.on(reset) == "other"


def test_the_list_says_where_biases_decide():
    """The rows without biases, and no others, lead to the note on layers above the first."""
    marked = {row.name for row in TABLE if "3)" in row.who}
    assert marked == {row.name for row in TABLE if row.biases == "none"} == {"lecture", "cho", "chung"}
    assert {name for name, one in CONVENTIONS.items() if one.biases == "none"} == marked
    assert "a network of more layers is another one unless its biases there are 0" in conventions.NOTES[-1]
    assert max(map(len, show(ConventionList()).splitlines())) <= 80
    assert json.loads(show(ConventionList(), "json"))["notes"] == list(conventions.NOTES)


def test_every_convention_stands_in_the_table():
    assert {row.name for row in TABLE} - {None} == set(CONVENTIONS)
    assert len(TABLE) == 13


def test_onnx_by_its_reference_formulas():
    """The manual's Zt, Rt, ht, Ht with linear_before_reset = 1, on weights packed z, r, h."""
    H, V = 5, 7
    draw = np.random.default_rng(5).normal
    W, R = draw(size=(3 * H, V)), draw(size=(3 * H, H))
    Wb, Rb, x, h = draw(size=3 * H), draw(size=3 * H), draw(size=V), np.tanh(draw(size=H))
    z = sigmoid(W[:H] @ x + R[:H] @ h + Wb[:H] + Rb[:H])
    r = sigmoid(W[H : 2 * H] @ x + R[H : 2 * H] @ h + Wb[H : 2 * H] + Rb[H : 2 * H])
    candidate = np.tanh(W[2 * H :] @ x + r * (R[2 * H :] @ h + Rb[2 * H :]) + Wb[2 * H :])
    order = [*range(H, 2 * H), *range(H), *range(2 * H, 3 * H)]
    found = cell.step(LayerWeights(W[order], R[order], Wb[order], Rb[order]), x, h)
    assert np.abs(found.h - ((1 - z) * candidate + z * h)).max() < 1e-15
    assert ONNX.value("z", found.z) is found.z
