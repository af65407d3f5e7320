"""`chargru gradient`."""

from typing import Annotated

import typer

from chargru import run
from chargru.cli import completion, inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.errors import ChargruError, SettingError
from chargru.gru import numpy_threads
from chargru.insight import select
from chargru.insight.gradient import LONGEST, POSITIONS, GradientReport, lags_and_places, resolve_lags, steps_of_work
from chargru.insight.gradient import gradient as measure
from chargru.insight.jacobian import StepJacobian
from chargru.insight.jacobian import jacobian as take_jacobian
from chargru.insight.weight_gradient import WeightGradient
from chargru.insight.weight_gradient import weight_gradient as take_weights
from chargru.model import Model

Lags = Annotated[
    str | None,
    typer.Option(metavar="1,10,100", help="How many steps back to look.", show_default="1,2,5,10,... to half the text"),
]
Positions = Annotated[
    int | None,
    typer.Option(metavar="N", help="Positions T, evenly spaced, to take the mean over.", show_default=str(POSITIONS)),
]
At = Annotated[
    list[str] | None,
    typer.Option(
        "--at",
        metavar="REGEX",
        help="Instead of --positions: the steps whose character ends a match; repeatable.",
        show_default=False,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Another run, to be measured on the same text.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]
Jacobian = Annotated[
    str | None,
    typer.Option(
        metavar="STEP", help="Instead: the four terms of dh_t/dh_{t-1} at a step, from 1.", show_default=False
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="STEP", help="Instead: which steps the gradient of W_hh at a step comes from.", show_default=False
    ),
]
Layer = Annotated[
    int | None, typer.Option(metavar="N", help="With --jacobian: the layer, from 1.", show_default="the top one")
]
Format = Annotated[str, output.format_option("GradientReport", "What to write; npz holds every position and lag.")]

_SLOW_UNITS = 512  # from here on norms and eigenvalues take about a second

Found = GradientReport | StepJacobian | WeightGradient


def gradient(
    lags: Lags = None,
    positions: Positions = None,
    at: At = None,
    against: Against = None,
    jacobian: Jacobian = None,
    weights: Weights = None,
    layer: Layer = None,
    text: options.Text = None,
    file: options.File = None,
    given: options.Run = None,
    checkpoint: options.Checkpoint = None,
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    format: Format = "table",  # noqa: A002 -- the option's name
    out: options.Out = None,
    _no_pager: options.NoPager = False,
) -> None:
    """Show how large the gradient still is some steps back, and by which path it gets there.

    The size at lag k is |dL_T/dh_{T-k}| / |dL_T/dh_T|, beside the same network untrained. Without --text and --file
    it reads the text stored in the run.

    Example: chargru gradient --lags 1,10,100
    """
    output.require_file("GradientReport", format, out, "gradient")
    _fit(
        {"--lags": lags, "--positions": positions, "--at": at or None, "--against": against},
        jacobian=jacobian,
        weights=weights,
        layer=layer,
    )
    model, held = inputs.model(checkpoint, given), force or []
    content, where = inputs.text_for(model, text, file, encoding)
    forced = model.force(*held, steps=len(content), where=where).forced
    if jacobian is not None:
        found: Found = _jacobian(model, content, where, jacobian, layer, held)
    elif weights is not None:
        found = _weights(model, content, where, weights, held)
    else:
        other = None if against is None else run.load(against)
        found = _sizes(model, other, content, where, *_places(content, lags, positions, at), held)
    if held:
        terminal.note(f"held: {', '.join(forced)}")
    output.write(found, format, out=out)


def _fit(sizes: dict[str, object], *, jacobian: str | None, weights: str | None, layer: int | None) -> None:
    """Raises SettingError for options that do not go together."""
    if jacobian is not None and weights is not None:
        raise SettingError("both --jacobian and --weights are given", "give only one of them")
    if layer is not None and jacobian is None:
        raise SettingError("--layer goes with --jacobian only", "leave it out; --weights shows every layer")
    for option, value in sizes.items():
        if value is not None and (jacobian is not None or weights is not None):
            raise SettingError(f"{option} does not go with --jacobian or --weights", f"leave {option} out")


def _places(
    text: str, lags: str | None, positions: int | None, at: list[str] | None
) -> tuple[tuple[int, ...], int | tuple[int, ...]]:
    """The lags, and how many positions or which."""
    wanted = None if lags is None else _numbers(lags)
    if not at:
        return resolve_lags(wanted, max(len(text), 2)), POSITIONS if positions is None else positions
    if positions is not None:
        raise SettingError("both --positions and --at are given", "give only one of them")
    found = {step for pattern in at for step in select.steps_at(pattern, text)}
    chosen, kept = lags_and_places(sorted(found), wanted, len(text))
    if len(kept) < len(found):
        left = f"{len(found) - len(kept)} of {len(found)} places"
        terminal.note(f"note: {left} left out, with no lag {chosen[-1]} or no next character; --lags 1,10 asks less")
    return chosen, kept


def _sizes(
    model: Model,
    other: Model | None,
    text: str,
    where: str,
    lags: tuple[int, ...],
    positions: int | tuple[int, ...],
    force: list[str],
) -> GradientReport:
    if len(text) > LONGEST:
        terminal.note(f"note: the first {LONGEST:,} of {len(text):,} characters are read; every state has to be kept")
    work = steps_of_work(text, lags, against=other is not None or bool(force))
    # One thread: the products are many and small, and threads that wait for each other cost more than they give.
    with Steps("going through the text and back", work) as steps, numpy_threads.threads(1):
        return measure(
            model,
            text,
            lags=lags,
            positions=positions,
            against=other,
            force=force,
            where=where,
            on_step=steps.advance,
        )


def _numbers(lags: str) -> list[int]:
    try:
        return [int(item) for item in lags.split(",")]
    except ValueError:
        raise SettingError(f"{lags!r} is not a list of lags", "give whole numbers: --lags 1,10,100") from None


def _jacobian(
    model: Model, text: str, where: str, given_step: str, layer: int | None, force: list[str]
) -> StepJacobian:
    step = _step(given_step, text, "--jacobian", len(text))
    with Steps("reading", step) as steps:
        found = take_jacobian(model, text, step=step, layer=layer, force=force, where=where, on_step=steps.advance)
    units = model.architecture.hidden_size
    if units >= _SLOW_UNITS:
        terminal.note(f"taking norms and eigenvalues of {units} x {units} matrices ...")
    return found


def _weights(model: Model, text: str, where: str, given_step: str, force: list[str]) -> WeightGradient:
    step = _step(given_step, text, "--weights", len(text) - 1)
    with Steps("reading", step + 1) as steps:
        return take_weights(model, text, step=step, force=force, where=where, on_step=steps.advance)


def _step(given_step: str, text: str, option: str, last: int) -> int:
    try:
        found = select.parse_steps([given_step], len(text))
    except ChargruError as error:  # its hint speaks of several steps
        raise type(error)(error.message, f"give one from 1 to {last}: {option} {last}") from None
    if len(found) != 1:
        raise SettingError(f"{given_step!r} is not one step", f"give one: {option} {found[-1]}")
    return found[0]
