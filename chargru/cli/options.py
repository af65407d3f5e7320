"""Options that several commands share, declared once."""

from typing import Annotated

import typer

from chargru import host
from chargru.cli import completion
from chargru.cli.pager import ASKED_OFF

Checkpoint = Annotated[
    str | None,
    typer.Option(
        "-c",
        "--checkpoint",
        metavar="RUN",
        help="A run: its directory, its name below ./checkpoints, or cats or cats-rnn, which ship with chargru. "
        "Left out: the run trained last below ./checkpoints, else cats.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]

Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="The run to read; the same as -c RUN.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]

Runs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN",
        help="Runs: directories, or names below ./checkpoints. Left out: a table of the runs found.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]

Checkpoints = Annotated[
    list[str] | None,
    typer.Option(
        "-c",
        "--checkpoint",
        metavar="RUN",
        help="The same as RUN; repeatable.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]

OwnRuns = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN",
        help="Runs: directories, or names below ./checkpoints.",
        autocompletion=completion.own_runs,
        show_default=False,
    ),
]

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where there is no terminal to ask on.")]


def _expanded(files: list[str] | None) -> list[str] | None:
    return files and [name for file in files for name in host.expanded(file)]


Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE",
        help="Text files, .gz files, directories of them, or - for standard input, joined with nothing between; "
        "the same as --file FILE.",
        callback=_expanded,
        show_default=False,
    ),
]

Encoding = Annotated[
    str,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="How the files encode their characters.",
        autocompletion=completion.words("utf-8", "utf-16", "latin-1", "cp1252", "gb18030", "shift_jis"),
    ),
]

Text = Annotated[
    str | None, typer.Option("--text", metavar="STRING", help="The text itself, literally.", show_default=False)
]

Force = Annotated[
    list[str] | None,
    typer.Option(
        "--force",
        metavar="GATE=VALUE",
        help="Hold r or z (PyTorch's letters) at a value from 0 to 1, e.g. r=1 or 2:z[7]=1@20-34; repeatable.",
        show_default=False,
    ),
]

File = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="This file's text; - for standard input; repeatable.",
        callback=_expanded,
        show_default=False,
    ),
]

Suffix = Annotated[
    list[str] | None,
    typer.Option(
        "--suffix",
        metavar=".py",
        help="In a directory, read the files with this suffix; repeatable.",
        show_default=".txt, .md, .rst, .tex, .org and other texts",
    ),
]

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write here, replacing what is there; without --format its ending tells: .html, .csv, .md, ...",
        show_default="stdout",
    ),
]


def _off(context: typer.Context, asked: bool) -> None:
    """Before the command it counts for the command, too."""
    ASKED_OFF.set(asked or (context.parent is not None and ASKED_OFF.get()))


NoPager = Annotated[
    bool, typer.Option("--no-pager", callback=_off, help="Print a long table at once, not through $PAGER.")
]
"""Of every command with a long table, and of `chargru` itself. To have been read is all: no command looks at it."""
