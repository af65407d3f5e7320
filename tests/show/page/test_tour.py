"""What the stops of the tour say is so, number by number."""

import re
from urllib.parse import parse_qs

import pytest

import chargru
from chargru.insight.exploration import explore
from chargru.show.page.tour import LONGEST, STOPS, stops

HELD = "r[38]=1@79"


@pytest.fixture(scope="module")
def model():
    return chargru.load("cats")


@pytest.fixture(scope="module")
def traced(model):
    return chargru.trace(model, steps=range(1, len(model.trace_text) + 1))


def at(trace, quantity, step, index):
    """A number as a sentence shows it."""
    return f"{getattr(trace, quantity)[step - 1, index]:z.2f}"


def view(stop):
    return {key: values[0] for key, values in parse_qs(stop.view).items()}


def numbers(sentence):
    return set(re.findall(r"-?\d+\.\d\d", sentence))


def test_keeps(traced):
    stop = STOPS[0]
    assert (view(stop)["step"], view(stop)["index"]) == ("49", "38")
    assert [at(traced, name, 49, 38) for name in ("n", "h", "z")] == ["-0.53", "0.62", "1.00"]
    assert numbers(stop.first) == {"-0.53", "0.62", "1.00"}
    assert (traced.z[:, 38] > 0.9).mean() > 0.9


def test_replaced(traced):
    stop = STOPS[1]
    assert (view(stop)["step"], view(stop)["index"]) == ("48", "24")
    assert [at(traced, name, 48, 24) for name in ("z", "h_prev", "n")] == ["0.00", "1.00", "-1.00"]
    assert numbers(stop.first) == {"0.00", "1.00", "-1.00"}
    assert (traced.z[:, 24] < 0.1).mean() > 0.9


def test_reset_gate_closed(model, traced):
    stop = STOPS[2]
    assert (view(stop)["step"], view(stop)["index"]) == ("79", "38")
    assert model.trace_text[72:79] == "horses,"
    assert [at(traced, name, 79, 38) for name in ("r", "n")] == ["0.00", "-0.26"]
    forced = chargru.trace(model, steps=[79], force=[HELD])
    assert f"{forced.n[0, 38]:.2f}" == "0.82"
    assert numbers(stop.first) | numbers(stop.second) == {"0.00", "-0.26", "0.82"}


def test_where_it_comes_from(model, traced):
    stop = STOPS[3]
    assert view(stop) == {"step": "132", "index": "38", "gate": "h"}
    text = model.trace_text
    assert (text[68:79], text[131:135], text[78], 132 - 79) == ("The horses,", "were", ",", 53)
    assert "dog" in text[79:131]
    assert "empty gate" in text[79:131]
    ledger = chargru.ledger(model, step=132, indices=[38])
    assert f"{ledger.shares[79, 38]:.0%}" == "93%"
    h = traced.h[:, 38]
    assert min(h[2:8]) > 0.5  # "The cat," and what follows to the verb
    assert min(h[8:59]) > 0.5
    assert min(h[70:78]) > 0.5  # "The horses" still begins as one
    assert max(h[78:132]) < -0.1
    assert traced.likeliest(131)[0][0] == "e"
    assert traced.likeliest(58)[0][0] == "a"


def test_broken(model, traced):
    stop = STOPS[4]
    assert view(stop) == {"step": "132", "index": "38", "hold": HELD}
    forced = chargru.trace(model, steps=range(1, 133), force=[HELD])
    assert [f"{one.n[78, 38]:.2f}" for one in (traced, forced)] == ["-0.26", "0.82"]
    assert forced.z[79:132, 38].min() > 0.9
    assert f"{traced.probability_of_next(131):.0%} {forced.probability_of_next(131):.0%}" == "99% 0%"
    assert forced.likeliest(131)[0][0] == "a"


def test_letters(traced):
    stop = STOPS[5]
    assert view(stop) == {"step": "79", "index": "38", "letters": "course"}
    assert [at(traced, "z", 79, 38), f"{1 - traced.z[78, 38]:.2f}"] == ["0.01", "0.99"]
    assert numbers(stop.first) == {"0.01", "0.99"}


def test_each_says_two_things_of_a_step_that_the_shortest_page_has():
    for stop in STOPS:
        assert int(view(stop)["step"]) <= LONGEST
        assert all(sentence.endswith(".") for sentence in (stop.first, stop.second))


def test_the_tour_is_of_the_bundled_run_and_its_text(model):
    text = model.trace_text
    assert [stop["title"] for stop in stops(explore(model))] == [stop.title for stop in STOPS]
    assert len(stops(explore(model, text[:LONGEST]))) == len(STOPS)
    for other in (
        explore(model, text[: LONGEST - 1]),
        explore(model, text.replace("horses", "horse")),
        explore(model, force=["z=1"]),
        explore(chargru.load("cats-rnn"), text),
        explore(model, half=True),
    ):
        assert stops(other) == []
