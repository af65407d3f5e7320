"""`chargru gates`."""

import itertools
from typing import Annotated

import typer

from chargru.cli import inputs, options, output
from chargru.cli.progress import Steps
from chargru.errors import SettingError
from chargru.insight import select
from chargru.insight.gates import Gate, Order
from chargru.insight.gates import gates as measure
from chargru.insight.match import QUANTITIES
from chargru.model import Model
from chargru.show.view import View

Shown = Annotated[Gate, typer.Option("--gate", help="What the map shows, in PyTorch's letters.")]
Match = Annotated[
    str | None,
    typer.Option(
        "--match",
        metavar="REGEX",
        help="Rank the indices by how well r, z, n or h after a match distinguishes it from other places.",
        show_default=False,
    ),
]
Among = Annotated[
    str | None,
    typer.Option(
        "--among",
        metavar="REGEX",
        help="With --match: compare only with the places after these matches, not with all others.",
        show_default=False,
    ),
]
Step = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="N|A-B|last",
        help="Steps of the map, counted from 1; repeatable.",
        show_default="as many as a line holds, from the first",
    ),
]
At = Annotated[
    list[str] | None,
    typer.Option(
        "--at", metavar="REGEX", help="Map the steps whose character ends a match; repeatable.", show_default=False
    ),
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="0,9,15|A-B|all",
        help="Indices to show, counted from 0.",
        show_default="every one up to 16 units, else twelve of them",
    ),
]
All = Annotated[bool, typer.Option("--all", help="Show every index and map the whole text.")]
Layer = Annotated[
    int | None, typer.Option("--layer", metavar="N", help="Layer to show, counted from 1.", show_default="all")
]
Sorted = Annotated[Order, typer.Option("--order", help="Order of the rows: long memory first, or by index.")]
Format = Annotated[str, output.format_option("Gates", "What to write. json and csv: every index, unrounded.")]


def gates(
    gate: Shown = "z",
    step: Step = None,
    at: At = None,
    index: Index = None,
    everything: All = False,
    layer: Layer = None,
    order: Sorted = "hold",
    match: Match = None,
    among: Among = None,
    text: options.Text = None,
    file: options.File = None,
    given: options.Run = None,
    checkpoint: options.Checkpoint = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    format: Format = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
    out: options.Out = None,
) -> None:
    """Show the gates over a whole text: a map of indices by characters, how long each holds, where it is rewritten.

    Without --text and --file it reads the text stored in the run. The figures cover the whole text, whatever steps the
    map shows.

    Example: chargru gates --match "[.!?]"
    """
    for option, value in (("--step", step), ("--at", at), ("--index", index)):
        if everything and value:
            raise SettingError(f"{option} does not go with --all, which shows everything", f"leave {option} out")
    output.require_file("Gates", format, out, "gates")
    model = inputs.model(checkpoint, given)
    select.resolve_layers(layer, model.architecture.layers)
    content, where = inputs.text_for(model, text, file, encoding)
    steps, indices = _chosen(model, content, step, at, "all" if everything else index)
    work = len(content) + (
        0 if match is None else model.architecture.layers * model.architecture.hidden_size * len(QUANTITIES)
    )
    with Steps("reading", work) as progress:
        found = measure(
            model,
            content,
            gate=gate,
            steps=range(1, len(content) + 1) if everything else steps,
            indices=indices,
            order=order,
            match=match,
            among=among,
            force=force or [],
            where=where,
            on_step=progress.advance,
        )
    output.write(found, format, View(layer=layer), out)


def _chosen(
    model: Model, text: str, step: list[str] | None, at: list[str] | None, index: str | None
) -> tuple[list[int] | None, list[int] | None]:
    """The steps and the indices that are asked for; None for those that tell."""
    found = [select.steps_at(pattern, text) for pattern in at or []]
    steps = [*select.parse_steps(step or [], len(text)), *itertools.chain(*found)]
    indices = None if index is None else select.parse_indices(index, model.architecture.hidden_size)
    return steps or None, indices
