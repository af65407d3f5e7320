"""`prove`: clean on every kind of right model, and not on a wrong file; against calculations of its own."""

from dataclasses import replace

import pytest
from drawn import TEXT, model
from safetensors.numpy import load_file

from chargru import evaluation, tensorfile
from chargru.errors import DamagedRunError, SettingError, TextError
from chargru.gru.initial import initialise
from chargru.gru.weights import fingerprint, rows, unpack
from chargru.insight.proof.prove import prove
from chargru.model import MODEL, MODEL_SCHEMA, write_model
from chargru.show import proof as proof_table


def recorded(m, *, seal=True):
    """The model with the record that training writes, as it is when it is read."""
    m = replace(m, held=())
    nats, states = evaluation.recorded_score(m.weights, m.vocabulary.encode(m.trace_text))
    trained = {"val_nats": 2.5, "trace_nats": nats, "trace_h": [h.tolist() for h in states]}
    if not seal:
        return replace(m, trained=trained)
    m = replace(m, trained=trained | {"weights_sha256": fingerprint(m.weights)})
    return replace(m, trained=m.trained | {"document_sha256": m.document_sha256()})


def changed(m, change):
    """The model with `change(tensors)` made to a copy of its tensors."""
    tensors = {name: value.copy() for name, value in m.weights.named()}
    change(tensors)
    return replace(m, weights=unpack(m.architecture, tensors))


MODELS = {
    "after": model(),
    "before": model(reset="before"),
    "two layers": model(layers=2, units=20),
    "two layers, before": model(layers=2, units=9, reset="before"),
    "an RNN": model(units=8).force("r=1", "z=0"),
    "an RNN, before": model(units=8, reset="before").force("r=1", "z=0"),
    "held between 0 and 1": model(layers=2).force("z=0.5", "1:r[0,2]=0.3"),
    "held between 0 and 1, before": model(layers=2, reset="before").force("z=0.5", "1:r[0,2]=0.3"),
    "some indices held": model(layers=2).force("1:z[0,2-4]=1", "r[5]=0"),
    "one unit": model(units=1),
    "saturated": model(scale=60.0),
}


@pytest.mark.parametrize("name", MODELS)
def test_right_models_pass(name):
    proof = prove(recorded(MODELS[name]))
    assert [one.claim for one in proof.identities if not one.holds] == []
    assert proof.recorded.holds
    assert proof.passed
    assert len(proof.identities) == 12 + bool(MODELS[name].forced)
    assert max(map(len, proof_table.render(proof).splitlines())) <= 80


def test_freshly_drawn_weights_pass_and_say_that_nothing_is_recorded():
    m = model()
    architecture = m.architecture
    proof = prove(replace(m, weights=unpack(architecture, initialise(architecture, 3))))
    assert proof.passed
    assert proof.recorded is None
    assert "The file records no score" in str(proof)


@pytest.mark.slow
def test_two_layers_of_512_units_pass():
    assert prove(recorded(model(units=512, layers=2, scale=1.0))).passed


def swap(tensors):
    """r and z in each other's place, as a file from a library of another order would have them."""
    for name, value in tensors.items():
        if name.startswith("gru"):
            r, z = rows("r", len(value) // 3), rows("z", len(value) // 3)
            value[r], value[z] = value[z].copy(), value[r].copy()


@pytest.mark.parametrize("seal", [True, False])
@pytest.mark.parametrize("name", ["after", "before", "two layers", "some indices held"])
def test_swapped_gates_are_noticed(name, seal):
    """By the score alone: every identity but the one on held gates still holds."""
    m = recorded(MODELS[name], seal=seal)
    proof = prove(changed(m, swap))
    assert not proof.passed
    assert not any(check.holds for check in proof.recorded.checks)
    assert all(one.holds for one in proof.identities[:12])


@pytest.mark.parametrize("seal", [True, False])
@pytest.mark.parametrize(
    ("name", "at"),
    [("gru.weight_hh_l0", (3, 2)), ("gru.bias_hh_l0", 13), ("gru.weight_ih_l1", (7, 1)), ("head.weight", (4, 4))],
)
def test_one_changed_weight_is_noticed(name, at, seal):
    def change(tensors):
        tensors[name][at] += 1e-4

    proof = prove(changed(recorded(model(layers=2), seal=seal), change))
    assert not proof.passed
    assert all(one.holds for one in proof.identities)


def test_a_weight_that_nothing_reads_is_noticed_by_the_fingerprint():
    m = recorded(replace(model(), trace_text="The cat"))

    def change(tensors):
        tensors["gru.weight_ih_l0"][:, m.vocabulary.characters.index("\n")] += 1

    proof = prove(changed(m, change))
    assert all(check.holds for check in proof.recorded.checks)
    assert (proof.recorded.weights, proof.recorded.document) == (False, True)
    assert not proof.passed
    assert "every weight, to the bit (SHA-256)" in str(proof)


def test_held_gates_that_are_not_held_are_noticed():
    proof = prove(replace(model(), forced=("r=1",)))
    assert [one.claim for one in proof.identities if not one.holds] == ["the gates are held as the file says: r=1"]


def test_a_contrast_that_shows_nothing_says_so():
    proof = prove(model(units=8).force("r=1", "z=0"))
    assert [one.visible for one in proof.contrasts] == [False, True, False, False]
    assert "r = 1 alone, taken for a tanh RNN: not visible on these weights" in str(proof)
    assert proof.passed


def test_drift_has_no_verdict():
    proof = prove(model())
    assert [drift.steps for drift in proof.drift] == [50, 84]
    assert all(drift.difference < 1e-12 for drift in proof.drift)


def test_a_chaotic_network_is_not_blamed_for_its_drift():
    """An RNN of large weights: two right replays part, so what is recorded may be another machine's."""
    m = recorded(model(TEXT * 6, units=40, scale=4.0).force("r=1", "z=0"), seal=False)
    proof = prove(m)
    assert proof.drift[1].difference > 0.1
    assert all(one.holds for one in proof.identities)
    elsewhere = m.trained["trace_nats"] + 0.01
    assert prove(replace(m, trained={"trace_nats": elsewhere})).passed
    swapped = prove(changed(m, swap))
    assert not swapped.recorded.checks[0].holds


def test_a_model_of_another_library_passes():
    """No head, no text: the vocabulary is the text, and there is no loss to take a gradient of."""
    proof = prove(replace(model(head=False), trace_text=None))
    assert proof.passed
    assert len(proof.identities) == 10
    assert "its vocabulary, since it has no text of its own" in str(proof)


def test_what_cannot_be_proved_is_refused():
    with pytest.raises(TextError, match="the text is too short: 2 characters"):
        prove(model(), "Th")
    with pytest.raises(SettingError, match="held at some steps only"):
        prove(model().force("z=1@3"))
    with pytest.raises(DamagedRunError, match="recorded score is not a number"):
        prove(replace(model(), trained={"trace_nats": "low"}))
    with pytest.raises(DamagedRunError, match="recorded state does not fit"):
        prove(replace(model(), trained={"trace_nats": 3.0, "trace_h": [[1.0, 2.0]]}))


def swap_characters(document):
    """Two that trace_text lacks, so that its score stays as it was."""
    first, second = (document["vocabulary"].index(char) for char in ".\n")
    document["vocabulary"][first], document["vocabulary"][second] = "\n", "."


def put(name, value):
    return lambda document: document["trained"].update({name: value})


@pytest.mark.parametrize(
    "change",
    [swap_characters, put("val_nats", 1.5), put("best_update", 7), lambda document: document.pop("trace_text")],
)
def test_a_changed_document_is_noticed(tmp_path, chargru, change):
    write_model(tmp_path, recorded(replace(model(), trace_text="The cats were full")))
    assert chargru("prove", "-c", tmp_path).exit_code == 0
    document, tensors = tensorfile.read(tmp_path / MODEL, MODEL_SCHEMA)
    change(document)
    tensorfile.write(tmp_path / MODEL, document, tensors)
    result = chargru("prove", "-c", tmp_path)
    assert result.exit_code == 1
    assert "holds every weight, to the bit (SHA-256)" in result.stdout
    assert "FAILS every entry of its document (SHA-256)" in result.stdout
    assert "error: the document in this file is not the one that was written" in result.stderr


def test_an_older_file_says_what_it_does_not_record():
    m = recorded(model())
    older = prove(replace(m, trained={key: m.trained[key] for key in ("trace_nats", "trace_h", "weights_sha256")}))
    assert older.passed
    assert older.recorded.document is None
    assert "It records no SHA-256 of its document." in str(older)
    assert "of its weights" not in str(older)
    oldest = prove(replace(m, trained={key: m.trained[key] for key in ("trace_nats", "trace_h")}))
    assert oldest.passed
    assert "It records no SHA-256 of its weights." in str(oldest)
    assert not [line for line in str(prove(m)).splitlines() if line.startswith("It records no")]


def test_a_gate_held_after_reading_is_no_damage():
    """The record is of the model without it, so the identities alone are judged; what is in the file is no change."""
    m = recorded(model())
    proof = prove(m.force("r=1"))
    assert proof.passed
    assert proof.recorded is None
    assert "the record is of the model without r=1." in str(proof)
    assert "records no score" not in str(proof)
    assert prove(recorded(m.force("r=1"))).recorded.holds
    assert not prove(replace(m.force("r=1"), held=())).passed


def test_right_weights_with_a_wrong_score_are_not_blamed():
    m = recorded(model())
    trained = {**m.trained, "trace_nats": m.trained["trace_nats"] + 1e-3}
    del trained["document_sha256"]
    message, _ = proof_table.complaint(prove(replace(m, trained=trained)))
    assert message.startswith("the weights are those that were trained, but the score")


def test_swapped_in_the_file_itself(tmp_path, chargru):
    write_model(tmp_path, recorded(model()))
    assert chargru("prove", "-c", tmp_path).exit_code == 0
    document, _ = tensorfile.read(tmp_path / MODEL, MODEL_SCHEMA)
    tensors = load_file(tmp_path / MODEL)
    swap(tensors)
    tensorfile.write(tmp_path / MODEL, document, tensors)
    result = chargru("prove", "-c", tmp_path)
    assert result.exit_code == 1
    assert "FAILS the score of trace_text" in result.stdout
    assert "error: the weights in this file are not those that were trained" in result.stderr


def test_a_vocabulary_of_a_hundred_thousand():
    """Whose one-hot vectors, all of them side by side, would be 80 GB."""
    characters = "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x1A000)]))[:100_000]
    m = replace(model(characters, units=3, scale=1.0), trace_text=characters[::5000] * 2)
    assert len(m.vocabulary) == 100_000
    proof = prove(recorded(m))
    assert proof.passed
    assert proof.characters == len(m.trace_text)
