"""Lines in plain characters: which cell each point falls into, ticks, what is cut, columns."""

import numpy as np
import pytest

from chargru.show.plot import Line, in_columns, nice_ticks, plot


def drawn(*lines, width=48):
    """The rows with their marks, without the labels; and the numbers at the ticks, from the top."""
    rows = [row.plain for row in plot(lines, width).rows]
    return [row[8:] for row in rows[:-2]], [float(row[:6]) for row in rows[:-2] if row[:6].strip()], rows[-2:]


def line(mark, y, x=None):
    return Line(mark, "", tuple(range(len(y)) if x is None else x), tuple(y))


def test_every_value_is_on_its_row_and_in_its_column():
    """40 columns from x = 0 to 39, a straight line from 0 to 3.9, ticks every 1: a row is 0.25."""
    values = np.arange(40) / 10
    rows, ticks, _ = drawn(line("v", values))
    assert ticks == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert len(rows) == 17
    for column, value in enumerate(values):
        marked = [number for number, row in enumerate(rows) if row.ljust(40)[column] == "v"]
        assert round((4.0 - value) / 4.0 * 16) in marked


def test_a_steep_part_has_no_gap():
    rows, _, _ = drawn(line("v", [0.0] * 20 + [4.0] * 20))
    assert [row.ljust(40)[20] for row in rows] == ["v"] * 16 + [" "]
    assert [row.ljust(40)[19] for row in rows] == [" "] * 16 + ["v"]


def test_where_lines_meet_both_marks_are_seen():
    rows, _, _ = drawn(line("a", [1.0] * 40), line("b", [1.0] * 20 + [2.0] * 20))
    assert rows[-1] == "ab" * 10 + "a" * 20


def test_points_of_one_column_are_averaged_and_gaps_filled_between_points_only():
    """At 5 columns from x = 0 to 8 a column is 2: x = 2 and 2.4 share one, 4 is between, 8 is beyond the last."""
    found = in_columns(line("v", [1.0, 3.0, 2.0], (2.0, 2.4, 6.0)), 8.0, 5)
    assert np.isnan(found[[0, 4]]).all()
    between = 3.0 + (4.0 - 2.4) / (6.0 - 2.4) * (2.0 - 3.0)
    assert np.abs(found[1:4] - [2.0, between, 2.0]).max() < 1e-12


def test_a_fall_from_a_great_height_is_cut_and_said():
    falling = [60.0, 20.0, *np.linspace(2.0, 1.0, 398)]
    found = plot([line("v", falling)], 60)
    assert found.above == (60.0, 0)
    assert float(found.rows[0].plain[:6]) < 5.0
    assert found.rows[0].plain[8:10] == " v"  # the first column is above it, and the second comes from there


def test_nothing_is_cut_that_fits():
    found = plot([line("v", np.linspace(3.0, 1.0, 50))], 60)
    assert found.above is None
    assert float(found.rows[0].plain[:6]) == 3.0


@pytest.mark.parametrize("width", range(40, 111, 5))
def test_it_is_as_wide_as_asked(width):
    rows = [row.plain for row in plot([line("v", [3.0, 1.0, 2.0], (1163, 20_000, 123_456))], width).rows]
    assert max(map(len, rows)) == width
    assert rows[-1].split()[0] == "0"
    labels = [int(label.replace(",", "")) for label in rows[-1].split()]
    assert len(labels) >= 2
    for label, tick in zip(labels, [at for at, sign in enumerate(rows[-2]) if sign == "┬"], strict=True):
        assert abs(tick - (8 + label / 123_456 * (width - 9))) <= 0.5


@pytest.mark.parametrize(
    "values", [[2.5], [0.0], [1.0, 1.0], [1e-9, 2e-9], [1e6, 2e6], [0, 5e-324], [-1e9, 1e9, 1e-310]]
)
def test_what_is_flat_tiny_or_huge_is_drawn(values):
    rows, _, _ = drawn(line("v", values))
    assert "v" in "".join(rows)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.502, 0.567, [0.50, 0.52, 0.54, 0.56, 0.58]),
        (0.0, 6.0, [0, 1, 2, 3, 4, 5, 6]),
        (0.0, 30_000.0, [0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000]),
        (2.0, 2.0, [2.0, 2.05]),
    ],
)
def test_ticks_are_round_and_enclose(low, high, expected):
    ticks, digits = nice_ticks(low, high, 6)
    assert np.abs(np.array(ticks) - expected).max() < 1e-9
    assert all(abs(float(f"{tick:.{digits}f}") - tick) < 1e-9 for tick in ticks)
