"""The live picture: every figure, at any width, with the curve where there is one."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from chargru.training.live import LiveProgress
from chargru.training.picture import Picture
from chargru.training.progress import Status

STATUS = Status(0.25, 1234, 5.678, 2.5, 2.75, 2.625, 98_765.4, 3725.0)
FALLING = [5.0 - 2.25 * number / 199 for number in range(200)]


def lines(picture, width=80, **options):
    console = Console(file=io.StringIO(), width=width, markup=False, color_system=None)
    console.print(picture.drawn(width, **options))
    return console.file.getvalue().splitlines()


def test_before_the_first_update_it_says_what_is_done():
    (line,) = lines(Picture(working="reading the text"))
    assert line.endswith("  0% reading the text")


def test_it_shows_figures_and_sample_and_takes_markup_literally():
    shown = lines(Picture(STATUS, "", [2.75], "[/b] the cats [red]were\nx"))
    assert shown[0].endswith(" 25% 1:02:05 left")
    assert shown[1:] == [
        "validation 2.750   best 2.625   train 2.500 bits per character",
        "update 1,234   epoch 5.68   pace 99k chars/s",
        "[/b] the cats [red]were⏎x",
    ]


@pytest.mark.parametrize(
    ("curve", "width", "shown"),
    [
        ([2.75], 80, "validation 2.750   best 2.625   train 2.500 bits per character"),
        ([5, 4, 3, 2.75], 80, "validation 5.000 ▇▄▂▁ 2.750   best 2.625   train 2.500 bits per character"),
        ([5, 4, 3, 2.75], 60, "validation 5.000 ▇▄▂▁ 2.750   best 2.625"),
        (FALLING, 40, "validation 5.000 ▇▇▆▆▅▅▅▄▄▃▃▃▂▂▁▁ 2.750"),
        (FALLING, 28, "validation 2.750"),
    ],
)
def test_the_curve_stands_between_the_first_validation_and_the_last(curve, width, shown):
    assert lines(Picture(STATUS, "", curve), width)[1] == shown


def test_a_terminal_without_blocks_gets_plain_characters():
    shown = lines(Picture(STATUS, "", FALLING, "naïve\ncats"), blocks=False)
    assert shown[1] == "validation 2.750   best 2.625   train 2.500 bits per character"
    assert shown[3] == "na\\xefve\\u23cecats"


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("scores", [0, 1, 2, 200])
def test_it_fits_any_width(width, scores):
    status = STATUS if scores else replace(STATUS, val_bpc=None, best_bpc=None)
    sample = "猫が、黒い犬を見た。" * 20
    for stopping in ("", "stopping: finishing this update, then saving"):
        shown = lines(Picture(status, "", FALLING[:scores], sample, stopping), width)
        assert max(map(cell_len, shown)) <= width
        assert len(shown) <= 9


def test_a_run_that_goes_on_begins_with_the_curve_it_has():
    progress = LiveProgress(io.StringIO())
    progress.earlier([5.0, 4.0])
    progress.validated(STATUS, "sample")
    assert progress._picture.curve == [5.0, 4.0, 2.75]


def test_what_the_model_wrote_last_is_shown():
    progress = LiveProgress(io.StringIO())
    progress.validated(STATUS, "before")
    progress.wrote("and now")
    assert lines(progress._picture)[-1] == "and now"


def test_what_a_signal_set_going_stands_in_the_place_of_the_sample():
    progress = LiveProgress(io.StringIO())
    progress.validated(STATUS, "sample")
    progress.stopping("stopping")
    assert lines(progress._picture)[-1] == "stopping"
    progress.waiting()
    assert lines(progress._picture)[-1] == "waiting for the disk; Ctrl-C gives up"
