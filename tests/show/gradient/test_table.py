"""Tables, plot and sentences: 80 columns, and the report's own numbers."""

import re
from dataclasses import replace

import autograd
import numpy as np
import pytest
from rich.cells import cell_len

from chargru.gru.weights import unpack
from chargru.insight.gradient import Sizes, gradient
from chargru.insight.jacobian import jacobian
from chargru.insight.weight_gradient import weight_gradient
from chargru.show.gradient import (
    plot as gradient_plot,
)
from chargru.show.gradient import (
    sentences as gradient_reading,
)
from chargru.show.gradient import (
    step as step_table,
)
from chargru.show.gradient import (
    table as gradient_table,
)

TEXT = autograd.random_text(60)
MODEL = autograd.model(2)


@pytest.fixture(scope="module")
def report():
    return gradient(MODEL, TEXT, lags=(1, 5, 20), against=autograd.model(reset="before"))


def flat(mean, report):
    """A curve that falls evenly to `mean` at the largest lag."""
    lags = np.arange(report.lags[-1] + 1)
    return Sizes(np.tile(mean * lags / lags[-1], (len(report.positions), 1)))


def with_parts(report, **means):
    parts = {name: flat(means[name.replace(" ", "_")], report) for name in report.parts}
    whole = flat(means["whole"], report)
    untrained = flat(means.get("untrained", -9.0), report)
    return replace(report, whole=whole, layers=(whole,), parts=parts, untrained=untrained, against=None)


DEEP = {"without_shortcut": -16.9, "shortcut_only": -8.1, "candidate_only": -40.0, "whole": -2.8}


def test_every_line_fits_80_columns(report):
    shown = [gradient_table.render(report), step_table.jacobian(jacobian(MODEL, TEXT, step=9))]
    shown.append(step_table.weights(weight_gradient(MODEL, TEXT, step=57)))
    deep = with_parts(report, **DEEP, gates_frozen=-1234.5)
    shown.append(gradient_table.render(replace(deep, untrained=flat(-1234.5, report))))
    for text in shown:
        assert max(cell_len(line) for line in text.plain.splitlines()) <= 80


def test_cells_are_the_means_and_deviations(report):
    lines = gradient_table.render(report).plain.splitlines()
    rows = [re.findall(r"(-?\d+\.\d+) ±(\d+\.\d+)", line) for line in lines if re.match(r" +20 ", line)]
    curves = [[report.layers[-1], *report.parts.values()], [report.whole, report.untrained, report.against]]
    for row, sizes in zip(rows, curves, strict=True):
        expected = [(one.mean(20), one.std(20)) for one in sizes]
        np.testing.assert_allclose(np.array(row, float), expected, atol=0.00501)


def test_zeros_are_said(report):
    some = report.whole.log10.copy()
    some[:3, 5] = -np.inf
    text = gradient_table.render(replace(report, whole=Sizes(some))).plain
    assert f"(whole, of {len(some)} positions): 3 at lag 5." in text
    text = gradient_table.render(replace(report, whole=Sizes(np.full_like(some, -np.inf)))).plain
    assert text.count("all zero") == 3
    assert "the whole is exactly zero" in text


@pytest.mark.parametrize(("frozen", "expected"), [(-3.2, "gates held still"), (-3.4, "No part alone is within")])
def test_a_part_is_near_within_a_factor_of_3(report, frozen, expected):
    text = " ".join(gradient_reading.sentences(with_parts(report, **DEEP, gates_frozen=frozen)))
    assert f"gates frozen comes nearest in size to the whole: 10^{frozen}." in text
    assert expected in text
    assert "Without the shortcut the size is 10^-16.9, smaller by a factor of 10^14.1" in text
    assert "untrained: 10^-9.0, smaller by a factor of 10^6.2." in text


@pytest.mark.parametrize(("untrained", "said"), [(-2.76, "within a factor of 10^0.1"), (-2.86, "smaller by a fac")])
def test_sizes_that_are_near_are_not_called_the_same(report, untrained, said):
    """The whole is 10^-2.8; only what both round to is equal."""
    text = " ".join(gradient_reading.sentences(with_parts(report, **DEEP, gates_frozen=-9.0, untrained=untrained)))
    assert re.search(rf"untrained: 10\^-2\.[89], (as large )?{re.escape(said)}", text)


def test_the_nearest_part_is_the_nearest(report):
    means = {**DEEP, "gates_frozen": -9.0, "shortcut_only": -2.9}
    assert "So the shortcut z alone" in " ".join(gradient_reading.sentences(with_parts(report, **means)))


def test_the_plot_puts_marks_at_their_height(report):
    lines = gradient_plot.lines(with_parts(report, **DEEP, gates_frozen=-9.0, untrained=-14.0))
    rows = [line[10:] for line in lines[2 : 2 + gradient_plot.HEIGHT]]
    assert lines[2].startswith("     0.0 |w")
    height = {mark: next(row for row, line in enumerate(rows) if line[65:66] == mark) for mark in "wu"}
    level = {mark: -28.0 * row / (gradient_plot.HEIGHT - 1) for mark, row in height.items()}
    assert level["w"] == pytest.approx(-2.8, abs=1.0)
    assert level["u"] == pytest.approx(-14.0, abs=1.0)
    assert lines[-1] == "What leaves the plot at its lower edge is below 10^-28.0."


def test_norms_in_the_table_are_the_jacobians():
    found = jacobian(MODEL, TEXT, step=9)
    text = step_table.jacobian(found).plain
    rows = [line.split()[-2:] for line in text.splitlines() if re.match(r"  (\d |sum)", line)]
    expected = np.stack([found.two_norms(), found.frobenius_norms()], axis=1)
    np.testing.assert_allclose(np.array(rows, float), expected, rtol=1e-3)
    assert f"Spectral radius of the sum: {found.spectral_radius():.4g}. It is of this one step and bounds no" in text


def test_shares_in_the_table_sum_to_the_whole():
    found = weight_gradient(MODEL, TEXT, step=57)
    text = step_table.weights(found).plain
    tables = text.split("Layer ")[1:]
    assert len(tables) == 2
    for layer, table in enumerate(tables):
        shares = [re.findall(r"([+-]\d+\.\d)%", line) for line in table.splitlines()]
        summed = np.array([row for row in shares if row], float).sum(axis=0)
        np.testing.assert_allclose(summed, 100.0, atol=0.05 * 13)
        size = re.search(r"^ +0 '.' +(\S+)", table, re.MULTILINE)[1]
        assert float(size) == pytest.approx(10.0 ** found.log10_sizes()[layer, 0, -1], rel=0.01)


def test_a_step_in_several_is_in_exactly_one_bin():
    for step in (1, 9, 10, 11, 137):
        lags = [lag for first, last in step_table._bins(step) for lag in range(first, last + 1)]
        assert lags == list(range(step))


def test_a_gate_without_gradient_has_no_share():
    tensors = {name: value.copy() for name, value in autograd.model().weights.named()}
    for name in ("gru.weight_ih_l0", "gru.weight_hh_l0"):
        tensors[name][:5] = 0
    tensors["gru.bias_ih_l0"][:5] = -1e4
    model = autograd.model()
    found = weight_gradient(replace(model, weights=unpack(model.architecture, tensors)), TEXT, step=5)
    assert "The gradient of W_hr is exactly zero" in step_table.weights(found).plain


@pytest.mark.parametrize(
    ("log10", "expected"), [(-400.5, "3.16e-401"), (np.log10(9.999), "1.00e+01"), (0.0, "1.00e+00")]
)
def test_numbers_below_every_float64_are_shown(log10, expected):
    assert step_table._scientific(log10) == expected
