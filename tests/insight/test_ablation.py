"""Ablation: every variant's bits against recurrences written out here in float64, tensor by tensor."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from drawn import TEXT, model

from chargru.errors import RunError, SettingError, TextError
from chargru.gru.network import Network
from chargru.insight.ablation import AS_IS, ablate, mean_z
from chargru.scoring import evaluate

SHAPES = [(1, "after"), (1, "before"), (2, "after"), (2, "before")]


def logistic(a):
    return (1 + np.tanh(a / 2)) / 2


def layer_of(ours, number):
    """Twelve float64 arrays of a layer by their names in the equations, cut from the tensors of the file."""
    prefix = "gru" if ours.architecture.reset == "after" else "gru_before"
    tensors, H = dict(ours.weights.named()), ours.architecture.hidden_size
    return {
        f"{kind}{gate}": tensors[f"{prefix}.{name}_l{number}"].astype(np.float64)[part * H : (part + 1) * H]
        for kind, name in (("W_i", "weight_ih"), ("W_h", "weight_hh"), ("b_i", "bias_ih"), ("b_h", "bias_hh"))
        for part, gate in enumerate("rzn")
    }


def run(ours, text, *, reset=None, r_is=None, z_is=None, carry=True, W_hn=True):
    """Bits per character, and z of every layer (steps, H), of the network with one thing changed."""
    reset = reset or ours.architecture.reset
    H, V = ours.architecture.hidden_size, ours.architecture.vocabulary_size
    layers = [layer_of(ours, number) for number in range(ours.architecture.layers)]
    ids = ours.vocabulary.encode(text)
    states, seen, nats = [np.zeros(H) for _ in layers], [[] for _ in layers], []
    for read, target in itertools.pairwise(ids):
        x = np.eye(V)[read]
        for number, w in enumerate(layers):
            h = states[number]
            r = logistic(w["W_ir"] @ x + w["b_ir"] + w["W_hr"] @ h + w["b_hr"]) if r_is is None else r_is
            z = logistic(w["W_iz"] @ x + w["b_iz"] + w["W_hz"] @ h + w["b_hz"]) if z_is is None else z_is[number]
            product = w["W_hn"] if W_hn else 0 * w["W_hn"]
            carried = r * (product @ h + w["b_hn"]) if reset == "after" else product @ (r * h) + w["b_hn"]
            n = np.tanh(w["W_in"] @ x + w["b_in"] + carried)
            x = states[number] = (1 - z) * n + (z * h if carry else 0)
            seen[number].append(z)
        a = ours.weights.head_weight.astype(np.float64) @ x + ours.weights.head_bias
        nats.append(np.log(np.exp(a - a.max()).sum()) + a.max() - a[target])
    return np.mean(nats) / np.log(2), [np.array(one) for one in seen]


def expected(ours, text):
    """The bits of every variant, and the means of z."""
    layers, reset = ours.architecture.layers, ours.architecture.reset
    as_it_is, z = run(ours, text)
    means = [one.mean(axis=0) for one in z]
    other = "before" if reset == "after" else "after"
    changes = {
        "r = 1": {"r_is": 1.0},
        "r = 0": {"r_is": 0.0},
        "z = its mean": {"z_is": means},
        "z = 0": {"z_is": [0.0] * layers},
        "h = (1 - z) n": {"carry": False},
        "W_hn = 0": {"W_hn": False},
        f"reset {other}": {"reset": other},
    }
    return {"as it is": as_it_is, **{name: run(ours, text, **change)[0] for name, change in changes.items()}}, means


@pytest.mark.parametrize(("layers", "reset"), SHAPES)
def test_every_variant_equals_the_equations_written_out(layers, reset):
    ours = model(layers=layers, reset=reset, scale=1.5)
    found, (bits, means) = ablate(ours, TEXT), expected(ours, TEXT)
    assert [one.variant for one in found.variants] == list(bits)
    ours_bits = np.array([one.val_bpc for one in found.variants])
    theirs = np.array(list(bits.values()))
    assert np.abs(ours_bits - theirs).max() < 1e-12
    assert (
        np.abs([one.difference - (own - theirs[0]) for one, own in zip(found.variants, theirs, strict=True)]).max()
        < 1e-12
    )
    assert np.abs([one.val_nats - one.val_bpc * np.log(2) for one in found.variants]).max() < 1e-12
    assert np.abs(np.array(found.z_mean) - means).max() < 1e-12
    assert (found.text, found.reset, found.characters) == ("the text", reset, len(TEXT) - 1)
    # Each change is visible here, so that none can be mistaken for another; W_hn (0 * h) and 0 h are one and the same.
    apart = np.abs(theirs[:, None] - theirs) + np.eye(len(theirs))
    same = {(2, 6), (6, 2)} if reset == "before" else set()
    assert {(int(a), int(b)) for a, b in np.argwhere(apart < 1e-3)} == same


def test_a_text_of_many_lanes_is_one_stream():
    ours, text = model(layers=2, scale=1.0), TEXT * 60
    bits, means = expected(ours, text)
    found = ablate(ours, text)
    assert np.abs(np.array([one.val_bpc for one in found.variants]) - list(bits.values())).max() < 1e-3
    assert np.abs(np.array(mean_z(ours.weights, ours.vocabulary.encode(text))) - means).max() < 1e-5


def test_as_it_is_is_what_evaluate_scores():
    ours = model()
    first, scored = ablate(ours, TEXT).variants[0], evaluate(ours, TEXT)
    assert (first.variant, first.difference) == (AS_IS, 0)
    assert abs(first.val_nats - scored.val_nats) + abs(first.val_bpc - scored.val_bpc) < 1e-6  # which is in float32


def test_a_unit_that_always_keeps_is_held_at_exactly_1():
    ours = model().force("z[2]=1", "z[3]=0")
    found = ablate(ours, TEXT)
    assert (found.z_mean[0][2], found.z_mean[0][3]) == (1.0, 0.0)
    assert abs(found.variants[3].val_bpc - expected(ours, TEXT)[0]["z = its mean"]) < 1e-12


def test_a_cap_on_characters_is_said():
    notes, ours = [], model()
    found = ablate(ours, TEXT, characters=30, on_note=notes.append)
    assert (found.characters, found.left_out) == (30, len(TEXT) - 31)
    assert notes == [f"note: the first 30 characters are scored, {len(TEXT) - 31} are left out"]
    assert abs(found.variants[1].val_bpc - expected(ours, TEXT[:31])[0]["r = 1"]) < 1e-12


def test_progress_counts_what_was_announced():
    done, announced = [], []
    ablate(model(), TEXT * 20, on_window=lambda: done.append(1), on_more=announced.append)
    assert len(done) == sum(announced) > 8


@pytest.mark.parametrize(
    ("made", "given", "error", "message"),
    [
        (model, {"text": "T"}, TextError, "there is nothing to score: of 1 character none has one before it"),
        (model, {"text": TEXT, "characters": 0}, SettingError, "`characters` is 0, but it must be at least 1"),
        (lambda: model().force("z=0@3-4"), {"text": TEXT}, SettingError, "this model holds gates at some steps only"),
        (lambda: model(head=False), {"text": TEXT}, RunError, "this model has no head, so it predicts no characters"),
    ],
)
def test_what_cannot_be_scored_is_refused(made, given, error, message):
    with pytest.raises(error) as refused:
        ablate(made(), **given)
    assert refused.value.message == message
    assert refused.value.hint


def test_weights_are_left_alone():
    ours = model()
    before = replace(ours.weights).astype(np.float32)
    ablate(ours, TEXT)
    for (name, kept), (_, now) in zip(before.named(), ours.weights.named(), strict=True):
        assert np.array_equal(kept, now), name
    assert Network(ours.weights).architecture.reset == "after"
