"""`chargru info`."""

from pathlib import Path
from typing import Annotated

import typer

from chargru import host, run_curves, run_summary
from chargru.cli import inputs, options, output, terminal, train_options
from chargru.errors import SettingError
from chargru.run import named_run
from chargru.shown import one_line


def info(
    given: options.Runs = None,
    checkpoint: options.Checkpoints = None,
    plot: Annotated[
        bool,
        typer.Option("--plot", help="Instead: the losses by update, in bits per character, as a plot."),
    ] = False,
    system: Annotated[
        bool,
        typer.Option("--system", help="Instead: this machine, the installed versions, and which code trains a layer."),
    ] = False,
    format: Annotated[  # noqa: A002 -- the option's name
        str,
        output.format_option(
            "Curves", "How figures are printed; csv, png and svg with --plot only, png and svg by matplotlib."
        ),
    ] = "table",
    out: options.Out = None,
    _no_pager: options.NoPager = False,
) -> None:
    """Show what a run holds: settings, figures, vocabulary, sizes, versions; or which runs there are.

    For two or more runs it shows the scores side by side, and the settings that differ. Without RUN it lists the runs
    below ./checkpoints, finished, unfinished or damaged, and the bundled ones. --plot shows how training went, for
    several runs in one plot; with --out losses.png or losses.svg it writes a picture.

    Example: chargru info novel-001 novel-002 --plot
    """
    words = inputs.runs(given, checkpoint)
    if plot:
        if system:
            raise SettingError("--system does not go with --plot", "leave one of them out")
        _plot(words, format, out)
        return
    _check_plain(words, format, out)
    if system:
        from chargru.system import describe

        output.write(describe(), format)
    elif not words:
        listed(format)
    elif len(words) == 1:
        _describe(words[0], format)
    else:
        from chargru.run_comparison import compare

        output.write(compare([_path(word) for word in words]), format)


def _check_plain(given: list[str], format: str, out: str | None) -> None:  # noqa: A002
    """Raises SettingError for what goes with --plot only."""
    if out is not None:
        raise SettingError("--out goes with --plot only", "add --plot")
    output.require_file("RunComparison" if len(given) > 1 else "RunDescription", format, out, "run")


def _plot(given: list[str], format: str, out: str | None) -> None:  # noqa: A002
    output.require_file("Curves", format, out, "losses")
    found = run_curves.curves(*given)
    output.write(found, format, out=out)
    if format == "png":
        from chargru.show.curves.picture import lacking

        if boxes := lacking(found):
            terminal.note(f"note: no font here has {boxes}, so the picture has boxes for them; --format svg has none")


def _path(word: str) -> Path:
    """The run that a word means. Raises RunError if there is none, or if it is a text."""
    path, _ = named_run(word)
    inputs.require_no_text(word, path)
    return path


def _describe(word: str, format: str) -> None:  # noqa: A002
    path = _path(word)
    found = run_summary.describe(path)
    output.write(found, format)
    if found.state == "unfinished" and format == "table":
        terminal.note(f"go on with: chargru train --resume --out {host.quoted(found.checkpoint)}")
    elif format == "table" and (said := run_summary.overfitting(path, train_options.written)):
        terminal.note(said)


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
