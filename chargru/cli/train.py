"""`chargru train`."""

import os
from typing import Annotated, Literal

import typer

from chargru.cli import options, terminal
from chargru.errors import SettingError
from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS, budget


def _help(text: str, default: object) -> str:
    return f"{text} [default: {default}]"


def train(
    files: options.Files = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help=_help("The run's directory.", "checkpoints/STEM-001, the next free"), show_default=False
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run at --out, else the newest, where it stopped.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(
            help=_help("Train for this many minutes, validation included.", f"{DEFAULT_BUDGET.amount:g}"),
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Train for this many passes over the text.", show_default=False)
    ] = None,
    updates: Annotated[
        int | None, typer.Option(help="Train for this many steps of the optimiser.", show_default=False)
    ] = None,
    hidden_size: Annotated[
        int | None, typer.Option(help=_help("Units of a layer, H.", DEFAULTS.hidden_size), show_default=False)
    ] = None,
    reset: Annotated[
        Literal["after", "before"] | None,
        typer.Option(
            help=_help("Where r acts: after the product with W_hn, as in torch.nn.GRU, or before it.", DEFAULTS.reset),
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GATE=0|1",
            help="Hold r or z (PyTorch's letters) at 0 or 1, whole or by index, e.g. 2:z[0,3,5-9]=0; repeatable.",
            show_default=False,
        ),
    ] = None,
    layers: Annotated[int | None, typer.Option(help=_help("GRU layers.", DEFAULTS.layers), show_default=False)] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(help=_help("Lanes of text read side by side.", DEFAULTS.batch_size), show_default=False),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(
            help=_help("Steps that the gradient goes back, in characters.", DEFAULTS.window), show_default=False
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help=_help("AdamW's rate at its peak, per update.", DEFAULTS.learning_rate), show_default=False),
    ] = None,
    weight_decay: Annotated[
        float | None,
        typer.Option(
            help=_help("AdamW's decay of matrices, as a share of the rate.", DEFAULTS.weight_decay), show_default=False
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            help=_help("Share of a layer's outputs zeroed while training.", DEFAULTS.dropout), show_default=False
        ),
    ] = None,
    validation_fraction: Annotated[
        float | None,
        typer.Option(
            help=_help(
                "Share of the text, at its end, that is scored and not trained on; 0 trains on everything.",
                DEFAULTS.validation_fraction,
            ),
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help=_help("Stop after this many validations without a new best; 0 never.", "0"), show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help=_help("Number that fixes every random choice.", DEFAULTS.seed), show_default=False),
    ] = None,
    precision: Annotated[
        Literal["fp32", "bf16", "auto"] | None,
        typer.Option(
            help=_help("Of the layer's products; auto takes bf16 where it is known to be faster.", DEFAULTS.precision),
            show_default=False,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=_help("cpu, cuda, cuda:1, ...; auto takes a GPU if any.", "auto"), show_default=False
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help=_help("CPU threads; 0 leaves it to torch.", DEFAULTS.threads), show_default=False)
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=_help("How the files encode their characters.", "utf-8"), show_default=False),
    ] = None,
    format: options.Format = "table",  # noqa: A002 -- the option's name
) -> None:
    """Train a GRU on text files, or on the bundled text if none is named.

    The best weights by validation land in the run's directory, where sample, trace, evaluate and info find them.
    Ctrl-C saves and stops; --resume goes on, and accepts only --device, --threads and a larger budget.

    Example: chargru train novel.txt --minutes 10
    """
    given = {
        "hidden_size": hidden_size,
        "layers": layers,
        "reset": reset,
        "force": tuple(force) if force else None,
        "batch_size": batch_size,
        "window": window,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "dropout": dropout,
        "validation_fraction": validation_fraction,
        "patience": patience,
        "seed": seed,
        "precision": precision,
        "encoding": encoding,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    if resume and chosen:
        option = "--" + next(iter(chosen)).replace("_", "-")
        hint = "--resume accepts --device, --threads and a larger budget; for other settings start a new run"
        raise SettingError(f"{option} cannot change when a run goes on", hint)
    hardware = {name: value for name, value in (("device", device), ("threads", threads)) if value is not None}
    allowed = budget(minutes, epochs, updates)
    settings = DEFAULTS.replace(**chosen, **hardware)
    terminal.note("loading torch ...")
    # Threads that spin at a barrier stand still for milliseconds when another program takes one of their cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from chargru.training import begin, progress

    shown = progress.for_stream()
    if resume:
        report = begin.resume(out, paths=files or (), budget=allowed, device=device, threads=threads, progress=shown)
    else:
        report = begin.start(files or (), settings=settings, budget=allowed or DEFAULT_BUDGET, out=out, progress=shown)
    _print(report.to_document(), format)


def _print(document: dict[str, object], format: Literal["table", "json"]) -> None:  # noqa: A002
    if format == "json":
        terminal.json_result(document)
        return
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in document.items():
        if name != "schema":
            table.add_row(name, _shown(value))
    terminal.result(table)
    checkpoint = document["checkpoint"]
    terminal.note(f"read what it writes:  chargru sample -c {checkpoint}")
    terminal.note(f"see what it computes: chargru trace -c {checkpoint}")


def _shown(value: object) -> str:
    if value is None:
        return "not validated"
    if isinstance(value, float):
        return f"{value:.4f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
