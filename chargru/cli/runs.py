"""`chargru runs`: the list, and what is done to a run as a whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chargru.cli import completion, info, options, output, terminal
from chargru.cli.sections import Groups, Sections
from chargru.errors import Interrupted, SettingError
from chargru.run import named_run

Name = Annotated[str, typer.Argument(metavar="NAME", help="The new name, or a new path.", show_default=False)]
OwnRun = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run: its directory, or its name below ./checkpoints.",
        autocompletion=completion.own_runs,
        show_default=False,
    ),
]
KeepBest = Annotated[
    int, typer.Option("--keep-best", metavar="N", help="Keep the N best runs of each text.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")]

app = typer.Typer(cls=Groups, invoke_without_command=True, rich_markup_mode=None, add_completion=False)


@app.callback()
def runs(
    context: typer.Context,
    format: Annotated[str, output.format_option("RunList")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """List the runs found, as `chargru info` does; or rename, remove, prune them.

    Example: chargru runs
    """
    if context.invoked_subcommand is None:
        info.listed(format)


@app.command("rename", cls=Sections, short_help="Give a run another name.")
def rename(given: OwnRun, name: Name) -> None:
    """Give a run another name. A plain name keeps it in its folder; a path moves it there. Nothing is overwritten.

    Example: chargru runs rename novel-001 novel-small
    """
    from chargru import housekeeping

    path = named_run(given)[0]
    terminal.note(f"{path} is now {housekeeping.rename(path, name)}")


@app.command("rm", cls=Sections, short_help="Remove runs.")
def remove(given: options.OwnRuns, yes: options.Yes = False) -> None:
    """Ask, then remove runs for good. A run that is being trained is not removed, nor one that ships with chargru.

    A directory that holds anything but a run's files is not touched. If one of the runs cannot be removed, none is.

    Example: chargru runs rm novel-001 novel-002
    """
    from chargru import housekeeping
    from chargru.run_summary import summary
    from chargru.show.pruning import in_bytes

    paths = list({path.resolve(): path for path in (named_run(word)[0] for word in given)}.values())
    for path in paths:
        housekeeping.require_removable(path)
    for path in paths:
        one = summary(path)
        scored = "" if one.val_bpc is None else f", {one.val_bpc:.4f} bits per character"
        terminal.note(f"{path}: {one.state}{scored}, {in_bytes(housekeeping.size(path))}")
    _remove(paths, yes=yes)


@app.command("prune", cls=Sections, short_help="Remove all but the best runs of each text.")
def prune(
    keep_best: KeepBest,
    dry_run: DryRun = False,
    yes: options.Yes = False,
    format: Annotated[str, output.format_option("Pruning")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Ask, then remove all but the best of the runs below ./checkpoints that were trained on the same text.

    The best have the fewest bits per character on the same validation split. Runs that are unfinished, damaged or not
    validated, or that hold other files too, are left alone and named.

    Example: chargru runs prune --keep-best 3 --dry-run
    """
    from chargru.pruning import prune as choose

    found = choose(keep_best)
    if found.texts or found.left_alone or format != "table":
        output.write(found, format, paged=dry_run or yes or not found.removed)
    if not found.removed:
        terminal.note("there is nothing to remove")
    elif not dry_run:
        _remove([Path(one.checkpoint) for one in found.removed], yes=yes)


def _remove(paths: Sequence[Path], *, yes: bool) -> None:
    """Remove runs one after another, once that is agreed to. Raises SettingError if nobody can be asked."""
    from chargru import housekeeping

    many = f"{len(paths):,} runs" if len(paths) > 1 else str(paths[0])
    try:
        agreed = yes or terminal.agrees(f"remove {many} for good?")
    except KeyboardInterrupt:
        raise Interrupted("nothing was removed") from None
    if agreed is None:
        raise SettingError("removing asks first, and there is no terminal to ask on", "add --yes; nothing was removed")
    if not agreed:
        terminal.note("nothing was removed")
        return
    for path in paths:
        housekeeping.remove(path)
        terminal.note(f"removed {path}")
