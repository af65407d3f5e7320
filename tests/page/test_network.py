"""The page's network against chargru's plain equations in NumPy: every gate, every probability."""

from dataclasses import replace

import carried
import drawn
import numpy as np
import pytest
from carried import READ

from chargru.gru.network import Network
from chargru.gru.weights import unpack
from chargru.insight.trace import trace
from chargru.text.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

TOLERANCE = 1e-12
KINDS = [(layers, reset) for layers in (1, 2, 3) for reset in ("after", "before")]
VALUES = ("h_prev", "r", "z", "n", "h")
ROWS = """run.layers.map((_, layer) => Object.fromEntries(["h_prev", "r", "z", "n", "h"].map((name) =>
    [name, Array.from(run.ids, (_, t) => Array.from(run.row(name, layer, t + 1)))])))"""
HELD = [
    ["z=1"],
    ["r=0.3", "2:z[1,3]=0.9@5-9"],
    ["z[2]=0.25@7", "z[2]=0.75@6-last", "z[2]=0"],
    ["r[0-3]=1", "r[2]=0.5", "1:z=0@20-30", "2:r=1@25"],
]


@pytest.fixture
def run(modules):
    return modules("run.js")


def expected(model, force=()):
    text = model.trace_text
    return trace(model.force(*force), text, steps=range(1, len(text) + 1))


def difference(layers, traced):
    pairs = zip(layers, traced.layers, strict=True)
    return max(np.abs(np.array(ours[name]) - getattr(cell, name)).max() for ours, cell in pairs for name in VALUES)


@pytest.mark.parametrize(("layers", "reset"), KINDS)
@pytest.mark.parametrize("units", [5, 48])
def test_every_value_is_that_of_the_plain_equations(run, layers, reset, units):
    model = drawn.model(units=units, layers=layers, reset=reset)
    found = run(f"{READ}.then((run) => {ROWS})", carried.reading(model))
    assert difference(found, expected(model)) < TOLERANCE


@pytest.mark.parametrize("reset", ["after", "before"])
def test_bits_and_probabilities_are_those_of_the_head(run, reset):
    model = drawn.model(units=20, layers=2, reset=reset)
    ids = model.vocabulary.encode(model.trace_text)
    network = Network(model.weights, np.float64)
    nats, _ = network.nats(ids[:-1, None], ids[1:, None], network.zero_state())
    found = run(
        f"{READ}.then((run) => [run.bits, run.nextProbabilities(9)].map((row) => [...row]))", carried.reading(model)
    )
    assert np.isnan(found[0][0])
    assert np.abs(np.array(found[0][1:]) - nats[:, 0] / np.log(2)).max() < TOLERANCE
    assert np.abs(np.array(found[1]) - trace(model, steps=[9]).next_probabilities(0)).max() < TOLERANCE


def test_probabilities_of_large_scores_do_not_overflow(run):
    model = drawn.model()
    tensors = {name: value * 3000 if name == "head.weight" else value for name, value in model.weights.named()}
    model = replace(model, weights=unpack(model.architecture, tensors))
    found = run(f"{READ}.then((run) => [...run.nextProbabilities(9)])", carried.reading(model))
    expected = trace(model, steps=[9]).next_probabilities(0)
    assert np.abs(np.array(found) - expected).max() < TOLERANCE
    assert expected.max() > 0.99


def test_without_a_head_there_are_values_and_no_bits(run):
    model = drawn.model(head=False)
    layers, bits = run(f"{READ}.then((run) => [{ROWS}, [...run.bits]])", carried.reading(model))
    assert difference(layers, expected(model)) < TOLERANCE
    assert np.isnan(bits).all()


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("force", HELD)
def test_gates_are_held_as_force_holds_them(run, reset, force):
    model = drawn.model(layers=2, reset=reset)
    found = run(f"{READ}.then((run) => {ROWS})", carried.reading(model, force=force))
    assert difference(found, expected(model, force)) < TOLERANCE
    assert difference(found, expected(model)) > 1e-3


def test_gates_that_the_network_brings_along_stay_held_and_meet_those_of_the_page(run):
    model = drawn.model(layers=2).force("z[1]=1", "r[0-2]=0.5@4-20", "z[3]=0@6")
    force = ["z[1]=0.5@9", "r=0.25", "z[3]=1@6-7"]
    for held in ([], force):
        found = run(f"{READ}.then((run) => {ROWS})", carried.reading(model, force=held))
        assert difference(found, expected(model, held)) < TOLERANCE


@pytest.mark.parametrize(("layers", "reset"), KINDS[:4])
@pytest.mark.parametrize("force", [[], ["z[2]=0.5@9", "r=1"]])
def test_terms_are_the_addends_of_the_calculation(run, layers, reset, force):
    model = drawn.model(layers=layers, reset=reset)
    read = f"{READ}.then((run) => run.network.terms(run, {layers - 1}, 9, 2))"
    found = run(read, carried.reading(model, force=force))
    terms = trace(model.force(*force), steps=[9]).layers[-1].terms
    product = {"r": "W_hr h", "z": "W_hz h", "n": "W_hn h" if reset == "after" else "W_hn (r * h)"}
    for gate, addends in found.items():
        names = {"Wx": f"W_i{gate} x", "bx": f"b_i{gate}", "Wh": product[gate], "bh": f"b_h{gate}"}
        for short, name in names.items():
            assert addends[short] == pytest.approx(terms[name][0, 2], abs=TOLERANCE), (gate, short)


def test_single_steps_come_to_the_same_as_the_whole_text(run):
    model = drawn.model(layers=2, reset="before")
    steps = """(() => {
        const network = Network.read(data.network, data.weights);
        const forces = data.force.map((written) => parseForce(written, network));
        let states = network.zeroState();
        const found = [];
        network.encode(data.text).forEach((id, t) => {
            states = network.step(id, states, forces, t + 1).map((cell) => cell.h);
            found.push(states.map((h) => Array.from(h)));
        });
        return [found, Array.from(network.logProbabilities(states[1]))];
    })()"""
    force = ["1:z[1]=0.5@9-12"]
    found, logs = run(steps, carried.reading(model, force=force))
    traced = expected(model, force)
    for layer in range(2):
        assert np.abs(np.array([row[layer] for row in found]) - traced.layers[layer].h).max() < TOLERANCE
    last = len(traced.text) - 1
    assert np.abs(np.array(logs) - np.log(traced.next_probabilities(last))).max() < TOLERANCE


def test_weights_of_16_bits_are_read_as_they_were_rounded(run):
    model = drawn.model(layers=2).force("z[1]=1")
    rounded = replace(model, weights=model.weights.astype(np.float16).astype(np.float32))
    found = run(f"{READ}.then((run) => {ROWS})", carried.reading(model) | carried.network(model, "float16"))
    assert difference(found, expected(rounded)) < TOLERANCE
    assert difference(found, expected(model)) > 1e-5


def test_a_character_that_the_network_lacks_is_named(run):
    with pytest.raises(Exception, match=r'"ж" \(U\+0436\), character 3 of the text, is not among the 6 characters'):
        run(READ, carried.reading(drawn.model("The ca"), "Thж"))


def test_the_unknown_symbol_reads_every_other_character(run):
    vocabulary = Vocabulary((None, *"abcd"))
    model = replace(drawn.model("abcde"), vocabulary=vocabulary, trace_text="ab😀d\ud800a")
    found = run(f"{READ}.then((run) => [...run.ids])", carried.reading(model, "ab😀dz"))
    assert found == [1, 2, 0, 4, 0]


def test_weights_that_do_not_fit_are_refused(run):
    data = carried.reading(drawn.model())
    with pytest.raises(Exception, match="weights instead of"):
        run(READ, data | {"weights": carried.base64_of(np.zeros(7), "<f4")})
