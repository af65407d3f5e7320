"""The plot of losses: marks, legend, figures, width, without colour and with it."""

import dataclasses
import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from chargru.errors import SettingError
from chargru.run_curves import Curve, Curves, RunCurve
from chargru.show.curves.terminal import known, render
from chargru.show.view import View


def marked(rows, mark):
    """The columns in which a mark stands in the plot."""
    return {at for row in rows if "┤" in row or "│" in row for at, sign in enumerate(row[8:]) if sign == mark}


def test_one_run(one):
    rows = str(one).splitlines()
    assert rows[:3] == [
        "Loss of checkpoints/one by update, in bits per character",
        "o validation: lowest 2.8000 at update 80, 4.6000 at the end",
        "· training: lowest 2.1000 at update 100",
    ]
    assert max(marked(rows, "o")) == max(marked(rows, "·")) == 71
    assert min(marked(rows, "·")) == round(71 * 10 / 100)
    assert min(marked(rows, "o")) == round(71 * 20 / 100)
    assert rows[-1].split() == ["0", "20", "40", "60", "80", "100"]


def test_several_runs_are_told_apart_by_letters(two):
    rows = str(two).splitlines()
    assert rows[0] == "Loss by update, in bits per character: capitals validation, small letters"
    assert rows[2:4] == [
        "A checkpoints/one: lowest 2.8000 at update 80, 4.6000 at the end",
        "B checkpoints/$two_$: lowest 4.8000 at update 80, 6.6000 at the end",
    ]
    assert all(marked(rows, mark) for mark in "AaBb")


@pytest.mark.parametrize("width", [40, 60, 80, 110])
def test_it_fits_the_width(two, width):
    wide = dataclasses.replace(two, runs=(*two.runs, RunCurve("检查点/" * 20, two.runs[0].curve)))
    rows = render(wide, View(width=width)).plain.splitlines()
    assert max(map(cell_len, rows)) == width
    assert "检查点/" * 20 in "".join(row.strip() for row in rows)


def test_the_colours_only_repeat_what_the_marks_say(two):
    shown = render(two)
    plain, coloured = (
        Console(file=io.StringIO(), width=80, color_system=system, force_terminal=True, no_color=system is None)
        for system in (None, "truecolor")
    )
    plain.print(shown)
    coloured.print(shown)
    assert "\x1b[38;2;" in coloured.file.getvalue()
    assert "38;2" not in plain.file.getvalue()
    assert shown.plain == str(two)


def test_a_run_that_was_not_validated_yet_says_so():
    rows = str(Curves((RunCurve("young", Curve((5, 10), (3.0, 2.0), (None, None), (0.1, 0.1))),))).splitlines()
    assert rows[1:3] == ["o validation: none yet", "· training: lowest 2.0000 at update 10"]
    assert not marked(rows, "o")


def test_points_are_by_update_and_written_once():
    """A run that was killed and resumed writes some updates again."""
    curve = Curve((10, 20, 30, 20), (4.0, 3.0, 2.0, 2.5), (None,) * 4, (None,) * 4)
    assert known(curve, "train_bpc") == [(10, 4.0), (20, 2.5), (30, 2.0)]


def test_more_runs_than_letters_are_refused(one):
    with pytest.raises(SettingError, match="27 runs are too many for one plot"):
        str(Curves(one.runs * 27))


def test_a_name_cannot_steer_the_terminal(one):
    steering = Curves((RunCurve("a\x1b[2J", one.runs[0].curve),))
    assert "\x1b" not in str(steering)
    assert r"a\x1b[2J" in str(steering)
