"""Agreement: the log-odds against a GRU written out here, one character at a time; shares and intervals by hand."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import model

from chargru.cats.grammar import write
from chargru.errors import RunError, SettingError, StepError, TextError, UnknownCharacterError
from chargru.insight.agreement import Row, Share, agreement
from chargru.text.vocabulary import Vocabulary

TEXT = (
    "The cat was full.\n"
    "The dogs, which the cat had seen, were full and were tired.\n"
    "The dog that the cats saw was full. It slept and was cold.\n"
    "The mice near the old barn were cold.\n"
    "The goose behind the cow, which had chased the cats near the dogs, was tired.\n"
)
VERBS = ["was", "were", "was", "were", "was"]
BEFORE = (
    " ",
    ", which the cat had seen, ",
    " that the cats saw ",
    " near the old barn ",
    " behind the cow, which had chased the cats near the dogs, ",
)
BETWEEN = [0, 1, 1, 0, 2]
CORPUS = write(20_000, 5)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def log_p(of, before, after, held=lambda _step: None):
    """The log p of some characters after others, from h = 0; `held` gives the z that is held at a step, from 1 on."""
    layers = [{name: np.asarray(value, float) for name, value in vars(one).items()} for one in of.weights.layers]
    head, bias = (np.asarray(value, float) for value in of.weights.head)
    reset_before = of.architecture.reset == "before"
    states, total = [np.zeros(of.architecture.hidden_size) for _ in layers], 0.0
    known = list(of.vocabulary.to_document())
    for step, char in enumerate(before + after, 1):
        if step > len(before):
            scores = head @ states[-1] + bias
            total += scores[known.index(char)] - np.log(np.exp(scores - scores.max()).sum()) - scores.max()
        x = np.eye(len(known))[known.index(char)]
        for number, layer in enumerate(layers):
            h = states[number]
            W_ir, W_iz, W_in = np.split(layer["weight_ih"], 3)
            W_hr, W_hz, W_hn = np.split(layer["weight_hh"], 3)
            b_ir, b_iz, b_in = np.split(layer["bias_ih"], 3)
            b_hr, b_hz, b_hn = np.split(layer["bias_hh"], 3)
            r = sigmoid(W_ir @ x + b_ir + W_hr @ h + b_hr)
            z = sigmoid(W_iz @ x + b_iz + W_hz @ h + b_hz) if held(step) is None else held(step)
            n = np.tanh(W_in @ x + b_in + (W_hn @ (r * h) + b_hn if reset_before else r * (W_hn @ h + b_hn)))
            x = states[number] = (1 - z) * n + z * h
    return total


def expected(of, verb, **held):
    paragraph, one = verb
    before, after = "\n" + paragraph[: one.start], paragraph[one.end]
    return log_p(of, before, one.verb + after, **held) - log_p(of, before, one.wrong + after, **held)


@pytest.mark.parametrize("kind", [{}, {"layers": 2}, {"reset": "before"}])
def test_log_odds_are_those_of_the_plain_equations(kind):
    ours = model(CORPUS, **kind)
    found = agreement(ours, TEXT)
    assert [verb.agreement.verb for verb in found.verbs] == VERBS
    odds = [expected(ours, verb) for verb in found.verbs]
    assert np.abs(found.log_odds - odds).max() < 1e-4
    assert np.abs(odds).min() > 1e-3


@pytest.fixture(scope="module")
def new():
    """New text of cats, read by two drawn models."""
    return agreement(model(CORPUS), against=model(CORPUS, units=4, seed=1))


def test_many_verbs_side_by_side_are_read_as_one_by_one(new):
    assert len(new.verbs) > 3_000
    some = range(0, len(new.verbs), 150)
    for drawn, found in ((model(CORPUS), new.log_odds), (model(CORPUS, units=4, seed=1), new.against)):
        odds = [expected(drawn, new.verbs[verb]) for verb in some]
        assert np.abs(found[list(some)] - odds).max() < 1e-4


def test_an_untrained_model_is_near_chance(new):
    """So is each row; a model that always has one form is right in half of the first, which are full."""
    for row in [new.total, *new.by_distance]:
        assert abs(row.model.share - 0.5) < 0.1
    assert [row.model.verbs for row in new.by_distance][:5] == [400] * 5
    assert (new.text, new.corpus, new.against_name) == ("new text of cats", "cats", "the other model")


def test_a_model_that_always_has_were():
    """No weight but the head's biases: log-odds of `were` are the biases' sum, less that of `was`, per character."""
    ours = model(CORPUS)
    layers = tuple(
        replace(one, **{name: value * 0 for name, value in vars(one).items()}) for one in ours.weights.layers
    )
    bias = np.zeros(len(ours.vocabulary), np.float32)
    ids = {char: int(ours.vocabulary.encode(char)[0]) for char in "waser "}
    for char, value in {"w": 3.0, "a": -4.0, "s": -2.0, "e": 5.0, "r": 1.0, " ": 2.0}.items():
        bias[ids[char]] = value
    weights = replace(ours.weights, layers=layers, head_weight=ours.weights.head_weight * 0, head_bias=bias)
    found = agreement(replace(ours, weights=weights), TEXT)
    total = np.log(np.exp(bias.astype(float)).sum())
    were, was = 3 + 5 + 1 + 5 + 2 - 5 * total, 3 - 4 - 2 + 2 - 4 * total
    signs = [1 if verb == "were" else -1 for verb in VERBS]
    assert np.abs(found.log_odds - np.array(signs) * (were - was)).max() < 1e-5
    assert found.total == Row(1, None, Share(5, 2), None)
    assert found.by_distance == [
        Row(1, 9, Share(1, 0), None),
        Row(10, 19, Share(2, 1), None),
        Row(20, 29, Share(1, 1), None),
        Row(50, 59, Share(1, 0), None),
    ]
    assert found.by_nouns_between == [
        Row(0, 0, Share(2, 1), None),
        Row(1, 1, Share(2, 1), None),
        Row(2, 2, Share(1, 0), None),
    ]
    assert found.by_distance_with_nouns_between == [
        Row(10, 19, Share(1, 0), None),
        Row(20, 29, Share(1, 1), None),
        Row(50, 59, Share(1, 0), None),
    ]


def test_what_is_said_of_a_verb():
    found = [verb.agreement for verb in agreement(model(CORPUS), TEXT).verbs]
    assert [one.distance for one in found] == [len(part) for part in BEFORE]
    assert [one.attractors for one in found] == BETWEEN


def test_paragraphs_do_not_see_each_other():
    ours = model(CORPUS)
    lines = TEXT.splitlines(keepends=True)
    backwards = agreement(ours, "".join(reversed(lines))).log_odds
    np.testing.assert_allclose(backwards[::-1], agreement(ours, TEXT).log_odds, atol=1e-6)


@pytest.mark.parametrize(("verbs", "right"), [(400, 400), (400, 0), (400, 391), (7, 3), (1, 1)])
def test_the_interval_is_wilson_s(verbs, right):
    """Its ends, found by halving: where the share is 1.96 standard deviations of p away from p."""
    found, share = Share(verbs, right).interval, right / verbs
    assert found[0] <= share <= found[1]
    for inside, outside, end in ((share, 0.0, found[0]), (share, 1.0, found[1])):
        for _ in range(200):
            p = (inside + outside) / 2
            if abs(share - p) <= 1.959963984540054 * np.sqrt(p * (1 - p) / verbs):
                inside = p
            else:
                outside = p
        assert abs(inside - end) < 1e-9


def test_intervals_are_apart_or_not():
    far, near, same = Share(100, 95), Share(100, 70), Share(100, 78)
    assert Row(1, 9, far, near).apart
    assert Row(1, 9, near, far).apart
    assert not Row(1, 9, near, same).apart
    assert not Row(1, 9, far, None).apart


def test_a_forced_model_stands_beside_the_model_without():
    ours = model(CORPUS)
    found = agreement(ours, TEXT, force=["z[0-2]=0.9"])
    np.testing.assert_array_equal(found.log_odds, agreement(ours.force("z[0-2]=0.9"), TEXT).log_odds)
    np.testing.assert_array_equal(found.against, agreement(ours, TEXT).log_odds)
    assert found.against_name == "this model without z[0-2]=0.9 held"
    assert found.held == ("z[0-2]=0.9",)
    assert np.abs(found.log_odds - found.against).max() > 1e-2


def test_a_gate_held_at_some_steps_counts_from_the_newline():
    ours = model(CORPUS)
    found = agreement(ours, TEXT, force=["z=0.75@5-12"])
    odds = [expected(ours, verb, held=lambda step: 0.75 if 5 <= step <= 12 else None) for verb in found.verbs]
    assert np.abs(found.log_odds - odds).max() < 1e-4
    with pytest.raises(StepError, match="names a step that is not there: the longest stretch has"):
        agreement(ours, TEXT, force=["z=0.75@500"])


def test_the_other_model_has_to_know_the_text():
    with pytest.raises(UnknownCharacterError, match=r"^the text, read by the other model, line 1"):
        agreement(model(CORPUS), TEXT, against=model("The cat"))
    with pytest.raises(UnknownCharacterError, match=r"^new text of village, line \d+") as refused:
        agreement(model(CORPUS), corpus="village")
    # Nobody can leave characters out of a text that the program writes.
    assert refused.value.hint == "use a run that was trained on what `chargru corpus village` writes"


def test_two_forms_that_are_as_likely_are_not_right():
    found = replace(agreement(model(CORPUS), TEXT), log_odds=np.array([0.0, 1e-9, -1e-9, 2.0, -2.0]))
    assert found.total.model == Share(verbs=5, right=2)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"text": ""}, TextError, "the text is empty"),
        ({"text": "The cat"}, TextError, "the text has no verb that agrees with a noun before it"),
        ({"text": "cats"}, TextError, "the text: the grammar of cats cannot write 'c' at line 1, column 1; "),
        ({"corpus": "dogs"}, TextError, "there is no corpus 'dogs'"),
        ({"seed": -1}, SettingError, "the seed must be 0 or more"),
        ({"seed": 1.5}, SettingError, "`seed` is 1.5, but it must be a whole number"),
        ({"text": TEXT, "against": model(CORPUS, head=False)}, RunError, "this model has no head"),
    ],
)
def test_what_cannot_be_measured_is_refused(given, error, message):
    with pytest.raises(error) as refused:
        agreement(model(CORPUS), **given)
    assert refused.value.message.startswith(message)


def test_steps_of_work_are_told():
    more, steps = [], []
    agreement(model(CORPUS), TEXT, force=["z=0"], on_more=more.append, on_step=lambda: steps.append(1))
    assert sum(more) == len(steps) == 2
    assert Vocabulary.from_text(CORPUS) == model(CORPUS).vocabulary
