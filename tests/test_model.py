"""A model's file: read as it was written, and read with suspicion."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from drawn import model
from safetensors.numpy import load_file, save_file

from chargru import tensorfile
from chargru.errors import DamagedRunError, RunError
from chargru.model import MODEL, MODEL_SCHEMA, read_model, write_model


def test_forced_gates_are_written_read_and_checked(tmp_path):
    write_model(tmp_path, model().force("r=1", "z[0-3]=0"))
    assert read_model(tmp_path).forced == ("r=1", "z[0-3]=0")


def test_a_document_with_a_wrong_force_is_damaged(tmp_path):
    write_model(tmp_path, replace(model(), forced=("z[99]=1",)))
    with pytest.raises(DamagedRunError, match="index 99"):
        read_model(tmp_path)


def rewrite(path, change_document=None, change_tensors=None):
    """Write a run's model file again with something changed in it."""
    document, tensors = tensorfile.read(path / MODEL, MODEL_SCHEMA)
    if change_document:
        change_document(document)
    if change_tensors:
        change_tensors(tensors)
    save_file(tensors, path / MODEL, metadata={"chargru": json.dumps(document)})


@pytest.mark.parametrize(("layers", "reset", "head"), [(1, "after", True), (2, "before", True), (1, "after", False)])
def test_a_model_is_read_as_it_was_written(tmp_path, layers, reset, head):
    written = model(layers=layers, reset=reset, head=head)
    write_model(tmp_path, written)
    read = read_model(tmp_path)
    assert read.document() == written.document()
    assert read.architecture == written.architecture
    expected = dict(written.weights.named())
    assert max(np.abs(value - expected[name]).max() for name, value in read.weights.named()) == 0


def test_a_model_file_is_a_run_too(tiny_run):
    assert read_model(tiny_run / MODEL).document() == read_model(tiny_run).document()


def test_tensors_can_be_read_without_chargru(tmp_path):
    write_model(tmp_path, model())
    tensors, layer = load_file(tmp_path / MODEL), model().weights.layers[0]
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        assert np.abs(tensors[f"gru.{kind}_l0"] - getattr(layer, kind)).max() == 0
    assert np.abs(tensors["head.weight"] - model().weights.head_weight).max() == 0


def drop(key):
    return lambda document: document.pop(key)


def put(key, value):
    return lambda document: document.update({key: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("vocabulary"), "its document lacks vocabulary"),
        (put("vocabulary", ["ab", "c"]), "its document says vocabulary[0] is 'ab', which is not one character"),
        (put("hidden_size", "five"), "its document says hidden_size is 'five', which is not a whole number"),
        (put("hidden_size", value=True), "its document says hidden_size is True, which is not a whole number"),
        (put("hidden_size", 6), "has shape"),
        (put("layers", 0), "layers is 0"),
        (put("layers", 2), "is missing"),
        (put("layers", 2**31), "layers is 2,147,483,648, too many for 6 tensors"),
        (put("hidden_size", 10**15), "has shape"),
        (lambda document: document.update(hidden_size=10**15, forced=["z[0-999999999999]=0"]), "has shape"),
        (put("forced", ["z[0-999999999999]=0"]), "names index 0-999999999999"),
        (put("vocabulary", ["a", "a"]), "has shape"),
        (put("reset", "sometimes"), "reset is 'sometimes', which is unknown"),
        (put("trace_text", 3), "its document says trace_text is 3, which is not a string"),
        (put("trained", []), "its document says trained is [], which is not an object"),
        (put("trained", {"val_bpc": "x"}), "trained.val_bpc is 'x', which is not a number"),
        (put("trained", {"val_nats": float("1e999")}), "holds Infinity"),
        (put("trained", {"best_update": 10**400}), "it holds a whole number of 401 digits"),
        (put("trained", {"updates": True}), "trained.updates is True"),
        (put("trained", {"epochs": [1]}), "trained.epochs is [1]"),
        (put("trained", {"seconds": {"\n": "\x1b"}}), "trained.seconds is {'\\n': '\\x1b'}"),
        (put("trained", {"settings": ["seed", 4]}), "trained.settings is ['seed', 4], which is not an object"),
        (put("trained", {"text": None}), "trained.text is None, which is not an object"),
        (put("trained", {"init_from": "cats"}), "trained.init_from is 'cats', which is not an object"),
        (put("trained", {"init_from": {"val_bpc": "low"}}), "trained.init_from.val_bpc is 'low'"),
        (put("schema", "chargru.model/9"), "has the schema 'chargru.model/9'"),
    ],
)
def test_a_damaged_document_is_one_clear_line(tiny_run, change, message):
    rewrite(tiny_run, change_document=change)
    with pytest.raises(DamagedRunError) as caught:
        read_model(tiny_run)
    assert message in caught.value.message
    assert str(tiny_run) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_number_of_json_that_is_beyond_all_floats_is_damaged(tiny_run):
    document, tensors = tensorfile.read(tiny_run / MODEL, MODEL_SCHEMA)
    written = json.dumps({**document, "trained": {"val_bpc": "x"}}).replace('"x"', "-1e999")
    save_file(tensors, tiny_run / MODEL, metadata={"chargru": written})
    with pytest.raises(DamagedRunError, match=r"it holds -1e999, which is not a finite number"):
        read_model(tiny_run)


@pytest.mark.parametrize(
    "trained", [{}, {"val_bpc": None, "updates": 3, "epochs": 0.5}, {"settings": {}, "notes": "x"}]
)
def test_what_other_programs_record_of_a_training_is_read(tiny_run, trained):
    rewrite(tiny_run, put("trained", trained))
    assert read_model(tiny_run).trained == trained
    rewrite(tiny_run, lambda document: document.pop("trained"))
    assert read_model(tiny_run).trained == {}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensors: tensors.pop("gru.bias_ih_l0"), "gru.bias_ih_l0 is missing"),
        (lambda tensors: tensors.pop("head.bias"), "head.bias is missing"),
        (lambda tensors: tensors.update({"head.bias": tensors["head.bias"].astype(np.float16)}), "is F16, but it must"),
        (lambda tensors: tensors.update(extra=np.zeros(1, np.float32)), "extra is unexpected"),
        (lambda tensors: tensors.update({"head.bias": np.zeros(2, np.float32)}), "head.bias has shape (2,)"),
        (lambda tensors: tensors["head.weight"].fill(np.nan), "head.weight holds numbers that are not finite"),
        (lambda tensors: tensors["head.weight"].fill(np.inf), "head.weight holds numbers that are not finite"),
        (lambda tensors: tensors.update({"head.bias": tensors["head.bias"].astype(np.float64)}), "must be F32"),
    ],
)
def test_damaged_tensors_are_one_clear_line(tiny_run, change, message):
    rewrite(tiny_run, change_tensors=change)
    with pytest.raises(DamagedRunError) as caught:
        read_model(tiny_run)
    assert message in caught.value.message
    assert str(tiny_run) in caught.value.message


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_a_cut_off_file_is_one_clear_line(tiny_run, keep):
    path = tiny_run / MODEL
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DamagedRunError, match="is not a whole safetensors file"):
        read_model(tiny_run)


def test_a_file_of_another_program_says_so(tiny_run):
    save_file({"x": np.zeros(1)}, tiny_run / MODEL, metadata={"format": "pt"})
    with pytest.raises(DamagedRunError, match="was not written by chargru"):
        read_model(tiny_run)


def test_a_header_that_is_not_json_says_so(tiny_run):
    save_file({"x": np.zeros(1)}, tiny_run / MODEL, metadata={"chargru": "{"})
    with pytest.raises(DamagedRunError, match="the document in its header cannot be read"):
        read_model(tiny_run)


def test_a_header_of_impossible_length_says_so(tiny_run):
    (tiny_run / MODEL).write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(DamagedRunError, match="is not a whole safetensors file"):
        read_model(tiny_run)


def test_a_run_that_is_not_there_says_so(tmp_path):
    with pytest.raises(RunError, match="no trained model at"):
        read_model(tmp_path / "none")


def test_a_vocabulary_may_hold_half_of_a_surrogate_pair(tmp_path):
    write_model(tmp_path, replace(model("ab\ud800"), trace_text="ab"))
    assert read_model(tmp_path).vocabulary.characters == ("a", "b", "\ud800")


def test_numbers_that_are_not_finite_are_said_once(chargru, tiny_run):
    rewrite(tiny_run, change_tensors=lambda tensors: tensors["head.weight"].fill(np.nan))
    for command in (["info"], ["sample"], ["trace"], ["gradient"], ["gates"], ["prove"], ["evaluate", "-c"]):
        done = chargru(*command, tiny_run)
        assert done.exit_code == 1
        assert done.output.count("holds numbers that are not finite") == 1
        assert "the tensor head.weight holds" in done.stderr
