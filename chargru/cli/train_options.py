"""The options of `chargru train`, each with its unit; their defaults stand in `train`."""

from typing import Annotated

import typer

from chargru import sizing
from chargru.cli import completion
from chargru.gru import weights
from chargru.training import settings

Minutes = Annotated[float, typer.Option(help="Train for this many minutes, validation included.")]
Epochs = Annotated[float | None, typer.Option(help="Train for this many passes over the text.", show_default=False)]
Updates = Annotated[int | None, typer.Option(help="Train for this many steps of the optimiser.", show_default=False)]
HiddenSize = Annotated[
    int,
    typer.Option(
        help="Units of a layer, H.",
        show_default=f"by the text's length, {sizing.SMALLEST} to {sizing.LARGEST}",
    ),
]
Layers = Annotated[int, typer.Option(help="GRU layers.")]
Reset = Annotated[
    weights.Reset,
    typer.Option(help="Where r acts: after the product with W_hn, as in torch.nn.GRU, or before it."),
]
Force = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GATE=0|1",
        help="Hold r or z (PyTorch's letters) at 0 or 1, whole or by index, e.g. 2:z[0,3,5-9]=0; repeatable.",
        show_default=False,
    ),
]
InitialMemory = Annotated[
    float,
    typer.Option(help="At first, units hold for 2 to this many steps, each longer than the one before; 0: all for 4."),
]
LearningRate = Annotated[float, typer.Option(help="AdamW's learning rate at its peak.")]
BatchSize = Annotated[int, typer.Option(help="Streams of text read in parallel, called lanes.")]
Window = Annotated[int, typer.Option(help="Characters that the gradient goes back (truncated backpropagation).")]
Dropout = Annotated[float, typer.Option(help="Share of a layer's outputs set to 0 in training.")]
WeightDrop = Annotated[
    float, typer.Option(help="Share of the elements of W_hh set to 0 in training, drawn for each window.")
]
WeightDecay = Annotated[float, typer.Option(help="AdamW's weight decay, of matrices only.")]
Patience = Annotated[int, typer.Option(help="Stop after this many validations without a new best; 0 never.")]
Seed = Annotated[int, typer.Option(help="Number that fixes every random choice.")]
Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="RUN",
        help="The run's directory.",
        autocompletion=completion.runs_to_resume,
        show_default="checkpoints/STEM-001, the next free",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue the run at --out, else the newest one, from where it stopped.")
]
InitFrom = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="Fine-tune: start from the best weights of RUN, named as for -c, on any text: chargru train letters.txt "
        "--init-from novel-001. Its network is taken over, and characters that only the new text has are added.",
        autocompletion=completion.runs,
        show_default=False,
    ),
]
ValidationFraction = Annotated[
    float,
    typer.Option(help="Share of the text, at its end, that is scored and not trained on; 0 trains on everything."),
]
Device = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="cpu, cuda, cuda:1, ...; auto takes a GPU if there is one.",
        autocompletion=completion.words("auto", "cpu", "cuda"),
    ),
]
Threads = Annotated[int, typer.Option(help="CPU threads; 0 lets torch choose.")]
Precision = Annotated[
    settings.Precision,
    typer.Option(help="Number format of the matrix products; auto takes bf16 where it is known to be faster."),
]


def written(name: str, value: object) -> str:
    """A setting as the command line has it."""
    return f"--{name.replace('_', '-')} {value}"
