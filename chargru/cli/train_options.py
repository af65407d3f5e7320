"""The options of `chargru train`, each with its unit and default."""

from typing import Annotated, Literal

import typer

from chargru.training.settings import DEFAULT_BUDGET, DEFAULTS


def _help(text: str, default: object) -> str:
    return f"{text} [default: {default}]"


Out = Annotated[
    str | None,
    typer.Option(
        metavar="RUN", help=_help("The run's directory.", "checkpoints/STEM-001, the next free"), show_default=False
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the run at --out, else the newest, where it stopped.")
]
Minutes = Annotated[
    float | None,
    typer.Option(
        help=_help("Train for this many minutes, validation included.", f"{DEFAULT_BUDGET.amount:g}"),
        show_default=False,
    ),
]
Epochs = Annotated[float | None, typer.Option(help="Train for this many passes over the text.", show_default=False)]
Updates = Annotated[int | None, typer.Option(help="Train for this many steps of the optimiser.", show_default=False)]
HiddenSize = Annotated[
    int | None, typer.Option(help=_help("Units of a layer, H.", DEFAULTS.hidden_size), show_default=False)
]
Reset = Annotated[
    Literal["after", "before"] | None,
    typer.Option(
        help=_help("Where r acts: after the product with W_hn, as in torch.nn.GRU, or before it.", DEFAULTS.reset),
        show_default=False,
    ),
]
Force = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GATE=0|1",
        help="Hold r or z (PyTorch's letters) at 0 or 1, whole or by index, e.g. 2:z[0,3,5-9]=0; repeatable.",
        show_default=False,
    ),
]
Layers = Annotated[int | None, typer.Option(help=_help("GRU layers.", DEFAULTS.layers), show_default=False)]
BatchSize = Annotated[
    int | None,
    typer.Option(help=_help("Lanes of text read side by side.", DEFAULTS.batch_size), show_default=False),
]
Window = Annotated[
    int | None,
    typer.Option(help=_help("Steps that the gradient goes back, in characters.", DEFAULTS.window), show_default=False),
]
LearningRate = Annotated[
    float | None,
    typer.Option(help=_help("AdamW's rate at its peak, per update.", DEFAULTS.learning_rate), show_default=False),
]
WeightDecay = Annotated[
    float | None,
    typer.Option(
        help=_help("AdamW's decay of matrices, as a share of the rate.", DEFAULTS.weight_decay), show_default=False
    ),
]
Dropout = Annotated[
    float | None,
    typer.Option(help=_help("Share of a layer's outputs zeroed while training.", DEFAULTS.dropout), show_default=False),
]
WeightDrop = Annotated[
    float | None,
    typer.Option(
        help=_help("Share of W_hh zeroed while training, drawn for each window.", DEFAULTS.weight_drop),
        show_default=False,
    ),
]
ValidationFraction = Annotated[
    float | None,
    typer.Option(
        help=_help(
            "Share of the text, at its end, that is scored and not trained on; 0 trains on everything.",
            DEFAULTS.validation_fraction,
        ),
        show_default=False,
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(help=_help("Stop after this many validations without a new best; 0 never.", "0"), show_default=False),
]
Seed = Annotated[
    int | None,
    typer.Option(help=_help("Number that fixes every random choice.", DEFAULTS.seed), show_default=False),
]
Precision = Annotated[
    Literal["fp32", "bf16", "auto"] | None,
    typer.Option(
        help=_help("Of the layer's products; auto takes bf16 where it is known to be faster.", DEFAULTS.precision),
        show_default=False,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help=_help("cpu, cuda, cuda:1, ...; auto takes a GPU if any.", "auto"), show_default=False
    ),
]
Threads = Annotated[
    int | None, typer.Option(help=_help("CPU threads; 0 leaves it to torch.", DEFAULTS.threads), show_default=False)
]
Encoding = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=_help("How the files encode their characters.", "utf-8"), show_default=False),
]
