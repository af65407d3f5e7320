"""`evaluate`: what it scores, against `evaluation.score` on the ids; what it says and refuses."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

from chargru import bundled
from chargru.errors import RunError, SettingError, StepError, TextError, UnknownCharacterError
from chargru.evaluation import score, score_windows, windows_of
from chargru.gru.network import Network
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.model import read_model
from chargru.scoring import VALIDATION, Figures, evaluate
from chargru.show.formats import show
from chargru.text.source import Source

MODEL = model(TEXT)
IDS = MODEL.vocabulary.encode(TEXT)


def test_a_text_is_scored_as_one_stream():
    found, expected = evaluate(MODEL, TEXT), score(Network(MODEL.weights), IDS)
    assert (found.text, found.window, found.characters, found.skipped) == ("the text", None, len(TEXT) - 1, 0)
    assert abs(found.val_nats - expected.nats) < 1e-9
    assert abs(found.val_bpc - expected.nats / np.log(2)) < 1e-9
    assert abs(found.perplexity - np.exp(expected.nats)) < 1e-6
    assert (found.forced, found.original) == ((), None)


def test_several_texts_are_scored_as_one_and_named():
    found = evaluate(MODEL, [(TEXT[:30], "one.txt"), (TEXT[30:], "two.txt")])
    assert found.text == "one.txt, two.txt"
    assert found.val_nats == evaluate(MODEL, TEXT).val_nats


def test_windows_and_what_is_counted():
    counted, more = [], []
    found = evaluate(MODEL, TEXT, window=20, on_window=lambda: counted.append(1), on_more=more.append)
    assert abs(found.val_nats - score_windows(Network(MODEL.weights), IDS, 20).nats) < 1e-9
    assert [len(counted)] == more == [windows_of(len(TEXT) - 1, 20)]


def test_a_forced_score_stands_beside_the_original():
    """A gate held at some steps of a text that is long enough for several lanes: one stream all the same."""
    text, more = TEXT * 20, []
    found = evaluate(MODEL, text, force=["z[0-2]=0.5@900-999"], on_more=more.append)
    held = MODEL.force("z[0-2]=0.5@900-999")
    assert found.forced == held.forced
    plain = evaluate(MODEL, text)
    assert found.original == Figures(plain.val_nats, plain.val_bpc, plain.perplexity)
    expected = score(SteppedNetwork(Held(held.weights, held.scheduled)), MODEL.vocabulary.encode(text), lanes=1)
    assert abs(found.val_nats - expected.nats) < 1e-9
    assert abs(found.val_nats - plain.val_nats) > 1e-6
    assert more == [windows_of(len(text) - 1, lanes=1) + windows_of(len(text) - 1)]
    assert windows_of(len(text) - 1, lanes=1) != windows_of(len(text) - 1)


def test_without_a_text_it_is_the_validation_split(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    source = Source((str(path),), "utf-8", hashlib.sha256(TEXT.encode()).hexdigest(), len(TEXT), 50)
    found = evaluate(replace(MODEL, trained={"text": source.to_document()}))
    assert (found.text, found.characters) == (VALIDATION, len(TEXT) - 50)
    assert abs(found.val_nats - score(Network(MODEL.weights), IDS[49:]).nats) < 1e-9


def test_unknown_characters_are_refused_or_left_out_and_said():
    with pytest.raises(UnknownCharacterError, match=r"odd\.txt, line 1, column 3"):
        evaluate(MODEL, [("ThÖe", "odd.txt")])
    notes = []
    found = evaluate(MODEL, "ThÖe", unknown="skip", on_note=notes.append)
    assert notes == ["note: left out 1 character that the model does not know"]
    assert (found.skipped, found.characters) == (1, 2)
    assert found.val_nats == evaluate(MODEL, "The").val_nats


def test_a_long_memory_is_said():
    notes = []
    text = bundled.text_path().read_text()[-5_000:]
    found = evaluate(read_model(bundled.run_path()).force("z=0.999"), text, on_note=notes.append)
    assert found.reread > 0
    assert len(notes) == 1
    assert notes[0].endswith(f"for an exact score {found.reread:,} characters were read twice")


def test_only_a_forced_score_has_the_original_in_its_document():
    plain, forced = (json.loads(show(evaluate(MODEL, TEXT, force=force), "json")) for force in ((), ["r=1"]))
    assert list(forced) == [*plain, "forced", "original"]
    assert forced["original"] == {name: plain[name] for name in ("val_nats", "val_bpc", "perplexity")}
    assert plain["schema"] == "chargru.evaluation/1"


def test_it_shows_itself():
    found = evaluate(MODEL, TEXT)
    assert f"nats               {found.val_nats:.4f} per character" in str(found).splitlines()


@pytest.mark.parametrize(
    ("changed", "arguments", "error"),
    [
        ({}, {"text": "T"}, TextError),
        ({}, {"text": TEXT, "window": 0}, SettingError),
        ({}, {"text": TEXT, "force": ["r=1@500"]}, StepError),
        ({}, {"text": TEXT, "force": ["r=1@30"], "window": 20}, StepError),
        ({"trained": {}}, {}, TextError),
        ({"weights": model(TEXT, head=False).weights}, {"text": TEXT}, RunError),
    ],
)
def test_what_cannot_be_scored_is_refused(changed, arguments, error):
    with pytest.raises(error):
        evaluate(replace(MODEL, **changed), **arguments)
