"""`chargru corpus`."""

from pathlib import Path
from typing import Annotated

import typer

from chargru.cli import completion, output
from chargru.cli.progress import Steps


def corpus(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The corpus to write: cats (the bundled one) or village (many more words).",
            autocompletion=completion.words("cats", "village"),
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="The file to write; must not exist.", show_default=False),
    ],
    size: Annotated[
        int, typer.Option(help="Characters to write, at least; the text ends with a whole paragraph.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Number that fixes the text.")] = 0,
    format: Annotated[str, output.format_option("WrittenCorpus")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Write a text whose entropy is known: more of the bundled one, or of a larger grammar.

    Reports the grammar's entropy rate, and how many bits this text takes under it. No model can be expected to
    beat that.

    Example: chargru corpus cats --out more-cats.txt --size 200000 --seed 7
    """
    from chargru.cats.written import write_corpus

    with Steps("writing", size) as steps:
        found = write_corpus(out, size, seed, name, on_characters=steps.advance)
    output.write(found, format)
