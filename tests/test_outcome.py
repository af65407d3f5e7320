"""What the losses of a run say of it: learned by heart, diverged or nothing; the patience that would have helped."""

import pytest

from chargru.outcome import Validated, overfitting


def rows(*losses, train=None, every=10):
    """A validation every so many updates; the training loss falls with each unless it is given."""
    train = [4.0 * 0.8**at for at in range(len(losses))] if train is None else train
    return [Validated(every * (at + 1), *both) for at, both in enumerate(zip(train, losses, strict=True))]


def said(validated, hidden_size=64, characters=2_700, **word):
    return overfitting(validated, hidden_size=hidden_size, characters=characters, **word)


RISING = [4.0, 3.5, 3.4, *(3.5 + 0.1 * at for at in range(27))]


def test_a_text_learned_by_heart():
    assert said(rows(*RISING)) == (
        "best at update 30 of 300; after it the model learned the text by heart\n"
        "more text helps most; patience=5 would have stopped at update 80"
    )


def test_a_network_much_too_large_is_told_the_size():
    word = {"word": lambda name, value: f"--{name} {value}"}
    advice = said(rows(*RISING), hidden_size=512, **word).split("\n")[1]
    assert advice == "try --hidden_size 64, or more text; --patience 5 would have stopped at update 80"
    assert "hidden_size" not in said(rows(*RISING), hidden_size=512, characters=250_000)


def test_the_patience_outlasts_every_wait_before_the_best():
    """Six validations without a new best lie before it, so that patience=6 would have missed it."""
    waits = [3.9, *[4.0] * 6, 3.5, *[3.8 + 0.01 * at for at in range(30)]]
    assert said(rows(*waits)).endswith("patience=8 would have stopped at update 160")


def test_no_patience_is_offered_that_would_have_saved_little():
    short = [4.0, 3.4, 3.6, 3.7, 3.8, 3.9, 4.0, 4.1]
    assert said(rows(*short)).split("\n")[1] == "more text helps most"


@pytest.mark.parametrize("train", [[3.0] * 30, [None] * 30, [3.0] * 29 + [2.8]])
def test_by_heart_is_said_only_where_the_training_loss_went_on_falling(train):
    assert said(rows(*RISING, train=train)).split(";")[1] == (
        " after it the validation loss rose\ntry a smaller learning rate"
    )


@pytest.mark.parametrize(
    "losses",
    [
        [],
        [4.0],
        [4.0, 3.5, 3.0, 2.5, 2.4, 2.3],
        [4.0, 3.9, 3.8, 3.7, 3.6, 3.5, 3.4, 3.3, 3.6, 3.8],
        [4.0, 3.0, *[3.05] * 20],
    ],
    ids=["not validated", "once", "falls to the end", "best at 8 of 10", "level"],
)
def test_of_the_others_nothing_is_said(losses):
    assert said(rows(*losses)) is None
