"""`chargru info`."""

import shlex
from typing import Annotated

import typer

from chargru import run_summary
from chargru.cli import inputs, options, output, terminal
from chargru.run import named_run
from chargru.show.key_values import one_line


def info(
    given: options.Runs = None,
    checkpoint: options.Checkpoints = None,
    system: Annotated[
        bool, typer.Option("--system", help="Instead: this machine, the versions here, and what runs a layer.")
    ] = False,
    format: Annotated[str, output.format_option("RunDescription")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Show what a run holds: settings, figures, vocabulary, sizes, versions; or which runs there are.

    Of two or more runs it shows the scores side by side, and what differs of their settings. Without RUN it lists the
    runs below ./checkpoints, finished, unfinished or damaged, and the bundled ones.

    Example: chargru info novel-001 novel-002
    """
    words = inputs.runs(given, checkpoint)
    if system:
        from chargru.system import describe

        output.write(describe(), format)
    elif not words:
        listed(format)
    elif len(words) == 1:
        _describe(words[0], format)
    else:
        from chargru.run_comparison import compare

        output.write(compare([named_run(word)[0] for word in words]), format)


def _describe(word: str, format: str) -> None:  # noqa: A002
    path, _ = named_run(word)
    found = run_summary.describe(path)
    output.write(found, format)
    if found.state == "unfinished" and format == "table":
        terminal.note(f"go on with: chargru train --resume --out {shlex.quote(found.checkpoint)}")


def listed(format: str) -> None:  # noqa: A002
    """Write the list of the runs found."""
    found = run_summary.runs()
    if found.runs or format != "table":
        output.write(found, format)
    for one in found.runs if format == "table" else ():
        if one.error:
            terminal.note(f"damaged: {one_line(one.error)}")
    if not found.runs:
        terminal.note("there are no runs below ./checkpoints; train one with: chargru train")
