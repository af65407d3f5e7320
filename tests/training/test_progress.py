"""What training shows: figures, plain lines and the live picture."""

import io

import pytest

from chargru.training.progress import LiveProgress, PlainProgress, Status, duration, figures, for_stream, visible

STATUS = Status(0.25, 1234, 5.678, 2.5, 2.75, 2.625, 98_765.4, 3725.0)


@pytest.mark.parametrize(("seconds", "shown"), [(7, "0:07"), (750, "12:30"), (3725, "1:02:05"), (-3, "0:00")])
def test_duration(seconds, shown):
    assert duration(seconds) == shown


def test_a_plain_line_names_every_figure():
    assert figures(STATUS) == (
        "update 1234, epoch 5.68, train 2.500, val 2.750, best 2.625 bits/char, 99k chars/s, 1:02:05 left"
    )


def test_a_figure_that_is_not_known_is_left_out():
    assert figures(Status(0.0, 1, 0.5, chars_per_second=12.3)) == "update 1, epoch 0.50, 12 chars/s"


def test_a_sample_is_one_line_that_cannot_steer_the_terminal():
    assert visible("a\nb\x1b[2J\tc\r") == "a⏎b\\x1b[2J\\tc\\r"


def test_plain_lines_come_once_an_interval():
    stream = io.StringIO()
    progress = PlainProgress(stream, interval=3600.0)
    for _ in range(5):
        progress.updated(STATUS)
        progress.validated(STATUS, "sample")
    assert stream.getvalue().count("\n") == 1


def test_the_live_picture_shows_figures_and_sample_and_takes_markup_literally():
    from rich.console import Console

    progress = LiveProgress(io.StringIO())
    progress.validated(STATUS, "[/b] the cats [red]were")
    console = Console(file=io.StringIO(), width=80, record=True, markup=False)
    console.print(progress._render())
    shown = console.export_text()
    assert "[/b] the cats [red]were" in shown
    assert "train 2.500   validation 2.750   best 2.625 bits per character" in shown
    assert "update 1,234   epoch 5.68   pace 99k chars/s" in shown
    assert "25% 1:02:05 left" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "term", "kind"),
    [
        (io.StringIO(), "xterm", PlainProgress),
        (Terminal(), "xterm", LiveProgress),
        (Terminal(), "dumb", PlainProgress),
        (Terminal(), None, PlainProgress),
    ],
)
def test_only_a_terminal_that_can_gets_the_live_picture(monkeypatch, stream, term, kind):
    monkeypatch.delenv("TERM", raising=False)
    if term:
        monkeypatch.setenv("TERM", term)
    assert type(for_stream(stream)) is kind
