"""`chargru ablate`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from chargru.cli import inputs, options, output, terminal
from chargru.cli.progress import Steps
from chargru.errors import Interrupted, SettingError
from chargru.model import Model

if TYPE_CHECKING:
    from chargru.scoring import Unknown

Characters = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Score at most this many characters.", show_default="as many as take a few seconds per row"
    ),
]
Skip = Annotated[
    Literal["error", "skip"] | None,
    typer.Option(help="What to do with characters that the model does not know.", show_default="error"),
]
Retrain = Annotated[bool, typer.Option("--retrain", help="Train every variant from scratch instead, and compare.")]
Minutes = Annotated[
    float | None,
    typer.Option(help="Train the GRU for this many minutes, the others for as many updates.", show_default="1"),
]
Epochs = Annotated[
    float | None, typer.Option(help="Train each for this many passes over the text.", show_default=False)
]
Updates = Annotated[int | None, typer.Option(help="Train each for this many updates.", show_default=False)]
HiddenSize = Annotated[int | None, typer.Option(help="Units of a layer, H.", show_default="the run's own")]
Seed = Annotated[
    int | None, typer.Option(help="Number that fixes every random choice of a training.", show_default="the run's own")
]
Seeds = Annotated[
    int | None, typer.Option(metavar="N", help="Train each with this many seeds, from --seed on.", show_default="1")
]


def ablate(
    files: options.Files = None,
    by_option: options.File = None,
    suffix: options.Suffix = None,
    checkpoint: options.Checkpoint = None,
    text: options.Text = None,
    characters: Characters = None,
    unknown: Skip = None,
    encoding: options.Encoding = "utf-8",
    retrain: Retrain = False,
    minutes: Minutes = None,
    epochs: Epochs = None,
    updates: Updates = None,
    hidden_size: HiddenSize = None,
    seed: Seed = None,
    seeds: Seeds = None,
    format: Annotated[str, output.format_option("Ablation")] = "table",  # noqa: A002 -- the option's name
    _no_pager: options.NoPager = False,
) -> None:
    """Score a text without one part of the network at a time: a gate held, no carry, no W_hn, r in the other place.

    Without FILE and --text the run's own validation split is scored, as in evaluate. A trained network with a stuck
    gate is a damaged network: the table says what these weights rely on. To learn what a network needs, use --retrain.
    It trains each variant from scratch with the run's settings, on the run's whole text or on FILE; Ctrl-C ends it and
    shows what is done.

    Example: chargru ablate --retrain --minutes 1
    """
    training = {"minutes": minutes, "epochs": epochs, "updates": updates, "hidden_size": hidden_size, "seed": seed}
    given = {name: value for name, value in {**training, "seeds": seeds}.items() if value is not None}
    _fit(list(given), retrain=retrain, scoring={"--characters": characters, "--unknown": unknown})
    named = inputs.files(files, by_option)
    model = inputs.model(checkpoint)
    texts = inputs.texts(text, named, encoding, suffix)
    if retrain:
        _retrain(model, texts, given, format)
    else:
        _ablate(model, texts, characters, unknown or "error", format)


def _fit(given: list[str], *, retrain: bool, scoring: dict[str, object]) -> None:
    """Raises SettingError for options that do not go together."""
    if not retrain and given:
        option = f"--{given[0].replace('_', '-')}"
        raise SettingError(f"{option} goes with --retrain only", f"add --retrain, or leave {option} out")
    for option, value in scoring.items():
        if retrain and value is not None:
            raise SettingError(f"{option} does not go with --retrain", f"leave {option} out")


def _ablate(
    model: Model, texts: list[tuple[str, str]], characters: int | None, unknown: "Unknown", shown_as: str
) -> None:
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
    output.write(found, shown_as)


def _retrain(model: Model, texts: list[tuple[str, str]], given: dict[str, Any], shown_as: str) -> None:
    from chargru.training import retrain as library
    from chargru.training.live import for_stream

    terminal.doing("loading torch")
    found = library.retrain(model, texts or None, progress=for_stream(), **given)
    output.write(found, shown_as)
    if found.trials < found.planned:
        raise Interrupted
