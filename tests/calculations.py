"""Worked calculations to look at: their cases, and the lines of each as they were recorded."""

import re
from pathlib import Path

import numpy as np

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture, unpack
from chargru.insight.trace import trace
from chargru.model import Model
from chargru.show.trace import parts
from chargru.show.trace.calculation import equations
from chargru.show.view import View
from chargru.text.vocabulary import Vocabulary

RECORDED = Path(__file__).parent / "show" / "trace"
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
    """The recorded lines of every case, by its name."""
    found = re.split(r"^%% (.*)\n", (RECORDED / name).read_text(), flags=re.M)[1:]
    return dict(zip(found[::2], (lines.rstrip("\n") for lines in found[1::2]), strict=True))


def plain(unit):
    """The calculation of one index as plain text."""
    return "\n".join(line for one in equations(unit) for line in parts.calculation_lines(one, unit.view))
