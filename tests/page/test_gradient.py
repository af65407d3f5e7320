"""Gradients by lag of the page against those that chargru measures, through layers, gates held and tiny numbers."""

from dataclasses import replace

import autograd
import carried
import numpy as np
import pytest
from carried import READ

from chargru.gru.weights import rows, unpack
from chargru.insight import backward
from chargru.insight.gradient import gradient

pytestmark = pytest.mark.slow

TEXT = autograd.random_text(40)
KINDS = [(layers, reset) for layers in (1, 2, 3) for reset in ("after", "before")]
HELD = [["z[1,3]=0.5"], ["1:z=0@20-25", "2:r[0]=0.5"], ["r=1", "z=0"], ["r=0@7-last", "2:z=1@30"], ["z=0", "r=0"]]


@pytest.fixture
def run(modules):
    return modules("run.js", "gradient.js")


def sizes(run, model, text, t, force=()):
    """What the page finds, by lag."""
    read = f"{READ}.then(async (run) => [...await sizesByLag(run.network, run, {t})])"
    return np.array(run(read, carried.reading(model, text, force)))[::-1]


def assert_equal(run, model, text, t, force=()):
    expected = gradient(model, text, lags=[t], positions=[t], force=force).whole.log10[0]
    np.testing.assert_allclose(sizes(run, model, text, t, force), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("layers", "reset"), KINDS)
def test_sizes_are_those_of_the_whole_stack(run, layers, reset):
    for t in (1, 2, 39):
        assert_equal(run, autograd.model(layers, reset), TEXT, t)


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("force", HELD)
def test_a_gate_that_is_held_is_a_constant(run, reset, force):
    assert_equal(run, autograd.model(2, reset), TEXT, 39, force)


def test_a_gate_that_the_network_holds_itself_is_a_constant(run):
    model = autograd.model(2).force("z[1,3]=0.5", "r=0.25@9-20")
    assert_equal(run, model, TEXT, 39)
    assert_equal(run, model, TEXT, 39, ["z[2]=1@12"])


def test_exact_zeros_are_minus_infinity(run):
    model = autograd.model()
    cut = ["z=0", "r=0"]  # with W_hn taken away by r and the old state by z, nothing goes back
    found = sizes(run, model, TEXT, 9, cut)
    assert found[0] == 0
    assert (found[1:] == -np.inf).all()


def saturated(model, bias, gates="rz"):
    """Gates pushed to one side by their biases, not held: their derivatives are tiny and not 0."""
    tensors = {name: value.copy() for name, value in model.weights.named()}
    for layer in range(model.architecture.layers):
        name = model.architecture.layer_names(layer)[2]
        for gate in gates:
            tensors[name][rows(gate, model.architecture.hidden_size)] += bias
    return replace(model, weights=unpack(model.architecture, tensors))


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("bias", [45, -45])
def test_nothing_is_lost_where_gates_are_all_but_0_or_1(run, reset, bias):
    assert_equal(run, saturated(autograd.model(2, reset), bias), TEXT, 39)


@pytest.mark.parametrize("bias", [45, -45])
def test_nothing_is_lost_where_the_candidate_is_all_but_1(run, bias):
    model = saturated(autograd.model(2), bias, "n")
    assert_equal(run, model, TEXT, 39, ["z=0"])
    assert sizes(run, model, TEXT, 9, ["z=0"])[-1] < -100


GATES = """.then((run) => run.layers.map((_, layer) => Array.from(run.ids, (_, t) => {
    const room = new GradientRoom(run.H);
    gradientOfGates(run, layer, t + 1, new Float64Array(run.H).fill(1), null, room);
    return [room.da_z, room.da_n, room.ar].map((row) => [...row]);
})))"""


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize(("gates", "bias"), [("rz", 45), ("rz", -45), ("n", 45), ("zn", 45)])
def test_small_derivatives_keep_their_digits(run, reset, gates, bias):
    model = saturated(autograd.model(2, reset), bias, gates)
    found = np.array(run(READ + GATES, carried.reading(model, TEXT)))
    for layer, own in enumerate(backward.record(model, TEXT).derivatives):
        for number, name in enumerate(("az", "an", "ar")):
            expected = getattr(own, name)
            assert np.abs(found[layer, :, number] - expected).max() <= 1e-10 * np.abs(expected).max()


def test_what_parts_a_state_from_a_candidate_that_is_all_but_1_keeps_its_digits(run):
    found = run("[[1, 20], [-1, -20], [0.25, 0.3], [0.5, 4]].map(([h, a]) => gradientMinusTanh(h, a))")
    tiny = 2 * np.exp(-40) / (1 + np.exp(-40))
    assert found == pytest.approx([tiny, -tiny, 0.25 - np.tanh(0.3), 0.5 - np.tanh(4)], rel=1e-14, abs=0)


def test_nothing_underflows_over_many_steps(run):
    model, text = saturated(autograd.model(), -45), autograd.random_text(120)
    assert_equal(run, model, text, 110)
    assert sizes(run, model, text, 110)[-1] < -1000


def test_without_a_next_character_or_a_head_there_is_no_loss(run):
    assert np.isnan(sizes(run, autograd.model(), TEXT, 40)).all()
    assert np.isnan(sizes(run, autograd.model(head=False), TEXT, 9)).all()


def test_it_is_cancelled(run):
    read = f"{READ}.then((run) => sizesByLag(run.network, run, 9, {{ signal: AbortSignal.abort() }}))"
    with pytest.raises(Exception, match="aborted"):
        run(read, carried.reading(autograd.model(), TEXT))
