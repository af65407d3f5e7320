"""What training shows: figures, plain lines and the live picture."""

import io

import pytest

from chargru.training.live import LiveProgress, for_stream
from chargru.training.progress import PlainProgress, Progress, Status, duration, figures, visible

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


def test_a_signal_is_acknowledged_in_a_plain_line_and_a_stream_that_is_gone_is_no_error():
    stream = io.StringIO()
    progress = PlainProgress(stream)
    progress.stopping("stopping")
    assert stream.getvalue() == "stopping\n"
    stream.close()
    progress.stopping("stopping")


@pytest.mark.parametrize("kind", [Progress, lambda: PlainProgress(io.StringIO()), lambda: LiveProgress(Terminal())])
def test_whoever_interrupts_it_knows_what_was_done(kind):
    progress = kind()
    assert progress.doing == "loading torch"
    progress.reading("reading the text")
    assert progress.doing == "reading the text"
