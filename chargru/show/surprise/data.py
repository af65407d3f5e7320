"""The surprise of a text as a JSON document and as CSV: every character, unrounded."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chargru.insight.surprise import Surprise
from chargru.show.data import csv_text, finite, json_text
from chargru.show.view import View

SCHEMA = "chargru.surprise/1"


def as_json(found: Surprise, _: View | None = None) -> str:
    """The document: what `evaluate` says, and `content`, `bits` (null where it is not scored) and `words` besides."""
    words = (
        {
            "word": one.word,
            "times": one.times,
            "bits": one.bits,
            "bits_each": one.bits_each,
            "bits_per_character": one.bits_per_character,
        }
        for one in found.words
    )
    return json_text(
        {
            "schema": SCHEMA,
            **asdict(found.evaluation),
            "content": found.text,
            "bits": [finite(value) for value in found.bits.tolist()],
            "words": list(words),
        }
    )


def as_csv(found: Surprise, _: View | None = None) -> str:
    """A row a character; bits is empty where it is not scored."""
    return csv_text(_rows(found), quote_blanks=True)


def _rows(found: Surprise) -> Iterator[tuple[Any, ...]]:
    yield ("position", "char", "bits")
    for position, (char, bits) in enumerate(zip(found.text, found.bits.tolist(), strict=True), start=1):
        yield (position, char, finite(bits))
