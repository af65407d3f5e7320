"""A run that begins from another one's weights: what is taken over, what is drawn, what it scores, what is refused."""

import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from drawn import model as drawn
from sessions import SMALL, TEXT, Notes, StopAt, change_state, rows, train

import chargru
from chargru import run, run_summary
from chargru.errors import DamagedRunError, Interrupted, RunError, SettingError, TextError
from chargru.gru.initial import initialise
from chargru.gru.weights import fingerprint
from chargru.model import MODEL, read_model, write_model
from chargru.text.vocabulary import Vocabulary
from chargru.training import begin, origin
from chargru.training.progress import Progress
from chargru.training.settings import DEFAULTS, Budget

OTHER = "Ἡ γάτα και ο cat: ώ!\n" * 40
"""Of its characters some are in TEXT, some are new, and TEXT has others."""
CHINESE = "".join(map(chr, range(0x4E00, 0x4E00 + 30)))
QUICK = {"batch_size": 3, "window": 8, "threads": 1, "seed": 9}


class StopBeforeTheFirstUpdate(Progress):
    """Sends Ctrl-C while the weights that the run begins from are scored."""

    def validating(self):
        os.kill(os.getpid(), signal.SIGINT)


class StopAfterTheFirstScore(StopBeforeTheFirstUpdate):
    """The same when they are scored."""

    def validating(self):
        pass

    def validated(self, *_):
        os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def other(text, tmp_path):
    """The path of OTHER, in the folder of the test."""
    del text
    path = tmp_path / "other.txt"
    path.write_text(OTHER)
    return str(path)


@pytest.fixture
def trained(text):
    """A run of 7 updates on TEXT."""
    return train(text, "first", 7)


def tune(other, out="tuned", updates=4, init_from="first", **settings):
    return chargru.train(other, out=out, updates=updates, init_from=init_from, **QUICK | settings)


def first_state(path):
    """The weights before the first update, as the last state has them, by their names in a file."""
    document, tensors = run.read_training(path)
    assert document["updates"] == 0
    return {name.removeprefix("weights."): value for name, value in tensors.items() if name.startswith("weights.")}


def stopped_first(other, init_from="first", **settings):
    with pytest.raises(Interrupted):
        tune(other, "stopped", 50, init_from, progress=StopBeforeTheFirstUpdate(), **settings)
    return first_state(Path("stopped"))


@pytest.mark.parametrize(
    "changes", [{}, {"layers": 2}, {"reset": "before"}, {"force": ("r=1",)}, {"force": ("z[0,2]=0",), "layers": 2}]
)
def test_the_old_rows_stay_to_the_bit_and_the_new_ones_are_those_of_a_new_network(text, other, changes):
    train(text, "first", 7, **changes)
    old, new = read_model("first"), stopped_first(other)
    known = len(old.vocabulary)
    size = len(set(TEXT) | set(OTHER))
    fresh = initialise(replace(old.architecture, vocabulary_size=size), seed=9)
    input_weights = old.architecture.name("weight_ih", 0)
    for name, value in old.weights.named():
        assert np.array_equal(new[name][tuple(map(slice, value.shape))], value), name
        if name not in (input_weights, "head.weight", "head.bias"):
            assert new[name].shape == value.shape
    assert np.array_equal(new["head.weight"][known:], fresh["head.weight"][known:])
    assert np.array_equal(new["head.bias"][known:], np.zeros(size - known))
    reads = np.ones(18, bool)
    reads[old.constants[0]] = False
    assert np.array_equal(new[input_weights][reads, known:], fresh[input_weights][reads, known:])
    assert not new[input_weights][~reads].any()
    assert np.count_nonzero(reads) == {(): 18, ("r=1",): 12, ("z[0,2]=0",): 16}[changes.get("force", ())]


@pytest.mark.usefixtures("trained")
def test_the_vocabulary_is_grown_and_nothing_is_dropped(other):
    tuned = tune(other)
    assert tuned.vocabulary.characters == (*sorted(set(TEXT)), *sorted(set(OTHER) - set(TEXT)))
    assert set(TEXT) - set(OTHER)


def test_the_unknown_symbol_stays_and_new_characters_get_ids_of_their_own(other):
    known = drawn("Ἡ γ\n")
    write_to(known := replace(known, vocabulary=Vocabulary((None, *known.vocabulary.characters[1:]))), "unknown")
    tuned = tune(other, init_from="unknown")
    kept = known.vocabulary.characters
    assert tuned.vocabulary.characters == (*kept, *sorted(set(OTHER) - set(kept)))
    assert tuned.vocabulary.unknown_id == 0


def write_to(model, name):
    """A run that chargru did not train."""
    Path(name).mkdir()
    write_model(Path(name), model)


def test_the_loss_before_training_is_what_evaluate_gives(trained, tmp_path):
    """On a text with the same characters, of which the other run has none."""
    same = tmp_path / "same.txt"
    same.write_text(TEXT[::-1] * 3)
    tuned = tune(str(same), updates=20)
    split = tuned.trained["text"]["split"]
    score = chargru.evaluate(read_model(trained), (TEXT[::-1] * 3)[split - 1 :])
    before = tuned.trained["init_from"]
    assert score.characters == len(TEXT) * 3 - split
    assert abs(before["val_nats"] - score.val_nats) < 1e-5
    assert abs(before["val_bpc"] - score.val_bpc) < 2e-5
    assert before["val_nats"] > tuned.trained["val_nats"] + 0.01
    assert rows(tmp_path / "tuned")[0]["update"] == 0
    assert rows(tmp_path / "tuned")[0]["val_bpc"] == before["val_bpc"]


def test_it_says_where_it_came_from(trained, other):
    notes, old = Notes(), read_model(trained)
    tuned = tune(other, progress=notes)
    before = tuned.trained["init_from"]
    assert (before["checkpoint"], before["characters"]) == ("first", len(set(TEXT)))
    assert before["weights_sha256"] == old.trained["weights_sha256"] == fingerprint(old.weights)
    assert run_summary.report(tuned.path.parent).init_from == before
    assert run_summary.describe(tuned.path.parent).init_from == before
    said = "starting from first: 1 layer of 6 units; characters new to it, 57% of the text: '!' ':' "
    assert said in "\n".join(notes.notes)
    assert f"before training: {before['val_bpc']:.4f} bits per character of the validation split" in notes.notes
    assert chargru.prove(tuned).recorded.holds


def test_the_other_run_stays_as_it_is(trained, other):
    files = {file: file.read_bytes() for file in sorted(trained.iterdir())}
    tune(other)
    tune(other, out=None)
    assert {file: file.read_bytes() for file in sorted(trained.iterdir())} == files
    with pytest.raises(RunError, match="already exists"):
        tune(other, out="first")
    assert {file: file.read_bytes() for file in sorted(trained.iterdir())} == files


@pytest.mark.parametrize(
    "stop",
    [StopBeforeTheFirstUpdate(), StopAfterTheFirstScore(), StopAt(13)],
    ids=["while it scores", "when it has scored", "at update 13"],
)
@pytest.mark.usefixtures("trained")
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(other, tmp_path, stop):
    tune(other, "whole", 40)
    with pytest.raises(Interrupted):
        tune(other, "parts", 40, progress=stop)
    shutil.rmtree("first")
    begin.resume("parts")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "parts" / MODEL).read_bytes()
    (_, one), (_, two) = (run.read_training(tmp_path / name) for name in ("whole", "parts"))
    assert one.keys() == two.keys()
    assert all(np.array_equal(value, two[name]) for name, value in one.items())
    scored = [[row["val_bpc"] for row in rows(tmp_path / name) if row["val_bpc"]] for name in ("whole", "parts")]
    assert scored[0] == scored[1]


def test_the_optimiser_begins_anew(trained, other):
    stopped_first(other)
    assert any(name.startswith("optimiser") for name in run.read_training(trained)[1])
    assert not any(name.startswith("optimiser") for name in run.read_training(Path("stopped"))[1])


@pytest.mark.usefixtures("trained")
def test_weights_that_no_update_betters_are_kept(other):
    tuned = tune(other, learning_rate=50.0)
    assert tuned.trained["best_update"] == 0
    assert tuned.trained["val_nats"] == tuned.trained["init_from"]["val_nats"]


@pytest.mark.usefixtures("trained")
def test_without_validation_nothing_is_scored(other):
    tuned = tune(other, validation_fraction=0.0)
    assert tuned.trained["init_from"]["val_nats"] is None
    assert tuned.trained["init_from"]["val_bpc"] is None
    assert "val_bpc before     not validated" in str(run_summary.report(tuned.path.parent))


class Slow(StopAt):
    """A clock on which each validation takes 100 seconds; Ctrl-C at an update."""

    def __init__(self, update, patch):
        super().__init__(update)
        self.late = 0.0
        patch.setattr("time.perf_counter", lambda: perf_counter() + self.late)

    def validated(self, *_):
        self.late += 100.0


@pytest.mark.usefixtures("trained")
def test_none_of_the_minutes_are_used_for_the_first_score(other, monkeypatch):
    """Else this run would be over after its first update."""
    with pytest.raises(Interrupted, match="stopped at update 3"):
        tune(other, updates=None, minutes=1.5, progress=Slow(3, monkeypatch))


def test_a_file_of_plain_tensors_with_a_document_will_do(other, tmp_path):
    """As another program imports a GRU: no `trained`, no text."""
    known = drawn(TEXT, layers=2, units=5)
    write_to(replace(known, trace_text=None), "imported")
    (tmp_path / "imported" / MODEL).rename(tmp_path / "gru.safetensors")
    tuned = tune(other, init_from=tmp_path / "gru.safetensors", updates=1, learning_rate=1e-30)
    assert tuned.architecture.hidden_size == 5
    assert tuned.trained["init_from"]["weights_sha256"] == fingerprint(known.weights)
    assert np.array_equal(tuned.weights.layers[1].weight_hh, known.weights.layers[1].weight_hh)


def test_a_model_in_memory_will_do_and_what_is_held_stays_held(other):
    known = drawn(TEXT, units=5).force("r=1")
    tuned = tune(other, init_from=known)
    assert tuned.forced == ("r=1",)
    assert tuned.trained["init_from"]["checkpoint"] is None
    assert tuned.constants[0].tolist() == [True] * 5 + [False] * 10
    assert "init_from          a model of no run" in str(run_summary.report(tuned.path.parent))


def test_a_run_that_ships_is_found_by_its_name(other, tmp_path, text):
    train(text, tmp_path / "cats", 2)
    tuned = tune(other, init_from="cats")
    assert tuned.architecture.hidden_size == 48
    assert tuned.trained["init_from"]["checkpoint"] == "cats"
    assert tuned.trained["settings"]["initial_memory"] == 50
    assert tune(other, "own", init_from="./cats").trained["init_from"]["checkpoint"] == "./cats"


@pytest.mark.usefixtures("trained")
def test_the_network_is_taken_over_and_the_rest_is_what_is_given_or_the_default(other):
    settings = tune(other, dropout=0.25, hidden_size=6, layers=1, reset="after", force=[]).trained["settings"]
    own = {"hidden_size": 6, "dropout": 0.25, "force": [], **QUICK}
    assert settings == DEFAULTS.to_document() | own
    assert SMALL.learning_rate != DEFAULTS.learning_rate


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"hidden_size": 64}, "`hidden_size` is 64, but first has 6"),
        ({"layers": 1}, "`layers` is 1, but first has 2"),
        ({"reset": "after"}, "`reset` is after, but first has before"),
        ({"force": ["r=1", "z=0"]}, "`force` is r=1, z=0, but first has z[0-2]=1, r[5]=0"),
        ({"force": []}, "`force` is none, but first has z[0-2]=1, r[5]=0"),
        ({"initial_memory": 9}, "`initial_memory` is 9, but first has 20"),
        ({"hidden_size": "6"}, "`hidden_size` is '6', but it must be a whole number"),
    ],
)
def test_what_contradicts_the_other_run_is_refused(text, other, setting, said, tmp_path):
    held = ("z[0-2]=1", "r[5]=0")
    train(text, "first", 2, layers=2, reset="before", force=held, initial_memory=20.0)
    with pytest.raises(SettingError) as error:
        tune(other, **setting)
    assert error.value.message == said
    assert not (tmp_path / "tuned").exists()
    assert tune(other, "same", layers=2, force=[*reversed(held)], initial_memory=20).forced == held


def test_a_run_that_cannot_be_begun_from_is_one_line(other, tmp_path, trained):
    write_to(drawn(TEXT, head=False), "headless")
    write_to(replace(drawn(TEXT), forced=("z=0.5",)), "halfway")
    shutil.copytree(trained, "damaged")
    (tmp_path / "damaged" / MODEL).write_bytes((trained / MODEL).read_bytes()[:-9])
    refused = {
        "nowhere": (RunError, "there is no run nowhere"),
        "headless": (RunError, "headless has no head, so it predicts no characters"),
        "halfway": (RunError, "halfway cannot be trained on: 'z=0.5' is neither 0 nor 1"),
        "damaged": (DamagedRunError, "damaged/model.safetensors is not a whole safetensors file"),
    }
    for name, (kind, said) in refused.items():
        with pytest.raises(kind) as error:
            tune(other, init_from=name)
        assert error.value.message.startswith(said)
        assert error.value.hint
    with pytest.raises(SettingError, match="`init_from` is of type int, which is no run"):
        tune(other, init_from=5)
    assert not (tmp_path / "tuned").exists()


@pytest.mark.usefixtures("trained")
def test_to_begin_and_to_go_on_are_two_things(other):
    with pytest.raises(SettingError, match="`init_from` begins a new run, `resume=True` goes on with one"):
        chargru.train(other, resume=True, out="first", init_from="first")


@pytest.mark.parametrize("updates", [None, 9])
@pytest.mark.usefixtures("trained")
def test_going_on_with_another_text_names_the_way(other, updates):
    with pytest.raises(
        TextError, match=r"other\.txt is not the text of first: it is another, or has changed$"
    ) as error:
        chargru.train(other, resume=True, out="first", updates=updates)
    assert "another run" not in error.value.hint
    assert error.value.hint.endswith(
        'or, to go on with another text, leave `resume=True` out and give `init_from="first"`'
    )


@pytest.mark.usefixtures("trained")
def test_another_text_for_the_run_trained_last_names_that_run(other, chargru, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "first").rename(tmp_path / "checkpoints" / "first")
    said = chargru("train", other, "--resume").stderr
    assert f"error: {other} is not the text of checkpoints/first, the run trained last: it is another, or" in said
    assert "name another run with --out RUN, or, to go on with another text, leave --resume out" in said


@pytest.mark.parametrize(
    "change", [{"val_nats": "x"}, {"val_nats": True}, {"characters": None}, {"weights_sha256": ...}]
)
@pytest.mark.usefixtures("trained")
def test_a_damaged_origin_is_named(other, tmp_path, change):
    tune(other)

    def damage(document, _tensors):
        entries = {**document["init_from"], **change}
        document["init_from"] = {name: value for name, value in entries.items() if value is not ...}

    change_state(tmp_path / "tuned", damage)
    with pytest.raises(DamagedRunError, match=r"init_from\.(val_nats|characters) is|lacks init_from\.weights_sha256"):
        begin.resume("tuned", budget=Budget("updates", 9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abba", "; it knows all characters of the text"),
        ("ab" * 99 + "c", "; characters new to it, less than 1% of the text: 'c'"),
        ("abcb", "; characters new to it, 25% of the text: 'c'"),
        ("\nba" * 2, r"; characters new to it, 33% of the text: '\n'"),
        (CHINESE, f"; characters new to it, 100% of the text: {' '.join(map(repr, CHINESE[:20]))} and 10 more"),
    ],
)
def test_the_note_names_what_is_new(text, said):
    known = drawn("ab", layers=2)
    grown = known.vocabulary.grown(text)
    assert origin.note(known, grown, grown.encode(text)) == f"starting from the given model: 2 layers of 6 units{said}"


def test_a_beginning_that_is_worse_than_a_guess_is_said():
    said = "before training: 5.0000 bits per character of the validation split"
    assert origin.before(5.0, 32) == said
    assert origin.before(5.0, 31).startswith(f"{said}, more than the 4.9542 of a blind guess")


@pytest.mark.usefixtures("trained")
def test_a_first_score_that_was_not_saved_has_one_row(other):
    """Killed after its row and before the next save; the score is made again."""

    class Killed(Exception):  # noqa: N818
        pass

    class Kills(Progress):
        def validated(self, *_):
            raise Killed

    with pytest.raises(Killed):
        tune(other, "tuned", 4, progress=Kills())
    assert [row["update"] for row in rows(Path("tuned"))] == [0]
    begin.resume("tuned")
    assert [row["update"] for row in rows(Path("tuned")) if row["val_bpc"] is not None].count(0) == 1
    assert read_model("tuned").trained["init_from"]["val_nats"] is not None
