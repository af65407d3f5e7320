"""Where a command's result goes: every command writes its fact through here, in the formats of `show`'s table."""

import shutil
import sys
from dataclasses import replace
from typing import Any

import typer

from chargru.cli import completion, inputs, pager, terminal
from chargru.errors import SettingError
from chargru.show import formats
from chargru.show.view import View
from chargru.shown import one_line, readable

LAID_OUT_FOR = 80
"""Columns of a plain table."""


def format_option(kind: str, help: str = "How figures are printed on stdout.") -> Any:  # noqa: A002 -- typer's word
    """The option --format of a command that writes this kind of fact."""

    def known(format: str) -> str:  # noqa: A002 -- the option's name
        names = formats.choices(kind)
        if format not in names:
            raise typer.BadParameter(f"{format!r} is not one of {', '.join(map(repr, names))}.")
        return format

    choices = formats.choices(kind)
    return typer.Option(
        "--format",
        parser=known,
        metavar=f"<{'|'.join(choices)}>",
        help=help,
        autocompletion=completion.words(*choices),
    )


def follow_ending(context: typer.Context) -> None:
    """Without --format, let the ending of --out choose it; the command refuses a format that it cannot write."""
    out, source = context.params.get("out"), context.get_parameter_source("format")
    if out is not None and source is not None and source.name == "DEFAULT":
        context.params["format"] = formats.of_ending(out) or context.params["format"]


def require_file(kind: str, format: str, out: str | None, name: str) -> None:  # noqa: A002
    """Raises SettingError, before any work is done, for a format that the kind lacks, or a binary one without --out."""
    formats.check(kind, format)
    if formats.gives(formats.writer(kind, format)) is bytes and out is None:
        raise SettingError(f"{format} is binary, so it is not printed", f"name a file: --out {name}.{format}")


def write(
    fact: object,
    format: str,  # noqa: A002 -- the option's name
    view: View = View(),
    out: str | None = None,
    paged: bool = True,
) -> None:
    """Write a fact to --out, which stderr then names, else to stdout, on a terminal in colour and a table by pages.

    A table that a question follows is not `paged`, so that it still stands there. Raises SettingError.
    """
    shown = formats.show(fact, format, view) if out is not None else _for_stdout(fact, format, view)
    if isinstance(shown, str):
        shown = shown.encode("utf-8", "backslashreplace")
        shown += b"" if shown.endswith(b"\n") else b"\n"
    if out is not None:
        inputs.write_to(out, shown)
        terminal.note(one_line(f"wrote {out}"))
        return
    terminal.doing("writing the result", "")
    if format == "table":
        _print(shown.decode(), paged=paged)
    else:
        print(shown.decode(), end="")


def _print(table: str, *, paged: bool) -> None:
    """Print a table; on a terminal that is too narrow for it, say what it takes."""
    if paged:
        pager.write(table)
    else:
        print(table, end="")
    columns = shutil.get_terminal_size().columns
    if sys.stdout.isatty():
        from rich.cells import cell_len

        widest = max(map(cell_len, pager.COLOUR.sub("", table).split("\n")))
        if widest > columns:
            sys.stdout.flush()
            terminal.note(f"note: this takes {widest} columns, the terminal has {columns}")


def _fitted(shown: str) -> str:
    """A table, on a terminal that is narrower than what most of them are laid out for."""
    columns = terminal.columns()
    if columns >= LAID_OUT_FOR:
        return shown
    from chargru.show.columns import fitted

    return fitted(shown, columns)


def _for_stdout(fact: object, format: str, view: View) -> str | bytes:  # noqa: A002
    """The fact in a format; where that is rich's text, as wide as the terminal and in its colours.

    On a terminal nothing in it steers the terminal but these colours; a pipe gets it as it is.
    """
    writer = formats.writer(formats.kind_of(fact), format)
    if formats.gives(writer) in (str, bytes):
        shown = formats.show(fact, format, view)
        shown = readable(shown) if isinstance(shown, str) and sys.stdout.isatty() else shown
        return _fitted(shown) if format == "table" and isinstance(shown, str) else shown
    console = terminal.console()
    console.width = max(terminal.NARROWEST, console.width)
    with console.capture() as captured:
        many = console.color_system in ("256", "truecolor") and not console.no_color
        console.print(writer(fact, replace(view, width=console.width, colour=many)), soft_wrap=True)
    return _fitted(captured.get()) if format == "table" else captured.get()
