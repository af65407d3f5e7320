"""The worked calculation line by line, as each format lays it out."""

import re
from pathlib import Path

import numpy as np
import pytest

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.gru.weights import Architecture, initialise, unpack
from chargru.insight.trace import trace
from chargru.model import Model
from chargru.show.trace import latex, markdown, terminal
from chargru.show.view import View
from chargru.text.vocabulary import Vocabulary

TEXT = "abcab"
UNITS = 7
INDEX = 2


def model(layers=1, reset="after", largest=1.0):
    """Weights that anyone can write down: number k of tensor m is (7 k + 5 m) mod 17 - 8 eighths of the largest."""
    vocabulary = Vocabulary.from_text(TEXT)
    architecture = Architecture(len(vocabulary), UNITS, layers, reset)
    tensors = {
        name: (((7 * np.arange(value.size) + 5 * m) % 17 - 8) / 8 * largest).reshape(value.shape).astype(np.float32)
        for m, (name, value) in enumerate(initialise(architecture, 0).items())
    }
    return Model(vocabulary, unpack(architecture, tensors), trace_text=TEXT)


CASES = {
    **{name: (model(reset=one.resets[0]), View(one), ()) for name, one in CONVENTIONS.items()},
    "reset before": (model(reset="before"), View(), ()),
    "the upper of two layers": (model(layers=2), View(layer=2), ()),
    "r held": (model(), View(), ("r=1",)),
    "9 digits": (model(), View(digits=9), ()),
    "terms": (model(), View(terms=True), ()),
    "terms of an upper layer, reset before": (model(2, "before"), View(COURSE, layer=2, terms=True), ()),
    "weights of 30": (model(largest=30.0), View(TORCH, 3, terms=True), ()),
}


def written(case, render):
    """The trace of one case as a format writes it."""
    given, view, force = CASES[case]
    return render(trace(given, steps=[3], indices=[INDEX], force=force), view)


def expected(name):
    """The recorded lines of every case, by its name, from a file beside this one."""
    parts = re.split(r"^%% (.*)\n", (Path(__file__).parent / name).read_text(), flags=re.M)[1:]
    return dict(zip(parts[::2], (part.rstrip("\n") for part in parts[1::2]), strict=True))


def calculation_in_terminal(case):
    text = written(case, terminal.render).plain
    return re.search(rf"^Index {INDEX} worked out\n(.*?)\n\nWhat you can see$", text, flags=re.M | re.S)[1]


def calculation_in_markdown(case):
    text = written(case, markdown.render)
    return re.search(rf"^\*\*Index {INDEX} worked out\*\*\n\n```text\n(.*?)\n```$", text, flags=re.M | re.S)[1]


def calculation_in_latex(case):
    text = written(case, latex.render)
    return re.search(r"^\\begin\{align\*\}\n.*?\n\\end\{align\*\}$", text, flags=re.M | re.S)[0]


@pytest.mark.parametrize("case", CASES)
def test_terminal_and_markdown(case):
    assert calculation_in_terminal(case) == expected("calculation.txt")[case]
    assert calculation_in_markdown(case) == expected("calculation.txt")[case]


@pytest.mark.parametrize("case", CASES)
def test_latex(case):
    assert calculation_in_latex(case) == expected("calculation.tex")[case]


def test_formulas_are_headings_in_a_terminal():
    text = written("torch", terminal.render)
    formula, numbers = (text.plain.index(start) for start in ("  r_3 = sigmoid(", "    r_3[2] = sigmoid("))
    assert [span.style for span in text.spans if span.start <= formula < span.end] == ["bold"]
    assert not [span for span in text.spans if span.start <= numbers < span.end and span.style == "bold"]
