"""What a page explores: the values that it carries are the run's own, and what it cannot hold is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.errors import SettingError, StepError, TextError, UnknownCharacterError
from chargru.gru.weights import Architecture, unpack
from chargru.insight.exploration import GIVEN_BYTES, MOST_GIVEN, _steps, explore
from chargru.insight.trace import VALUES, trace
from chargru.model import Model, read_model
from chargru.run import METRICS, TRAINING
from chargru.show.formats import show
from chargru.text.vocabulary import Vocabulary


@pytest.mark.parametrize(("layers", "reset"), [(1, "after"), (2, "before")])
def test_the_values_are_those_of_a_trace(layers, reset):
    found = explore(model(layers=layers, reset=reset))
    every = trace(model(layers=layers, reset=reset), steps=range(1, len(TEXT) + 1))
    rows = np.array(found.given.steps) - 1
    for ours, theirs in zip(found.given.layers, every.layers, strict=True):
        for name in VALUES:
            np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name)[rows])


@pytest.mark.parametrize("layers", [1, 2])
def test_bits_are_what_the_head_gave_one_step_before(layers):
    found = explore(model(layers=layers), TEXT[:30])
    assert found.given.steps == tuple(range(1, 31))
    every = trace(model(layers=layers), TEXT[:30], steps=range(1, 31))
    expected = [-np.log2(every.probability_of_next(position)) for position in range(29)]
    assert np.isnan(found.bits[0])
    assert np.abs(found.bits[1:] - expected).max() < 1e-12


def test_a_network_without_a_head_gives_no_bits():
    assert np.isnan(explore(model(head=False)).bits).all()


def test_steps_are_spaced_evenly_up_to_the_last_and_the_first_one_shown_is_among_them():
    long = explore(model(), (TEXT * 8)[:620], steps=620).given.steps
    assert len(long) == MOST_GIVEN
    assert (long[0], long[-1]) == (20, 620)
    assert set(np.diff(sorted({*long} - {34}))) == {20}
    assert 34 in long
    wide = explore(model(units=200)).given.steps
    assert wide == (16, 33, 34, 50, 67, 84)
    assert len(wide) * 200 * len(VALUES) * 8 <= GIVEN_BYTES
    assert explore(model(units=700)).given.steps == (34, 84)
    short = explore(model(), "The")
    assert (short.given.steps, short.first_step) == ((1, 2, 3), 3)
    assert explore(model(), "T").given.steps == (1,)


def test_gates_held_are_said_and_do_not_change_the_values():
    found = explore(model(), force=[" z[2, 3]=1 ", "r=0.50@3-last"])
    assert found.held == ("z[2,3]=1", "r=0.5@3-last")
    np.testing.assert_array_equal(found.given.h, explore(model()).given.h)
    of_a_held_model = explore(model().force("z=0"), force=["r=1"])
    assert of_a_held_model.held == ("r=1",)
    assert np.abs(of_a_held_model.given.z).max() == 0


def test_a_gate_held_beyond_the_text_or_the_page_is_refused():
    with pytest.raises(StepError, match=r"^'z=0@85' names a step that is not there: it has 84 steps$"):
        explore(model(), force=["z=0@85"], where="it")
    with pytest.raises(StepError, match=r"^'z=0@41' names a step that is not there: the page has 40 steps$"):
        explore(model(), force=["z=0@41"], where="it", steps=40)


def test_a_text_is_cut_to_its_first_characters():
    found, counted = explore(model(), TEXT * 20, where="it"), []
    assert (found.text, found.length, found.where) == ((TEXT * 20)[:512], 20 * len(TEXT), "it")
    assert explore(model(), TEXT * 20, steps=600, on_step=lambda: counted.append(1)).text == (TEXT * 20)[:600]
    assert len(counted) == 600
    assert explore(model()).text == TEXT


def test_a_text_that_cannot_be_read_is_refused():
    with pytest.raises(TextError, match=r"^it is empty$"):
        explore(model(), "", where="it")
    with pytest.raises(UnknownCharacterError, match="it, line 1, column 5"):
        explore(model(), "The Q", where="it")


@pytest.mark.parametrize("steps", [0, -3, 4001])
def test_steps_have_a_limit(steps):
    with pytest.raises(SettingError, match=rf"^`steps` is {steps}, but it must be from 1 to 4,000$"):
        explore(model(), steps=steps)


@pytest.mark.parametrize("steps", ["9", 2.5, True])
def test_steps_are_a_whole_number(steps):
    with pytest.raises(SettingError, match=r"^`steps` is .*, but it must be a whole number$"):
        explore(model(), steps=steps)


def large(units, layers=1):
    """A model whose weights take no time to make: all of one value."""
    vocabulary = Vocabulary.from_text("ab")
    architecture = Architecture(len(vocabulary), units, layers, "after", head=True)
    tensors = {name: np.full(shape, 0.01, np.float32) for name, shape in architecture.shapes().items()}
    return Model(vocabulary, unpack(architecture, tensors), trace_text="ab" * 2000)


def test_a_large_network_has_fewer_steps():
    with pytest.raises(SettingError) as error:
        explore(large(500, 2), steps=2001)
    assert error.value.message == "2,001 steps of 1,000 units are more than a page can compute quickly"
    assert error.value.hint == "give `steps` of at most 2,000"
    assert _steps(None, Architecture(2, 20, 250)) == 400
    assert _steps(None, Architecture(2, 3000, 1000)) == 1


def test_weights_have_a_limit():
    with pytest.raises(SettingError) as error:
        explore(large(1500))
    assert error.value.message == "the network has 6,771,002 weights, but a page can hold 6,000,000 in four bytes each"
    assert error.value.hint == "give `half=True`: two bytes each"
    assert explore(large(1500), "ab", half=True).half
    for half in (False, True):
        with pytest.raises(SettingError) as error:
            explore(large(2100), half=half)
        assert error.value.hint == "choose a run of fewer units or layers"
    assert error.value.message == "the network has 13,259,402 weights, but a page can hold 12,000,000 in two bytes each"


def with_a_weight_of(size):
    ours = model()
    tensors = dict(ours.weights.named())
    tensors["gru.bias_ih_l0"] = np.full_like(tensors["gru.bias_ih_l0"], -size)
    return replace(ours, weights=unpack(ours.architecture, tensors))


def test_what_two_bytes_cannot_hold_is_refused():
    assert explore(with_a_weight_of(65504.0), half=True).half
    with pytest.raises(SettingError) as error:
        explore(with_a_weight_of(65536.0), half=True)
    assert error.value.message == "a weight is as large as 65,536, but two bytes hold at most 65,504"
    assert error.value.hint == "leave `half=True` out"
    assert not explore(with_a_weight_of(65536.0)).half


def test_the_run_and_its_curve(tiny_run):
    (tiny_run / METRICS).write_text(json.dumps({"update": 3, "train_bpc": 2.5, "learning_rate": 0.1}) + "\n")
    found = explore(read_model(tiny_run))
    assert (found.run.checkpoint, found.run.state, found.run.hidden_size) == (str(tiny_run), "model only", 5)
    assert (found.curve.update, found.curve.train_bpc, found.curve.val_bpc) == ((3,), (2.5,), (None,))
    (tiny_run / METRICS).unlink()
    assert explore(read_model(tiny_run)).curve is None
    assert explore(model()).run is None


def test_a_run_whose_files_can_no_longer_be_read_is_explored_all_the_same(tiny_run):
    read = read_model(tiny_run)
    (tiny_run / TRAINING).write_bytes(b"nothing")
    assert explore(read).run is None


def test_what_print_says():
    lines = str(explore(model(layers=2), force=["r=1"], steps=40)).splitlines()
    assert lines[0] == "A page that explores a network: 2 layers of 6 units, on 40 characters, the first of 84."
    assert lines[1] == "It opens with these gates held: r=1."
    assert str(explore(model(units=1), "T")).startswith("A page that explores a network: 1 layer of 1 unit, on 1 char")


def test_the_way_to_write_it_works(tmp_path, monkeypatch):
    import pathlib

    import chargru

    monkeypatch.chdir(tmp_path)
    page = explore(model())
    exec(str(page).splitlines()[-1].strip(), {"pathlib": pathlib, "chargru": chargru, "page": page})
    assert (tmp_path / "explorer.html").read_text(encoding="utf-8") == show(page, "html")
