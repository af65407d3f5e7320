"""The picture at the foot of a terminal: what is printed goes above it, and a resized terminal shows it once."""

import io
import sys

import pytest
from rich.console import Console
from rich.text import Text
from screens import Screen

from chargru.show.live import Live, bar, shows_blocks

NOTE = "a note that is longer than the narrow terminal and is broken by it"


class Terminal(io.StringIO):
    """Hands what is written on to a screen."""

    def __init__(self, width):
        super().__init__()
        self.screen = Screen(width)

    def write(self, text):
        self.screen.write(text)
        return len(text)

    def isatty(self):
        return True


@pytest.fixture
def drawn():
    """A console on a terminal 90 wide, and a picture of three lines as wide as it, drawn when it is asked for."""
    console = Console(file=Terminal(90), width=90, height=20, force_terminal=True, color_system=None)
    live = Live(console, lambda width: Text("\n".join(letter * width for letter in "xyz"), no_wrap=True))
    live._keep_drawing = lambda: None
    live.start()
    yield console, live
    live.stop()


def test_what_is_printed_goes_above_the_picture(drawn):
    console, live = drawn
    screen = console.file.screen
    assert screen.shown() == ["x" * 90, "y" * 90, "z" * 90]
    console.print("one")
    console.print(NOTE, soft_wrap=True)
    assert screen.shown() == ["one", NOTE, "x" * 90, "y" * 90, "z" * 90]
    live.stop()
    assert screen.shown() == ["one", NOTE]
    assert (screen.y, screen.x, screen.breaks) == (2, 0, True)
    live.start()


@pytest.mark.parametrize("where", ["show_cursor", "push_render_hook", "print"])
def test_a_picture_that_is_interrupted_while_it_starts_is_erased_once(monkeypatch, where):
    """Ctrl-C comes while that method of the console works; whoever holds the picture stops it once more."""
    console = Console(file=Terminal(90), width=90, height=20, force_terminal=True, color_system=None)
    live, streams, real = Live(console, lambda _: Text("x")), (sys.stdout, sys.stderr), getattr(console, where)

    def interrupted(*given, **named):
        monkeypatch.undo()
        real(*given, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(console, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.start()
    live.stop()
    assert (sys.stdout, sys.stderr) == streams
    console.print("after")
    assert console.file.screen.shown() == ["after"]


def test_a_resized_terminal_shows_the_picture_once(drawn):
    console, live = drawn
    screen = console.file.screen
    console.print("one")
    for width in (40, 70, 33, 120, 40):
        screen.resize(width)
        console.width = width
        live._draw()
        assert screen.shown() == ["one", "x" * width, "y" * width, "z" * width]


def test_a_picture_drawn_for_a_wider_terminal_is_cut_and_leaves_nothing(drawn):
    console, live = drawn
    screen = console.file.screen
    screen.resize(40)
    live._draw()
    assert screen.shown() == ["x" * 40, "y" * 40, "z" * 40]
    console.width = 40
    live._draw()
    assert screen.shown() == ["x" * 40, "y" * 40, "z" * 40]


def test_no_more_rows_than_the_terminal_has(drawn):
    console, live = drawn
    console.height = 2
    live._draw()
    assert console.file.screen.shown() == ["x" * 90, "y" * 90]


def test_what_a_library_prints_goes_above_too(monkeypatch):
    console = Console(file=Terminal(20), width=20, height=9, force_terminal=True, color_system=None)
    monkeypatch.setattr(sys, "stderr", console.file)
    live = Live(console, lambda _: "picture")
    live.start()
    print("a warning", file=sys.stderr)
    assert console.file.screen.shown() == ["a warning", "picture"]
    live.stop()
    assert sys.stderr is console.file


@pytest.mark.parametrize(
    ("width", "shown"),
    [(40, "━━━━━━━━━━━━╸              50% 0:07 left\n"), (20, "━━━━━━━╸         50%\n0:07 left\n")],
)
def test_the_words_of_a_bar_stand_below_it_where_there_is_no_room(width, shown):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(bar(0.5, "0:07 left", width))
    assert console.file.getvalue() == shown


@pytest.mark.parametrize(
    ("locale", "encoding", "blocks"),
    [
        ({}, "utf-8", True),
        ({"LANG": "en_US.UTF-8"}, "utf-8", True),
        ({"LANG": "el_GR.ISO8859-7"}, "utf-8", False),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "utf-8", False),
        ({"LC_ALL": "C.UTF-8"}, "utf-8", True),
        ({}, "ascii", False),
    ],
)
def test_blocks_are_for_a_terminal_that_shows_them(monkeypatch, locale, encoding, blocks):
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(name, locale.get(name, ""))
    assert shows_blocks(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is blocks
