"""The conventions of a page: its trees are the formulas of conventions/, and its numbers come out of them."""

import json
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from drawn import model

from chargru.conventions.authors import CONVENTIONS
from chargru.conventions.convention import NAMES, QUANTITIES
from chargru.gru.weights import unpack
from chargru.insight.trace import trace
from chargru.show.notation import Notation
from chargru.show.page.letters import conventions, tree
from chargru.show.trace import parts
from chargru.show.trace.calculation import KINDS, Unit, equations
from chargru.show.view import View

STEP, INDEX = 34, 3
FUNCTIONS = {
    "sigmoid": lambda a: (1 + np.tanh(a / 2)) / 2,
    "tanh": np.tanh,
    "1 -": lambda a: 1 - a,
    "value": lambda a: a,
}


def traced(reset="after"):
    return trace(model(layers=2, reset=reset), steps=[STEP])


def read(reset="after"):
    """As the page reads them: through JSON."""
    return {one["name"]: one for one in json.loads(json.dumps(conventions(traced(reset))))}


def evaluate(found, numbers):
    """What a tree of names comes to."""
    if isinstance(found, str):
        return numbers[found]
    operands = [evaluate(one, numbers) for one in found["operands"]]
    if found["operator"] in FUNCTIONS:
        (operand,) = operands
        return FUNCTIONS[found["operator"]](operand)
    return reduce({"+": np.add, "*": np.multiply}[found["operator"]], operands)


def written(found, t):
    """A tree in letters at step t, as the trace writes it."""
    if "letter" in found:
        name = found["letter"] + "~" * found.get("tilde", False)
        name += f"_{found['subscript']}" if "subscript" in found else ""
        if "time" not in found:
            return name
        return name + (f"<{t + found['time']}>" if found.get("angled") else f"_{t + found['time']}")
    parts = [written(one, t) for one in found["operands"]]
    brackets = [f"({part})" if "operator" in one else part for part, one in zip(parts, found["operands"], strict=True)]
    if found["operator"] in ("=", "+"):
        return f" {found['operator']} ".join(parts)
    if found["operator"] in ("*", "@"):
        return {"*": " * ", "@": " "}[found["operator"]].join(brackets)
    return f"1 - {brackets[0]}" if found["operator"] == "1 -" else f"{found['operator']}({parts[0]})"


def test_torch_is_the_first():
    assert list(read()) == list(CONVENTIONS)
    assert next(iter(read())) == "torch"


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("reset", ["after", "before"])
def test_formulas_are_those_of_the_trace(name, reset):
    found, one = read(reset)[name], CONVENTIONS[name]
    for quantity in QUANTITIES:
        assert written(found["formulas"][quantity], 34) == Notation().write(one.formula(quantity, 34, reset))
        assert written(found["letters"][quantity], 34) == str(one.symbol(quantity, 34))
    assert written(found["letters"]["x"], 7) == str(one.symbol("x", 7))
    for gate in ("r", "z", "n"):
        names = one.names(gate, 34, reset)
        assert [written(found["addends"][gate][kind], 34) for kind in KINDS] == [
            Notation().write(names[kind]) for kind in KINDS
        ]


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("reset", ["after", "before"])
def test_every_expression_of_a_calculation_gives_its_number(name, reset):
    found, view = read(reset)[name], View(CONVENTIONS[name])
    for layer in (0, 1):
        unit = Unit(traced(reset), 0, layer, INDEX, view)
        numbers = {quantity: unit.quantity(quantity) for quantity in ("r", "z", "n", "h_prev")}
        for equation, quantity in zip(equations(unit), QUANTITIES, strict=True):
            numbers |= {kind: addend.value for kind, addend in zip(KINDS, equation.addends, strict=False)}
            values = [evaluate(one, numbers) for one in found["chains"][quantity]]
            assert len(values) == len(equation.expressions)
            assert np.abs(np.array(values) - unit.quantity(quantity)).max() < 1e-15


def test_what_is_another_network_says_so_and_a_renaming_does_not():
    after, before = read("after"), read("before")
    others = {name for name, one in after.items() if one["another"]}
    assert {"course", "cho", "chung", "d2l", "lecture"} == others
    assert after["course"]["another"].startswith("Another network: the course resets before the product")
    assert before["course"]["another"] == after["torch"]["another"] == after["keras"]["another"] == ""
    assert before["torch"]["another"].startswith("Another network: PyTorch resets after the product")


def test_the_candidate_of_the_authors_own_network():
    """Given where they reset elsewhere: the formula that they have for a network that resets as theirs does."""
    for ours, theirs in (("after", "before"), ("before", "after")):
        found = read(ours)
        other = read(theirs)
        own = {name: one["own"] for name, one in found.items() if one["own"] is not None}
        assert set(own) == ({"course", "cho", "chung", "d2l"} if ours == "after" else {"torch", "lecture"})
        assert all(
            formula == other[name]["formulas"]["n"] != found[name]["formulas"]["n"] for name, formula in own.items()
        )


def test_authors_without_biases_have_this_network_where_its_biases_are_0():
    ours = model(layers=2)
    tensors = {name: value * ("bias" not in name) for name, value in ours.weights.named()}
    bare = replace(ours, weights=unpack(ours.architecture, tensors))
    found = {one["name"]: one["another"] for one in conventions(trace(bare, steps=[STEP]))}
    assert found["lecture"] == ""
    assert found["course"] != ""


@pytest.mark.parametrize("reset", ["after", "before"])
def test_notes_and_rules_are_those_of_the_trace(reset):
    for name, found in read(reset).items():
        view = View(CONVENTIONS[name])
        notes = [note.replace(": see --convention course", "") for note in parts.notes(traced(reset), view)]
        assert [note for note in (*found["notes"], found["another"]) if note] == notes
        assert found["rules"] == parts.rules(traced(reset), 0, 0, view)[1]
        assert found["meaning"] == CONVENTIONS[name].meaning
        assert found["takes"] == (name in ("course", "chung"))


def test_a_letter_is_no_name():
    """Where numbers are put in there are strings, and in letters there are none."""
    for found in read().values():
        assert all(isinstance(leaf, dict) for leaf in leaves([found["formulas"], found["addends"], found["letters"]]))
        assert {leaf for leaf in leaves(found["chains"]) if isinstance(leaf, str)} == set(NAMES)


def leaves(found):
    if isinstance(found, list):
        return [leaf for one in found for leaf in leaves(one)]
    if isinstance(found, str) or "letter" in found:
        return [found]
    return leaves(found["operands"]) if "operator" in found else leaves(list(found.values()))


def test_the_entries_of_a_symbol_that_say_nothing_are_left_out():
    torch, course = CONVENTIONS["torch"], CONVENTIONS["course"]
    assert tree(torch.symbol("z", 0)) == {"letter": "z", "time": 0}
    assert tree(torch.tensor("Wh", "n")) == {"letter": "W", "subscript": "hn"}
    assert tree(course.symbol("n", -1)) == {"letter": "c", "tilde": True, "time": -1, "angled": True}
    assert tree(0.5) == 0.5
