"""Every table that --digits reaches: its cells are the values, apart from each other and below their headings."""

import re

import numpy as np
import pytest
from drawn import TEXT, model
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.insight import force_effect, other_network
from chargru.insight.gradient import GradientReport, Sizes
from chargru.insight.jacobian import StepJacobian
from chargru.insight.ledger import COUNTS_FROM, ledger
from chargru.insight.trace import trace
from chargru.insight.weight_gradient import WeightGradient
from chargru.show.characters import alone
from chargru.show.columns import aligned, fitted
from chargru.show.gradient import step as step_table
from chargru.show.gradient import table as gradient_table
from chargru.show.ledger import table as ledger_table
from chargru.show.notation import Notation
from chargru.show.trace import calculation as worked
from chargru.show.trace import force_effect as show_force_effect
from chargru.show.trace import other_network as show_other_network
from chargru.show.trace import parts
from chargru.show.trace import terminal as trace_table
from chargru.show.view import View, number

ODD = TEXT + "猫\u200b\n\x1b"
"""With characters that are shown 4, 8, 3 and 6 cells wide."""

DIGITS = st.integers(1, 15)
CASES = st.tuples(
    st.integers(0, 10_000),
    st.integers(1, len(ODD)),
    st.sampled_from([1, 2]),
    st.sampled_from(["after", "before"]),
    st.sampled_from(list(CONVENTIONS.values())),
)


def cells(line):
    return re.split(r" {2,}", line.strip())


def right_edges(line):
    return [cell_len(line[: match.end()]) for match in re.finditer(r"\S+(?: \S+)*", line)]


def table(lines, heading):
    """The rows below the line whose cells these are; checks that all end where the headings end."""
    at = next(number_ for number_, line in enumerate(lines) if cells(line) == heading)
    rows = []
    for line in lines[at + 1 :]:
        if len(cells(line)) != len(heading):
            break
        assert right_edges(line) == right_edges(lines[at])
        rows.append(cells(line))
    return rows


def drawn_model(seed, layers, reset, units=6):
    return model(ODD, units=units, layers=layers, reset=reset, seed=seed)


@settings(max_examples=30, deadline=None)
@given(case=CASES, digits=DIGITS)
def test_the_table_of_a_step(case, digits):
    seed, step, layers, reset, convention = case
    traced, view = trace(drawn_model(seed, layers, reset), steps=[step]), View(convention, digits, whole=True)
    lines = trace_table.render(traced, view).plain.splitlines()
    rules = [number_ for number_, line in enumerate(lines) if re.fullmatch("─+", line)]
    for layer, at in enumerate(rules):
        names = ("h_prev", "r", "z", "n", "h")
        values = [convention.value(name, getattr(traced.layers[layer], name)[0]) for name in names]
        heading, *rows = lines[at - 1], *lines[at + 1 : at + 7]
        assert len(cells(heading)) == 7
        for index, row in enumerate(rows):
            assert cells(row)[:-1] == [str(index), *(number(value[index], digits) for value in values)]
            assert right_edges(row)[:-1] == right_edges(heading)[:-1]
    assert len(rules) == layers


@settings(max_examples=30, deadline=None)
@given(case=CASES, digits=DIGITS)
def test_what_a_held_gate_changed(case, digits):
    seed, step, layers, reset, convention = case
    traced = trace(drawn_model(seed, layers, reset), steps=[step], indices=[0, 5], force=["r=1", "z[5]=0.5"])
    lines = show_force_effect.lines(traced, 0, (layers - 1,), View(convention, digits))
    old, new = traced.original.h[0], traced.h[0]
    rows = table(lines, ["index", f"{convention.symbol('h', step)} as it was", "held", "change"])
    assert rows == [
        [str(index), *(number(value, digits) for value in (old[index], new[index], new[index] - old[index]))]
        for index in (0, 5)
    ]
    expected = [
        [alone(one.char), *(number(value, digits) for value in (one.p_original, one.p, one.p - one.p_original))]
        for one in force_effect.next_changes(traced, 0)
    ]
    assert table(lines, ["next", "p as it was", "held", "change"]) == expected


@settings(max_examples=30, deadline=None)
@given(case=CASES, digits=DIGITS)
def test_another_network_s_step(case, digits):
    seed, step, layers, reset, convention = case
    traced = trace(drawn_model(seed, layers, reset), steps=[step], indices=[0, 5])
    other = other_network.their_trace(traced, convention)
    lines = show_other_network.lines(traced, 0, layers - 1, View(convention, digits))
    if not lines:
        return
    n, h = (str(convention.symbol(name, step)) for name in ("n", "h"))
    assert table(lines, ["index", n, h, f"{n} here", f"{h} here"]) == [
        [str(index), *(number(value[0, index], digits) for value in (other.n, other.h, traced.n, traced.h))]
        for index in (0, 5)
    ]


@settings(max_examples=30, deadline=None)
@given(case=CASES, digits=DIGITS, back=st.integers(1, 90))
def test_a_ledger(case, digits, back):
    seed, step, layers, reset, convention = case
    taken = ledger(drawn_model(seed, layers, reset), ODD, step=step, indices=[3])
    lines = ledger_table.render(taken, View(convention, digits, back=back, whole=True)).splitlines()
    n = convention.letters["n"]
    at = next(number_ for number_, line in enumerate(lines) if cells(line)[0] == "step")
    assert cells(lines[at]) == ["step", "read", "lag", "share w", f"wrote {n}", f"w * {n}"]
    w, wrote, parts = (values[:, 3] for values in (taken.shares, taken.written, taken.contributions))
    listed = [k for k in taken.largest_first(3) if k > step - back or w[k] >= COUNTS_FROM]
    expected = [[str(k), alone(ODD[k - 1]), str(step - k), f"{w[k]:.1%}", wrote[k], parts[k]] for k in listed]
    rest = sorted(set(range(1, step + 1)) - set(listed))
    if rest:
        label = f"{len(rest)} other step{'s' * (len(rest) != 1)}"
        expected.append([label, f"{sum(w[k] for k in rest):.1%}", sum(parts[k] for k in rest)])
    expected.append([str(convention.symbol("h", 0)), f"{w[0]:.1%}", wrote[0], parts[0]])
    expected.append(["sum", "100.0%", sum(parts)])
    for line, row in zip(lines[at + 1 :], expected, strict=False):
        assert cells(line) == [cell if isinstance(cell, str) else number(cell, digits) for cell in row]
        edges = right_edges(lines[at])
        assert right_edges(line)[-1] == edges[-1]
        assert right_edges(line)[1 if len(row) < 6 else 3] == edges[3]
        if len(row) == 6:
            assert [right_edges(line)[column] for column in (0, 2, 4)] == [edges[column] for column in (0, 2, 4)]


@settings(max_examples=30, deadline=None)
@given(case=CASES, digits=DIGITS)
def test_the_addends_of_a_calculation(case, digits):
    seed, step, layers, reset, convention = case
    traced = trace(drawn_model(seed, layers, reset), steps=[step], force=["r[2]=1"])
    unit = worked.Unit(traced, 0, layers - 1, 2, View(convention, digits, terms=True))
    for gate, equation in zip("rzn", worked.equations(unit), strict=False):
        names = [Notation().write(addend.name) for addend in equation.addends]
        addends = [line for line in parts.calculation_lines(equation, unit.view) if cells(line)[0] in names]
        shown = [cells(line)[1] for line in addends]
        assert shown == [number(unit.addend(kind, gate), digits) for kind in ("Wx", "bx", "Wh", "bh")]
        assert len({right_edges(line)[1] for line in addends}) == 1


@pytest.mark.parametrize("digits", [1, 2, 4, 9, 12, 15])
def test_indices_of_one_to_four_digits(digits):
    m = drawn_model(0, 1, "after", units=1068)
    indices = [0, 12, 345, 1067]
    traced = trace(m, steps=[5], indices=indices, force=["z=0.25"])
    view = View(COURSE, digits)
    heading, *_ = parts.headers(traced, 0, view)
    lines = trace_table.render(traced, view).plain.splitlines()
    at = next(number_ for number_, line in enumerate(lines) if cells(line)[0] == heading)
    assert [cells(line)[0] for line in lines[at + 2 : at + 6]] == [str(index) for index in indices]
    assert len({right_edges(line)[0] for line in (lines[at], *lines[at + 2 : at + 6])}) == 1
    for found in (
        table(show_force_effect.lines(traced, 0, (0,), view), ["index", "c<5> as it was", "held", "change"]),
        table(
            show_other_network.lines(traced, 0, 0, view),
            ["index", "c~<5>", "c<5>", "c~<5> here", "c<5> here"],
        ),
    ):
        assert [row[0] for row in found] == [str(index) for index in indices]


@pytest.mark.parametrize("digits", [None, 1, 2])
def test_tables_fit_80_columns(digits):
    """At the digits that are shown unless others are asked for, and fewer."""
    traced = trace(drawn_model(1, 2, "after"), steps=[20, 80], force=["r=1"])
    for convention in (TORCH, COURSE):
        view = View(convention, digits, back=80)
        lines = [*trace_table.render(traced, view).plain.splitlines()]
        lines += ledger_table.render(ledger(drawn_model(1, 2, "after"), ODD, step=80), view).splitlines()
        assert max(map(cell_len, lines)) <= 80


def test_a_gradient_s_cells_stay_apart():
    """Sizes far below what is common, whose spread is large."""
    log10 = np.repeat([[-1234.5], [-987.6]], 3, axis=1) * np.arange(3)
    sizes = Sizes(log10)
    parts = dict.fromkeys(("shortcut only", "without shortcut", "candidate only", "gates frozen"), sizes)
    report = GradientReport(None, ODD, "after", (1, 2), np.array([60, 61]), sizes, (sizes,), parts, sizes, "some")
    lines = gradient_table.render(report).plain.splitlines()
    heading = next(line for line in lines if line.startswith("  lag"))
    rows = [line for line in lines if re.match(r" +[12]  ", line)]
    assert len(cells(heading)) == 6
    assert [cells(line) for line in rows[:2]] == [["1", *5 * ["-1111.0 ±123.4"]], ["2", *5 * ["-2222.1 ±246.9"]]]
    assert all(right_edges(line) == right_edges(heading) for line in rows[:2])


def test_a_jacobian_s_norms_stay_apart():
    terms = np.random.default_rng(0).normal(size=(4, 3, 3)) * np.array([1e-120, 1.0, 12345.0, 1e120])[:, None, None]
    found = StepJacobian(None, ODD, 5, 1, "after", terms)
    lines = step_table.jacobian(found).plain.splitlines()
    heading = next(line for line in lines if cells(line)[0] == "term")
    rows = [line for line in lines if re.match(r"  (\d |sum)", line)]
    for row, norms in zip(rows, zip(found.two_norms(), found.frobenius_norms(), strict=True), strict=True):
        assert cells(row)[-2:] == [f"{norm:.4g}" for norm in norms]
        assert right_edges(row)[-2:] == right_edges(heading)[-2:]


def test_shares_of_a_gradient_that_cancels_stay_apart():
    """Two steps that pull against each other: shares of a million percent."""
    left = np.array([1.0, -0.9999]).reshape(1, 1, 2, 1).repeat(3, axis=1)
    found = WeightGradient(None, ODD, 2, left, np.ones_like(left), np.zeros(2))
    lines = step_table.weights(found).plain.splitlines()
    rule = next(number_ for number_, line in enumerate(lines) if line.startswith("──"))
    shares = found.shares()[0]
    for lag in (0, 1):
        row = cells(lines[rule + 1 + lag])
        assert row[0] == f"{lag} {alone(found.text[1 - lag])}"
        assert row[2::2] == [f"{shares[gate, 1 - lag]:+.1%}" for gate in range(3)]
        assert right_edges(lines[rule + 1 + lag])[1:] == right_edges(lines[rule - 1])[1:]
    assert np.abs(shares).max() > 1000


def test_a_column_is_as_wide_as_its_widest_cell():
    rows = [("a", "name", "b"), ("-1.5", "猫", "2"), ("2", "x", "")]
    assert aligned(rows, (1, 1, 3), left=(1,), indent="> ") == [
        ">    a  name    b",
        "> -1.5  猫      2",
        ">    2  x",
    ]


LAID_OUT = """\
The update gate z says how much of the old state goes on. A word is as it was in
the text, and the last line is short.

─────────────────────────────
name    size  who
a         10  someone of a long name
  A sentence that stands further in, as long as this one is, goes on over there,
  and goes on.
     0.0 |wwuuuu u u u u u u u u u u u u u u u u u u u u u
"""


def test_sentences_are_broken_anew_for_a_narrow_terminal_and_tables_left():
    assert fitted(LAID_OUT, 40) == (
        "The update gate z says how much of the\n"
        "old state goes on. A word is as it was\n"
        "in the text, and the last line is short.\n"
        "\n"
        "─────────────────────────────\n"
        "name    size  who\n"
        "a         10  someone of a long name\n"
        "  A sentence that stands further in, as\n"
        "  long as this one is, goes on over\n"
        "  there, and goes on.\n"
        "     0.0 |wwuuuu u u u u u u u u u u u u u u u u u u u u u\n"
    )
    assert fitted(LAID_OUT, 80) == LAID_OUT
    assert fitted("─" * 80, 60) == "─" * 60
    assert fitted("猫 " * 20, 30).split("\n") == ["猫 猫 猫 猫 猫 猫 猫 猫 猫 猫", "猫 猫 猫 猫 猫 猫 猫 猫 猫 猫"]
