"""`chargru ablate`."""

from typing import Annotated, Literal

import typer

from chargru.cli import inputs, options, output, terminal
from chargru.cli.progress import Steps


def ablate(
    files: options.Files = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    characters: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Score at most so many characters.", show_default="what takes some seconds a variant"
        ),
    ] = None,
    unknown: Annotated[
        Literal["error", "skip"], typer.Option(help="What to do with characters that the model does not know.")
    ] = "error",
    encoding: options.Encoding = "utf-8",
    format: Annotated[str, output.format_option("Ablation")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Score a text without one part of the network at a time: r held, z held, no carry, no W_hn, r elsewhere.

    Without FILE and --text it is the run's own validation split, as in evaluate. A trained network with a stuck gate is
    a damaged network: the table says what these weights rely on, not what a network needs.

    Example: chargru ablate -c checkpoints/novel-001
    """
    model = inputs.model(checkpoint)
    texts = inputs.texts(text, files or [], encoding)
    from chargru.insight import ablation

    with Steps("scoring", 0) as steps:
        found = ablation.ablate(
            model,
            texts or None,
            characters=characters,
            unknown=unknown,
            on_window=steps.advance,
            on_more=steps.more,
            on_note=terminal.note,
        )
    output.write(found, format)
