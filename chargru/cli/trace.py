"""`chargru trace`."""

import itertools
from typing import Annotated, Literal

import typer

from chargru.cli import completion, inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.conventions import authors as conventions
from chargru.conventions.convention import Convention as Author
from chargru.conventions.convention import Name
from chargru.errors import ChargruError, SettingError
from chargru.insight import comparison, select
from chargru.insight.trace import Trace
from chargru.insight.trace import trace as run_trace
from chargru.model import Model
from chargru.show.view import BACK, View

Step = Annotated[
    list[str] | None,
    typer.Option(
        "--step",
        metavar="N|A-B|last",
        help="Steps to trace, counted from 1; repeatable.",
        show_default="34, or the last if the text is shorter",
    ),
]
At = Annotated[
    list[str] | None,
    typer.Option(
        "--at", metavar="REGEX", help="Trace the steps whose character ends a match; repeatable.", show_default=False
    ),
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="0,9,15|A-B|all",
        help="Indices to show and to work out, counted from 0.",
        show_default="the kept, the replaced and the mixed one in which most was decided",
    ),
]
Layer = Annotated[
    int | None, typer.Option("--layer", metavar="N", help="Layer to show, counted from 1.", show_default="all")
]
Digits = Annotated[
    int | None,
    typer.Option("--digits", metavar="N", help="Digits after the point, 1 to 15.", show_default="2; calculations 4"),
]
Whole = Annotated[
    bool, typer.Option("--all", help="The whole table and three indices worked out, not only the first screen.")
]
Terms = Annotated[bool, typer.Option("--terms", help="List the largest parts of each product, unit by unit.")]
Back = Annotated[
    int | None,
    typer.Option(
        "--back",
        metavar="N",
        help="Instead: where the state comes from, what each of the last N steps wrote into it.",
        show_default=False,
    ),
]
Convention = Annotated[
    Literal[Name, "list"],
    typer.Option("--convention", help="Whose letters and formulas; list shows who means what, and traces nothing."),
]
Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        metavar="torch,course",
        help="Instead: the step in the letters of two or more, side by side; one index unless some are asked for.",
        autocompletion=completion.listed(Name),
        show_default=False,
    ),
]
Format = Annotated[
    str, output.format_option("Trace", "What to write. json, csv and npz: PyTorch's r, z, n, whole, unrounded.")
]
Check = Annotated[bool, typer.Option("--check", help="Compare every step with torch in float64; exit 1 above 1e-12.")]

MOST_READ = 1_000
"""Steps that a table, a page or a document shows, each in about 30 lines."""
MOST_WORKED = 100
"""Steps that are taken apart, or set side by side."""
FEW = 50
"""Steps that are laid out in about a second."""
WHOLE = ("json", "csv", "npz")
"""Formats of every step, however many there are."""


def trace(
    step: Step = None,
    at: At = None,
    text: options.Text = None,
    file: options.File = None,
    given: options.Run = None,
    checkpoint: options.Checkpoint = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    index: Index = None,
    layer: Layer = None,
    whole: Whole = False,
    digits: Digits = None,
    terms: Terms = False,
    back: Back = None,
    convention: Convention = "torch",
    compare: Compare = None,
    format: Format = "table",  # noqa: A002 -- the option's name
    out: options.Out = None,
    _no_pager: options.NoPager = False,
    check: Check = False,
) -> None:
    """Show what every gate computed at a step, with the numbers put into the formulas.

    Step t reads character t of the text and turns the state h_{t-1} into h_t; h_0 is 0. Without --text and --file it
    reads the text stored in the run.

    Example: chargru trace --step 33 --step 34 --index 0,9,15
    """
    if convention == "list":
        for option, value in (("--step", step), ("--at", at), ("--out", out)):
            if value:
                wrong = f"{option} does not go with --convention list, which traces nothing"
                raise SettingError(wrong, f"leave {option} out")
        output.write(conventions.ConventionList(), format)
        return
    output.require_file(_kind(back, compare, convention), format, out, "trace")
    letters, deep = conventions.CONVENTIONS[convention], BACK if back is None else back
    view = View(letters, digits, layer, terms, deep, whole=whole)
    model = inputs.model(checkpoint, given)
    select.resolve_layers(layer, model.architecture.layers)
    named = inputs.text_for(model, text, file, encoding)
    steps = _steps(named[0], step, at)
    _require_few(steps, format, back, compare)
    traced = _traced(model, named, steps, index, force or [])
    if len(traced.steps) > FEW and format not in WHOLE:
        terminal.note(f"laying out {len(traced.steps):,} steps ...")
    if check:
        from chargru.insight.proof.check import checked

        traced = checked(traced)
    output.write(_fact(traced, back, compare, layer), format, view, out)
    _judge(
        traced,
        said=out is None and back is None and compare is None and format in ("table", "markdown", "latex", "html"),
    )


def _kind(back: int | None, compare: str | None, convention: str) -> str:
    """The kind of fact that is asked for. Raises SettingError for options that do not go together."""
    if compare is None:
        return "Trace" if back is None else "Ledgers"
    for option, given in (("--back", back is not None), ("--convention", convention != "torch")):
        if given:
            raise SettingError(f"{option} does not go with --compare", f"leave {option} out")
    _authors(compare)
    return "Comparison"


def _authors(compare: str) -> tuple[Author, ...]:
    """The conventions named. Raises SettingError for a name that there is not, or fewer than two."""
    return comparison.resolve_conventions([name.strip() for name in compare.split(",")])


def _fact(traced: Trace, back: int | None, compare: str | None, layer: int | None) -> object:
    if compare is not None:
        return comparison.Comparison(traced, _authors(compare))
    if back is None:
        return traced
    from chargru.insight.ledger import ledgers

    return ledgers(traced, layer)


def _steps(text: str, step: list[str] | None, at: list[str] | None) -> list[int] | None:
    """The steps that are asked for; None for the usual one."""
    if not step and not at:
        return None
    found = [select.steps_at(pattern, text) for pattern in at or []]
    return sorted({*select.parse_steps(step or [], len(text)), *itertools.chain(*found)})


def _require_few(steps: list[int] | None, format: str, back: int | None, compare: str | None) -> None:  # noqa: A002
    """Raises SettingError for more steps than one reads, and than can be written in a minute."""
    if back is not None or compare is not None:
        most, what, else_ = MOST_WORKED, "--back" if compare is None else "--compare", ""
    elif format not in WHOLE:
        most, what, else_ = MOST_READ, f"--format {format}", "; all of them fit in --format csv --out trace.csv"
    else:
        return
    if steps is not None and len(steps) > most:
        message = f"{len(steps):,} steps are too many for {what}, which shows {most:,} at most"
        raise SettingError(message, f"choose fewer, for example --step {steps[0]}-{steps[0] + most - 1}{else_}")


def _traced(
    model: Model,
    named: tuple[str, str],
    steps: list[int] | None,
    index: str | None,
    force: list[str],
) -> Trace:
    text, where = named
    indices = None if index is None else select.parse_indices(index, model.architecture.hidden_size)
    last = select.resolve_steps(steps, len(text))[-1]
    with Steps("reading", 2 * last if force else last) as progress:
        return run_trace(model, text, steps=steps, indices=indices, force=force, where=where, on_step=progress.advance)


def _judge(traced: Trace, *, said: bool) -> None:
    """Say what --check found, unless the output does; an error if it is above the tolerance."""
    if traced.check is None:
        return
    if not said:
        from chargru.show.trace import parts

        terminal.note(parts.check_line(traced.check))
    if traced.check.undecided:
        from chargru.show.trace.parts import SMALLER, too_large

        raise ChargruError(too_large("a check", traced.check.rounding), SMALLER)
    if not traced.check.passed:
        message = f"the trace differs from {traced.check.against} by {traced.check.max_abs_difference:.1e}"
        raise ChargruError(message, "please report it, with the run's model.safetensors")
