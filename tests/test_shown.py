"""The one rule of `repr`: a line, and no array written out; in every value that the library returns, and inside it."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru import bundled, host, run_summary
from chargru.shown import LONGEST_REPR, Brief, counted, megabytes, readable
from chargru.text.corpus import read_corpus

RETURNED = {
    "Model": lambda ours: ours,
    "Trace": lambda ours: chargru.trace(ours, TEXT, force=["z=0"]),
    "Comparison": lambda ours: chargru.compare(ours, TEXT),
    "Ledger": lambda ours: chargru.ledger(ours, TEXT, step=9),
    "Gates": lambda ours: chargru.gates(ours, TEXT * 9, match="[aeiou]"),
    "Exploration": lambda ours: chargru.explore(ours, TEXT),
    "GradientReport": lambda ours: chargru.gradient(ours, TEXT, lags=[1, 5]),
    "StepJacobian": lambda ours: chargru.jacobian(ours, TEXT, step=9),
    "WeightGradient": lambda ours: chargru.weight_gradient(ours, TEXT, step=9),
    "Evaluation": lambda ours: chargru.evaluate(ours, TEXT * 9, force=["r=1"]),
    "Surprise": lambda ours: chargru.surprise(ours, TEXT * 9),
    "Ablation": lambda ours: chargru.ablate(ours, TEXT),
    "Proof": lambda ours: chargru.prove(ours, TEXT),
    "Curves": lambda _: chargru.curves("cats", "cats-rnn"),
    "RunList": lambda _: chargru.runs(),
    "RunDescription": lambda _: run_summary.describe(bundled.run_path()),
    "Corpus": lambda _: read_corpus([str(bundled.text_path())]),
}


def inside(value):
    """Every value of a class of ours that can be reached by its fields."""
    if isinstance(value, tuple | list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from inside(one)
    elif type(value).__module__.startswith("chargru"):
        yield value
        for field in dataclasses.fields(value) if dataclasses.is_dataclass(value) else ():
            yield from inside(getattr(value, field.name))


@pytest.mark.parametrize("name", RETURNED)
def test_every_value_is_a_line_in_a_prompt(name):
    found = RETURNED[name](model(TEXT, units=40, layers=2))
    assert type(found).__name__ == name
    shown = {type(one).__name__: repr(one) for one in inside(found)}
    assert name in shown
    assert {kind: text for kind, text in shown.items() if len(text) > 200 or "\n" in text or "array(" in text} == {}


@dataclasses.dataclass(frozen=True)
class Thing(Brief):
    values: np.ndarray
    checkpoint: str | None = None
    words: str = ""
    share: float = 0.0
    many: tuple = ()
    few: tuple = ()
    hidden: int = dataclasses.field(default=1, repr=False)


def test_fields_are_told_by_shape_and_size():
    thing = Thing(np.zeros((2, 48)), "checkpoints/novel-001", "x" * 99, 0.123456, tuple(range(512)), (1, "b"), 7)
    expected = (
        f"<Thing values (2, 48), of novel-001, words='{'x' * 27}...', share=0.1235, many=(512 items), few=(1, 'b')>"
    )
    assert repr(thing) == expected
    assert repr(Thing(np.zeros(3))) == "<Thing values (3)>"


def test_a_name_neither_breaks_the_line_nor_steers_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = Path("a\x1b[31m\nb\u202e")
    shutil.copytree(bundled.run_path(), run)
    found = chargru.load(run)
    name = r"a\x1b[31m\nb\u202e"
    assert repr(found) == f"<Model {name}: 1 layer of 48 units, 30 characters, 0.51 bits per character>"
    assert str(found).splitlines()[-1] == f"The rest: chargru info {host.quoted(name)}"
    assert str(found).replace("\n", "").isprintable()
    assert repr(chargru.curves(run)) == f"<Curves of {name}; print it for a plot>"
    assert repr(Thing(np.zeros(1), str(run))) == f"<Thing values (1), of {name}>"


def test_what_is_too_long_is_cut():
    @dataclasses.dataclass
    class Long(Brief):
        def in_brief(self):
            return "y" * 500

    assert repr(Long()) == f"<Long {'y' * (LONGEST_REPR - 10)}...>"
    assert len(repr(Long())) == LONGEST_REPR


def test_a_number_has_its_noun():
    assert [counted(1, "layer"), counted(2000, "layer"), counted(0, "entry", "entries")] == [
        "1 layer",
        "2,000 layers",
        "0 entries",
    ]


def test_bytes_are_told_in_megabytes():
    assert [megabytes(3_999_999), megabytes(0, 2_000_000_000)] == ["3 MB", "0 of 2,000 MB"]


def test_the_words_of_the_values_that_one_meets_first(tmp_path, monkeypatch):
    (tmp_path / "checkpoints").symlink_to(bundled.run_path().parent)
    monkeypatch.chdir(tmp_path)
    cats = chargru.load("cats")
    assert repr(cats) == "<Model cats: 1 layer of 48 units, 30 characters, 0.51 bits per character>"
    assert repr(cats.force("z=0")).endswith(" bits per character, held: z=0>")
    assert repr(cats.weights) == "<Weights of 1 layer of 48 units, 12,990 parameters, float32>"
    assert repr(cats.vocabulary) == "<Vocabulary of 30 characters, '\\n ,.ITabcdefghiklmnopqrstuvwxy'>"
    score = chargru.evaluate(cats, "The cats were full.")
    assert repr(score) == "<Evaluation 0.5385 bits per character, the mean over 18 characters of the text>"
    assert repr(chargru.curves("cats")) == "<Curves of cats; print it for a plot>"
    assert repr(chargru.runs()) == "<RunList of 2 runs: checkpoints/cats, checkpoints/cats-rnn>"


SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("char", "shown"),
    [
        *((char, char) for char in "a\n\tשعद中🐈\u0301\ufe0f\u200c\u200d\xa0\u3000\u06dd\xad\ue000"[:-1]),
        ("\x1b", "\\x1b"),
        ("\r", "\\r"),
        ("\x07", "\\x07"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200e", "\\u200e"),
        ("\u2028", "\\u2028"),
        ("\ufeff", "\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\u0378", "\\u0378"),
        ("\U000e0041", "\\U000e0041"),
        ("\U000e0067\U000e007f", "\\U000e0067\\U000e007f"),
        (SCOTLAND, SCOTLAND),
        (f"{SCOTLAND}\U000e0067", f"{SCOTLAND}\\U000e0067"),
        (SCOTLAND[:-1], "".join([SCOTLAND[0], *(f"\\U{ord(tag):08x}" for tag in SCOTLAND[1:-1])])),
    ],
)
def test_what_steers_the_reader_is_escaped_and_what_people_read_is_not(char, shown):
    assert readable(f"x{char}x") == f"x{shown}x"
