"""`chargru info`."""

from typing import Annotated

import typer

from chargru import host, run_summary
from chargru.cli import options, output, terminal
from chargru.run import named_run
from chargru.show.key_values import one_line


def info(
    given: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="A run: its directory, or its name below ./checkpoints. Left out: a table of the runs found.",
        ),
    ] = None,
    system: Annotated[
        bool, typer.Option("--system", help="Instead: this machine, the versions here, and what runs a layer.")
    ] = False,
    format: Annotated[str, output.format_option("RunDescription")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Show what a run holds: settings, figures, vocabulary, sizes, versions; or which runs there are.

    Without RUN it lists the runs below ./checkpoints, finished, unfinished or damaged, and the bundled ones.

    Example: chargru info checkpoints/novel-001
    """
    if system:
        from chargru.system import describe

        output.write(describe(), format)
    elif given is not None:
        path, _ = named_run(given)
        found = run_summary.describe(path)
        output.write(found, format)
        if found.state == "unfinished" and format == "table":
            terminal.note(f"go on with: chargru train --resume --out {host.quoted(found.checkpoint)}")
    else:
        _list(format)


def _list(format: str) -> None:  # noqa: A002
    found = run_summary.runs()
    if found.runs or format != "table":
        output.write(found, format)
    for one in found.runs if format == "table" else ():
        if one.error:
            terminal.note(f"damaged: {one_line(one.error)}")
    if not found.runs:
        terminal.note("there are no runs below ./checkpoints; train one with: chargru train")
