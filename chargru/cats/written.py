"""A text of the grammar written to a file, and how many bits it takes under the grammar: the floor of any score."""

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import ClassVar

from chargru import tensorfile
from chargru.cats import grammar
from chargru.errors import TextError, named
from chargru.shown import Shown


@dataclass(frozen=True)
class WrittenCorpus(Shown):
    """What was written to `out`. The entropy rate is the grammar's, in bits per character; `bits` are this text's."""

    schema: ClassVar = "chargru.corpus/1"

    corpus: str
    out: str
    seed: int
    characters: int
    paragraphs: int
    entropy_rate: float
    bits: float
    bits_per_character: float


def write_corpus(
    out: Path, size: int, seed: int, corpus: str = grammar.CATS, *, on_characters: Callable[[int], None] | None = None
) -> WrittenCorpus:
    """Write whole paragraphs of at least `size` characters to a new file; `on_characters` is called after each.

    Raises TextError for an unknown corpus and for a place that is taken or missing, SettingError for what
    `grammar.write` refuses.
    """
    if out.exists():
        raise TextError(
            f"{out} already exists and is never overwritten", f"choose another {named('out')}, or remove it first"
        )
    if not out.parent.is_dir():
        raise TextError(f"there is no directory {out.parent}", f"make it first, or choose another {named('out')}")
    texts, bits = [], []
    for paragraph in grammar.paragraphs(size, seed, corpus):
        texts.append(paragraph.text)
        bits.append(paragraph.bits)
        if on_characters:
            on_characters(len(paragraph.text))
    text, total = "".join(texts), fsum(bits)
    tensorfile.write_atomically(out, text.encode())
    return WrittenCorpus(
        corpus=corpus,
        out=str(out),
        seed=seed,
        characters=len(text),
        paragraphs=len(texts),
        entropy_rate=grammar.entropy_rate(corpus),
        bits=total,
        bits_per_character=total / len(text),
    )
