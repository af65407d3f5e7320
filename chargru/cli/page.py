"""`chargru page`."""

from pathlib import Path
from typing import Annotated

import typer

from chargru.cli import inputs, options, terminal
from chargru.cli.progress import Steps
from chargru.errors import SettingError
from chargru.insight.exploration import MOST_STEPS, STEPS, Exploration, explore

FILE = "explorer.html"

_MARK = b'<meta name="generator" content="chargru page">'
_BEGINNING = 1024
"""Bytes at the beginning of a page in which its mark stands."""

Most = Annotated[
    int | None,
    typer.Option(
        "--steps",
        metavar="N",
        help=f"Take the first N characters of the text, at most {MOST_STEPS:,}.",
        show_default=str(STEPS),
    ),
]
Half = Annotated[
    bool, typer.Option("--half", help="Store the weights in two bytes a number, for a large network: nearly the same.")
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FILE", help="Write here, replacing what is there.", show_default=FILE),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]


def page(
    text: options.Text = None,
    file: options.File = None,
    steps: Most = None,
    given: options.Run = None,
    checkpoint: options.Checkpoint = None,
    encoding: options.Encoding = "utf-8",
    force: options.Force = None,
    half: Half = False,
    out: Out = None,
    open_it: Open = False,
) -> None:
    """Make one page that shows the network at work on a text: every gate, step by step, and what changes if it is held.

    The page is one file that needs no connection and no server. It carries the weights and computes everything itself,
    so you can hold gates, type texts and let the network write. Without --text and --file it shows the text stored in
    the run.

    Example: chargru page --open
    """
    _check_place(out)
    model = inputs.model(checkpoint, given)
    content, where = inputs.text_for(model, text, file, encoding)
    with Steps("reading", min(len(content), STEPS if steps is None else steps)) as progress:
        found = explore(
            model, content, steps=steps, force=force or [], half=half, where=where, on_step=progress.advance
        )
    if len(found.text) < found.length:
        cut = f"{where} has {found.length:,} characters, the page the first {len(found.text):,}"
        terminal.note(f"note: {cut}" + ("; give --steps for more" if steps is None else ""))
    _write(found, FILE if out is None else out, open_it=open_it)


def _check_place(out: str | None) -> None:
    """Raises SettingError where the page would replace without --out what is no page."""
    path = Path(FILE)
    if out is None and path.is_file() and not _is_a_page(path):
        raise SettingError(
            f"{FILE} is there already, and was not made by chargru page", "name another file: --out FILE"
        )


def _is_a_page(path: Path) -> bool:
    try:
        with path.open("rb") as opened:
            return _MARK in opened.read(_BEGINNING)
    except OSError:
        return False


def _write(found: Exploration, out: str, *, open_it: bool) -> None:
    """Write the page, say where it is, and open it if that is asked for."""
    from chargru.show.formats import show

    written = str(show(found, "html")).encode()
    inputs.write_to(out, written)
    terminal.note(f"wrote {out} ({round(len(written) / 1000):,} kB): open it in a browser")
    if open_it and not _opened(Path(out)):
        terminal.note(f"note: no browser could be started here; open {out} in one yourself")


def _opened(path: Path) -> bool:
    """Whether a browser took the page."""
    import webbrowser

    return path.is_file() and webbrowser.open(path.resolve().as_uri())
