"""A picture at the foot of a terminal, drawn again and again while a command works; what is printed stands above it."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, ConsoleRenderable, Group, RenderableType, RenderHook, RenderResult
from rich.control import Control
from rich.file_proxy import FileProxy
from rich.progress_bar import ProgressBar
from rich.segment import ControlType, Segment
from rich.table import Table
from rich.text import Text

INTERVAL = 0.25
"""Seconds between drawings."""

LEAST_BAR = 10
"""Cells that a bar takes at least."""


class Live(RenderHook):
    """Shows a picture while it is started, and leaves nothing of it behind.

    Between drawings the cursor waits at the picture's first cell, and a drawing begins by erasing all from there on.
    A terminal that is resized breaks its lines anew but keeps the cursor at its cell, so nothing of the picture stays,
    however many rows it takes by then. While it is drawn, lines that are too long are cut and not broken.
    """

    def __init__(self, console: Console, picture: Callable[[int], RenderableType]) -> None:
        """`picture` gives what is shown in so many cells."""
        self._console, self._picture = console, picture
        self._ended, self._lock = Event(), Lock()
        self._streams, self._is_shown = (sys.stdout, sys.stderr), False

    def start(self) -> None:
        """Draw, and again every INTERVAL; what is printed meanwhile goes above the picture."""
        self._streams, self._is_shown = (sys.stdout, sys.stderr), True
        try:
            self._console.show_cursor(show=False)
            self._console.push_render_hook(self)
            sys.stdout, sys.stderr = map(self._above, self._streams)
            self._draw()
            Thread(target=self._keep_drawing, daemon=True).start()
        except KeyboardInterrupt:  # whoever starts it does not get to stop it
            self.stop()
            raise

    def stop(self) -> None:
        """Erase the picture, if it is shown."""
        with self._lock:
            self._ended.set()
        if not self._is_shown:
            return
        self._is_shown = False
        sys.stdout, sys.stderr = self._streams
        with suppress(IndexError):  # it was interrupted before it had its hook
            self._console.pop_render_hook()
        with suppress(OSError):
            self._console.print(_ERASE_BELOW, end="")
            self._console.show_cursor()

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """As rich calls it for all that is printed: the picture goes, and comes again below."""
        return [_ERASE_BELOW, *renderables, _Drawing(self._picture)]

    def _above(self, stream: TextIO) -> TextIO:
        return FileProxy(self._console, stream) if stream.isatty() else stream  # type: ignore[return-value]

    def _keep_drawing(self) -> None:
        while not self._ended.wait(INTERVAL):
            with self._lock:
                if not self._ended.is_set():
                    self._draw()

    def _draw(self) -> None:
        with suppress(OSError):  # the terminal was closed
            self._console.print(Control())


class _Drawing:
    """The picture, no larger than the terminal, and the cursor back at its first cell."""

    def __init__(self, picture: Callable[[int], RenderableType]) -> None:
        self._picture = picture

    def __rich_console__(self, console: Console, _: ConsoleOptions) -> RenderResult:
        width, height = _size(console)
        options = console.options.update_dimensions(width, height)
        options.height = None
        if not shows_blocks(console.file):
            options.encoding = "ascii"
        lines = console.render_lines(self._picture(width), options, pad=False)[:height]
        yield _CUT.segment
        for number, line in enumerate(lines):
            if number:
                yield Segment.line()
            yield from line
        if len(lines) > 1:
            yield _Code(f"\x1b[{len(lines) - 1}A").segment
        yield _Code("\r").segment
        yield _BREAK.segment


def bar(share: float, words: str, width: int) -> Group:
    """A bar, and beside it how much of it is done and some words; below it the words that leave it too little room."""
    percent = Text(f" {share:4.0%}")
    beside = width - percent.cell_len - 1 - cell_len(words) >= LEAST_BAR
    if beside:
        percent.append(f" {words}")
    row = Table.grid()
    row.add_column(ratio=1)
    row.add_column(no_wrap=True)
    row.add_row(ProgressBar(total=1.0, completed=share), percent)
    row.width = width
    return Group(row) if beside else Group(row, Text(words))


def shows_blocks(stream: object) -> bool:
    """Whether a terminal is likely to show more than ASCII: by the stream's encoding, and the locale if set."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ".utf-8"
    if locale in ("C", "POSIX"):
        return False
    return all(map(_is_utf, (getattr(stream, "encoding", None) or "utf-8", locale.partition(".")[2] or "utf-8")))


def _is_utf(encoding: str) -> bool:
    return encoding.lower().startswith("utf")


def _size(console: Console) -> tuple[int, int]:
    """The terminal's columns and rows by now, at least 1; no more than COLUMNS and LINES, where they are set."""
    width, height = console.size
    try:
        now = os.get_terminal_size(console.file.fileno())
    except (OSError, ValueError):  # no terminal, or no file at all
        return max(1, width), max(1, height)
    return max(1, min(width, now.columns or width)), max(1, min(height, now.lines or height))


class _Code:
    """What steers a terminal, and takes no room on it."""

    def __init__(self, code: str) -> None:
        self.segment = Segment(code, None, [(ControlType.CLEAR,)])

    def __rich_console__(self, _: Console, __: ConsoleOptions) -> RenderResult:
        yield self.segment


_ERASE_BELOW = _Code("\r \x1b[J\r")
"""From the picture's second cell on: where all of the screen is erased, tmux keeps it among the lines scrolled by."""
_CUT, _BREAK = _Code("\x1b[?7l"), _Code("\x1b[?7h")
"""What a terminal does with lines that are too long for it."""
