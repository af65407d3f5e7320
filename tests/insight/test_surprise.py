"""The surprise of each character: against one step after another in float64, and against the score of `evaluate`."""

import dataclasses
import hashlib
import itertools

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled, scoring
from chargru.errors import TextError, UnknownCharacterError
from chargru.gru.network import advance, log_softmax
from chargru.insight.surprise import Word, hardest, surprise
from chargru.model import read_model
from chargru.scoring import evaluate
from chargru.text.source import Source
from chargru.text.vocabulary import Vocabulary

LONG = TEXT * 30


def stepwise(drawn, text):
    """-log2 p of characters 2..N, one step of the plain equations after another."""
    weights = drawn.weights.astype(np.float64)
    weight, bias = weights.head
    ids = drawn.vocabulary.encode(text)
    states = [np.zeros(weights.architecture.hidden_size) for _ in weights.layers]
    bits = []
    for now, following in itertools.pairwise(ids):
        states = [step.h for step in advance(weights, now, states)]
        bits.append(-log_softmax(weight @ states[-1] + bias)[following] / np.log(2.0))
    return np.array(bits)


@pytest.mark.parametrize("text", [TEXT, LONG])
@pytest.mark.parametrize("drawn", [model(TEXT), model(TEXT, layers=2, reset="before")])
def test_every_character_has_its_own_bits(drawn, text):
    """The long text is read in lanes side by side, each of which reads some characters that are not its own."""
    found = surprise(drawn, text)
    assert found.text == text
    assert np.isnan(found.bits[0])
    assert np.abs(found.bits[1:] - stepwise(drawn, text)).max() < 1e-4  # float32
    assert abs(found.bits[1:].mean() - found.evaluation.val_bpc) < 1e-9
    assert found.evaluation == evaluate(drawn, text)


def test_a_memory_that_outlasts_the_warm_up_is_read_again():
    drawn = model(TEXT).force("z=0.999")
    found = surprise(drawn, LONG)
    assert found.evaluation.reread > 0
    assert abs(found.bits[1:].mean() - found.evaluation.val_bpc) < 1e-9
    assert np.abs(found.bits[1:] - stepwise(drawn, LONG)).max() < 1e-3


def test_windows_and_gates_that_are_held():
    drawn = model(TEXT)
    found = surprise(drawn, TEXT, window=10, force=["r=0"])
    held = drawn.force("r=0")
    expected = np.concatenate([stepwise(held, TEXT[at : at + 11]) for at in range(0, len(TEXT) - 1, 10)])
    assert np.abs(found.bits[1:] - expected).max() < 1e-4
    assert abs(found.bits[1:].mean() - found.evaluation.val_bpc) < 1e-9
    assert found.evaluation == evaluate(drawn, TEXT, window=10, force=["r=0"])


def test_by_the_layer_that_training_uses(monkeypatch):
    drawn = model(TEXT)
    plainly = surprise(drawn, LONG)
    monkeypatch.setattr(scoring, "LONG", 0)
    assert np.abs(surprise(drawn, LONG).bits[1:] - plainly.bits[1:]).max() < 1e-4


def test_what_the_model_does_not_know_is_left_out_and_stays_in_the_text():
    drawn = model(TEXT)
    found = surprise(drawn, "Thé cΩats", unknown="skip")
    assert (found.text, found.left_out, found.evaluation.skipped) == ("Thé cΩats", (2, 5), 2)
    scored = ~np.isnan(found.bits)
    assert np.flatnonzero(~scored).tolist() == [0, 2, 5]
    assert np.abs(found.bits[scored] - stepwise(drawn, "Th cats")).max() < 1e-4
    with pytest.raises(UnknownCharacterError, match="line 1, column 3"):
        surprise(drawn, "Thé")


def test_a_first_character_that_is_left_out():
    found = surprise(model(TEXT), "ΩThe", unknown="skip")
    assert np.isnan(found.bits).tolist() == [True, True, False, False]


def test_the_unknown_symbol_is_scored_where_the_vocabulary_has_one():
    drawn = model(TEXT)
    characters = (None, *drawn.vocabulary.characters[1:])
    found = surprise(dataclasses.replace(drawn, vocabulary=Vocabulary(characters)), "TheΩcat")
    assert found.left_out == ()
    assert not np.isnan(found.bits[1:]).any()
    assert abs(found.bits[1:].mean() - found.evaluation.val_bpc) < 1e-9


def test_the_validation_split_has_no_character_of_the_training_text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    source = Source((str(path),), "utf-8", hashlib.sha256(TEXT.encode()).hexdigest(), len(TEXT), 60)
    drawn = dataclasses.replace(model(TEXT), trained={"text": source.to_document()})
    found = surprise(drawn)
    assert found.text == TEXT[60:]
    assert np.abs(found.bits - stepwise(drawn, TEXT[59:])).max() < 1e-4


def test_several_texts_are_one():
    drawn = model(TEXT)
    both = surprise(drawn, [("The cat", "a"), (" was", "b")])
    assert both.text == "The cat was"
    assert np.abs(both.bits[1:] - stepwise(drawn, "The cat was")).max() < 1e-4
    with pytest.raises(TextError, match="nothing to score"):
        surprise(drawn, "T")


def test_the_bundled_run_is_surprised_where_a_word_begins():
    found = surprise(read_model(bundled.run_path()), "The cats were full.")
    assert found.text[int(np.nanargmax(found.bits))] == "c"
    assert [word.word for word in found.words] == ["cats", "full", "were"]  # not The: it is not scored whole


def test_words_by_what_they_take_on_average():
    text = "ab don't ab x_1"
    bits = np.array([np.nan, 1, 0, 1, 1, 1, 5, 1, 0, 4, 2, 0, 1, 0, 1])
    words = hardest(text, bits)
    assert words == [Word("don't", 1, 9.0), Word("ab", 1, 6.0), Word("x_1", 1, 2.0)]
    bits[0] = 1
    assert hardest(text, bits)[1] == Word("ab", 2, 8.0)
    assert (Word("ab", 2, 8.0).bits_each, Word("ab", 2, 8.0).bits_per_character) == (4.0, 2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Γιατί η γάτα;", ["Γιατί", "η", "γάτα"]),
        ("猫は3匹。", ["猫", "は", "3", "匹"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("e\u0301te\u0301 - rock\u2019n\u2019roll's'", ["e\u0301te\u0301", "rock\u2019n\u2019roll's"]),
        ("]^-\\ ...", []),
    ],
)
def test_words_of_any_script(text, words):
    found = hardest(text, np.arange(len(text), 0.0, -1.0))
    assert {word.word for word in found} == set(words)


def test_on_how_few_characters_half_of_all_bits_fall():
    found = surprise(model(TEXT), TEXT)
    for bits, share in (([np.nan, 8.0, 1.0, 1.0, 1.0], 0.25), ([1.0, 1.0, 1.0, 1.0], 0.5), ([0.0, 0.0], 0.5)):
        assert dataclasses.replace(found, bits=np.array(bits)).half == share
