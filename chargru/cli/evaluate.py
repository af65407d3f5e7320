"""`chargru evaluate`."""

from typing import Annotated, Literal

import typer

from chargru.cli import inputs, options, output, terminal
from chargru.cli.progress import Steps


def evaluate(
    files: options.Files = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    window: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Score independent windows of N characters, each from the zero state.",
            show_default="one stream, the state carried throughout",
        ),
    ] = None,
    unknown: Annotated[
        Literal["error", "skip"], typer.Option(help="What to do with characters that the model does not know.")
    ] = "error",
    force: options.Force = None,
    encoding: options.Encoding = "utf-8",
    format: Annotated[str, output.format_option("Evaluation")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Score a text: how well the model predicts each of its characters.

    Without FILE and --text it is the run's own validation split. The first character of a FILE has nothing before it
    and is not counted; that of the validation split is predicted from the end of the training text.

    Example: chargru evaluate novel.txt -c checkpoints/novel-001
    """
    model = inputs.model(checkpoint)
    texts = inputs.texts(text, files or [], encoding)
    from chargru import scoring

    with Steps("scoring", 0) as steps:
        found = scoring.evaluate(
            model,
            texts or None,
            window=window,
            force=force or [],
            unknown=unknown,
            on_window=steps.advance,
            on_more=steps.more,
            on_note=terminal.note,
        )
    output.write(found, format)
