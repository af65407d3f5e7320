"""`chargru trace`."""

import itertools
from typing import Annotated, Literal

import typer

from chargru.cli import inputs, options, terminal
from chargru.cli.progress import Steps
from chargru.conventions import authors as conventions
from chargru.errors import ChargruError, SettingError
from chargru.insight import select
from chargru.insight.trace import Trace
from chargru.insight.trace import trace as run_trace
from chargru.model import Model
from chargru.show.trace import data as export
from chargru.show.view import View

Format = Literal["table", "json", "csv", "npz", "markdown", "latex"]

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
        show_default="every row up to 32 units, then the telling ones; three worked out",
    ),
]
Layer = Annotated[
    int | None, typer.Option("--layer", metavar="N", help="Layer to show, counted from 1.", show_default="all")
]
Digits = Annotated[
    int | None,
    typer.Option("--digits", metavar="N", help="Digits after the point, 1 to 15.", show_default="2; calculations 4"),
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
    Literal["torch", "course", "cho", "chung", "keras", "onnx", "lecture", "d2l", "list"],
    typer.Option("--convention", help="Whose letters and formulas; list shows who means what, and traces nothing."),
]
Output = Annotated[
    Format, typer.Option("--format", help="What to write. json, csv and npz: PyTorch's r, z, n, whole, unrounded.")
]
Check = Annotated[bool, typer.Option("--check", help="Compare every step with torch in float64; exit 1 above 1e-12.")]


def trace(
    step: Step = None,
    at: At = None,
    text: options.Text = None,
    file: options.File = None,
    checkpoint: options.Checkpoint = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    index: Index = None,
    layer: Layer = None,
    digits: Digits = None,
    terms: Terms = False,
    back: Back = None,
    convention: Convention = "torch",
    format: Output = "table",  # noqa: A002 -- the option's name
    out: options.Out = None,
    check: Check = False,
) -> None:
    """Show what every gate computed at a step, with the numbers put into the formulas.

    Step t reads character t of the text and turns the state h_{t-1} into h_t; h_0 is 0. Without --text and --file it
    is the text that the run brings along.

    Example: chargru trace --step 33 --step 34 --index 0,9,15
    """
    if convention == "list":
        if step or at or out:
            named = next(name for name, value in (("--step", step), ("--at", at), ("--out", out)) if value)
            raise SettingError(
                f"{named} does not go with --convention list, which traces nothing", f"leave {named} out"
            )
        _list_conventions(format)
        return
    if format == "npz" and out is None:
        raise SettingError("npz is binary, so it is not printed", "name a file: --out trace.npz")
    view = View(conventions.CONVENTIONS[convention], digits, layer, terms)
    model = inputs.model(checkpoint)
    select.resolve_layers(layer, model.architecture.layers)
    traced = _traced(model, inputs.text_for(model, text, file, encoding), step, at, index, force or [])
    if check:
        from chargru.insight.proof.check import checked

        traced = checked(traced)
    if back is not None:
        from chargru.cli import back as ledgers

        ledgers.write(model.force(*(force or [])), traced, _indices(model, index), back, view, format, out)
    else:
        _write(traced, view, format, out)
    _judge(traced, said=out is None and back is None and format in ("table", "markdown", "latex"))


def _list_conventions(format: Format) -> None:  # noqa: A002
    from chargru.show import conventions as convention_list

    if format == "json":
        terminal.json_result(convention_list.document())
    elif format == "table":
        print("\n".join(convention_list.lines()))
    else:
        raise SettingError(f"the list of conventions has no format {format}", "give --format table or json")


def _indices(model: Model, index: str | None) -> list[int] | None:
    return None if index is None else select.parse_indices(index, model.architecture.hidden_size)


def _traced(
    model: Model,
    named: tuple[str, str],
    step: list[str] | None,
    at: list[str] | None,
    index: str | None,
    force: list[str],
) -> Trace:
    text, where = named
    steps = None
    if step or at:
        found = [select.steps_at(pattern, text) for pattern in at or []]
        steps = [*select.parse_steps(step or [], len(text)), *itertools.chain(*found)]
    indices = _indices(model, index)
    last = select.resolve_steps(steps, len(text))[-1]
    with Steps("reading", 2 * last if force else last) as progress:
        return run_trace(model, text, steps=steps, indices=indices, force=force, where=where, on_step=progress.advance)


def _write(traced: Trace, view: View, format: Format, out: str | None) -> None:  # noqa: A002
    if out is not None:
        inputs.write_to(out, _rendered(traced, view, format))
        terminal.note(terminal.one_line(f"wrote {out}"))
    elif format == "table":
        from chargru.show.trace import terminal as trace_table

        console = terminal.console()
        console.print(trace_table.render(traced, view, max(console.width, trace_table.WIDTH)), soft_wrap=True)
    else:
        print(_rendered(traced, view, format).decode(), end="")


def _rendered(traced: Trace, view: View, format: Format) -> bytes:  # noqa: A002
    """The content of a file of this format."""
    if format == "npz":
        return export.as_npz(traced)
    if format == "json":
        text = export.as_json(traced)
    elif format == "csv":
        text = export.as_csv(traced)
    elif format == "markdown":
        from chargru.show.trace import markdown as trace_markdown

        text = trace_markdown.render(traced, view)
    elif format == "latex":
        from chargru.show.trace import latex as trace_latex

        text = trace_latex.render(traced, view)
    else:
        from chargru.show.trace import terminal as trace_table

        text = trace_table.render(traced, view).plain + "\n"
    return text.encode("utf-8", "backslashreplace")


def _judge(traced: Trace, *, said: bool) -> None:
    """Say what --check found, unless the output does; an error if it is above the tolerance."""
    if traced.check is None:
        return
    if not said:
        from chargru.show.trace import parts

        terminal.note(parts.check_line(traced))
    if not traced.check.passed:
        message = f"the trace differs from {traced.check.against} by {traced.check.max_abs_difference:.1e}"
        raise ChargruError(message, "please report it, with the run's model.safetensors")
