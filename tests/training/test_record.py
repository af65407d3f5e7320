"""What a session writes: the model's document and the last state, and a damaged one read."""

import pytest
from sessions import SMALL, TEXT, change_state, train

from chargru import run
from chargru.engine.native import precision
from chargru.errors import DamagedRunError
from chargru.model import MODEL, read_model
from chargru.training import begin
from chargru.training.settings import Budget


def test_the_same_training_writes_the_same_model_bytes(tmp_path, text):
    for out in ("one", "two"):
        begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=str(tmp_path / out))
    assert (tmp_path / "one" / MODEL).read_bytes() == (tmp_path / "two" / MODEL).read_bytes()


def test_the_trace_text_is_the_start_of_the_validation_split(tmp_path):
    long = "".join(chr(97 + i * i % 23) for i in range(8000))
    (tmp_path / "long.txt").write_text(long)
    begin.start([str(tmp_path / "long.txt")], settings=SMALL, budget=Budget("updates", 1), out=str(tmp_path / "run"))
    model = read_model(tmp_path / "run")
    assert model.trace_text == long[7200 : 7200 + 512]
    assert model.trained["text"]["split"] == 7200


def test_a_short_split_starts_the_trace_text_earlier(tmp_path, text):
    train(text, tmp_path / "run", 1)
    assert read_model(tmp_path / "run").trace_text == TEXT[-512:]


def test_the_run_records_the_precision_that_was_used(tmp_path, text):
    train(text, tmp_path / "run", 2)
    assert SMALL.precision == "auto"
    assert read_model(tmp_path / "run").trained["precision"] == precision.resolve("auto", SMALL.hidden_size)
    assert run.read_training(tmp_path / "run")[0]["precision"] == precision.resolve("auto", SMALL.hidden_size)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("position", "index", 10**6),
        ("position", "updates", "x"),
        ("position", "seconds", None),
        ("settings", "hidden_size", 8.5),
        ("text", "split", -5),
    ],
)
def test_a_damaged_state_is_named(text, tmp_path, part, name, value):
    train(text, "run")
    change_state(tmp_path / "run", lambda document, _: document[part].update({name: value}))
    with pytest.raises(DamagedRunError):
        begin.resume("run", budget=Budget("updates", 9))


def test_lost_moments_are_damage(text, tmp_path):
    train(text, "run")

    def lose(_document, tensors):
        for key in [key for key in tensors if key.startswith("optimiser")]:
            del tensors[key]

    change_state(tmp_path / "run", lose)
    with pytest.raises(DamagedRunError, match=r"optimiser\.exp_avg\.gru\.bias_hh_l0 is missing"):
        begin.resume("run", budget=Budget("updates", 9))
