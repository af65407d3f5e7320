"""`chargru corpus`."""

from math import fsum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from chargru import bundled
from chargru.cli import key_values, options, terminal
from chargru.cli.progress import Steps
from chargru.errors import TextError

CORPORA = (bundled.CATS,)


def corpus(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The corpus to write: cats.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write; must not exist.", show_default=False)],
    size: Annotated[
        int, typer.Option(help="Characters to write, at least; it ends with a whole paragraph.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Number that fixes the text.")] = 0,
    format: options.Format = "table",  # noqa: A002 -- the option's name
) -> None:
    """Write a text whose entropy is known, from the grammar of the bundled one.

    Reports the grammar's entropy rate, and how many bits this very text takes under it: the floor of any score.

    Example: chargru corpus cats --out more-cats.txt --size 200000 --seed 7
    """
    if name not in CORPORA:
        raise TextError(f"there is no corpus {name!r}", f"there is: {', '.join(CORPORA)}")
    _require_free(out)
    from chargru import tensorfile
    from chargru.cats import grammar

    texts, bits = _write(size, seed)
    text = "".join(texts)
    tensorfile.write_atomically(out, text.encode())
    document: dict[str, Any] = {
        "schema": "chargru.corpus/1",
        "corpus": name,
        "out": str(out),
        "seed": seed,
        "characters": len(text),
        "paragraphs": len(texts),
        "entropy_rate": grammar.entropy_rate(),
        "bits": bits,
        "bits_per_character": bits / len(text),
    }
    _print(document, format)


def _write(size: int, seed: int) -> tuple[list[str], float]:
    """The paragraphs, and the bits they take together."""
    from chargru.cats import grammar

    texts, bits = [], []
    with Steps("writing", size) as steps:
        for paragraph in grammar.paragraphs(size, seed):
            texts.append(paragraph.text)
            bits.append(paragraph.bits)
            steps.advance(len(paragraph.text))
    return texts, fsum(bits)


def _require_free(out: Path) -> None:
    if out.exists():
        raise TextError(f"{out} already exists and is never overwritten", "choose another --out, or remove it first")
    if not out.parent.is_dir():
        raise TextError(f"there is no directory {out.parent}", "make it first, or choose another --out")


def _print(document: dict[str, Any], format: Literal["table", "json"]) -> None:  # noqa: A002
    if format == "json":
        terminal.json_result(document)
        return
    key_values.show(
        [
            ("written", document["out"]),
            ("size", f"{document['characters']:,} characters in {document['paragraphs']:,} paragraphs"),
            ("entropy rate", f"{document['entropy_rate']:.4f} bits per character: the grammar's, on average"),
            ("-log2 p", f"{document['bits']:.1f} bits: this text's"),
            ("", f"{document['bits_per_character']:.4f} bits per character: the floor of a score on it"),
        ]
    )
