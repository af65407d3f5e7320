"""How surprising each character of a text is to a model, in bits, and which words are the hardest.

The surprise of character t is -log2 p(x_t | x_1..x_{t-1}), as `evaluate` scores it: the mean over a text is its score
in bits per character.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from chargru import scoring
from chargru.evaluation import count_predictions
from chargru.gru.weights import Array
from chargru.model import Model
from chargru.scoring import Evaluation, Unknown
from chargru.shown import Shown

_ONE_BY_ONE = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
"""Kana and Chinese characters, which are written without spaces: each counts as a word."""


@dataclass(frozen=True)
class Word:
    """A word that stands in a text so many `times` with every character scored, and the bits of all of them."""

    word: str
    times: int
    bits: float

    @property
    def bits_each(self) -> float:
        """What it takes once, on average."""
        return self.bits / self.times

    @property
    def bits_per_character(self) -> float:
        """The mean over its characters."""
        return self.bits_each / len(self.word)


@dataclass(frozen=True, eq=False)
class Surprise(Shown):
    """The bits (N) of each of the N characters of `text`: nan where it is not scored.

    That is the first one of a text, which has nothing before it, and each that the model does not know and leaves out.
    `words` are the text's, the one that takes most bits first. `evaluation` is what `evaluate` says.
    """

    evaluation: Evaluation
    text: str
    bits: Array
    words: tuple[Word, ...]
    left_out: tuple[int, ...] = ()
    """Where the characters stand that the model does not know, from 0."""

    def in_brief(self) -> str:
        """The score, and the hardest words."""
        hardest = ", ".join(one.word for one in self.words[:3])
        return f"{self.evaluation.in_brief()}; hardest words: {hardest or 'none'}"

    @property
    def half(self) -> float:
        """On how small a share of the scored characters half of all bits fall."""
        scored = np.sort(self.bits[~np.isnan(self.bits)])[::-1]
        return float(1 + np.searchsorted(np.cumsum(scored), scored.sum() / 2)) / len(scored)


def surprise(
    model: Model,
    text: str | Sequence[tuple[str, str]] | None = None,
    *,
    window: int | None = None,
    force: Sequence[str] = (),
    unknown: Unknown = "error",
    on_window: Callable[[], None] | None = None,
    on_more: Callable[[int], None] | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Surprise:
    """Score a text as `evaluate` does, by the same arguments, and keep the bits of each character.

    A word is what letters, digits and underscores make, an apostrophe within it too; of Chinese characters and kana
    each is one. Raises what `evaluate` does.

    >>> found = chargru.surprise(chargru.load("cats"), "The cats were full.")
    >>> bits = found.bits[1:]  # the first character has nothing before it
    >>> bool(abs(bits.mean() - found.evaluation.val_bpc) < 1e-6), found.text[1 + bits.argmax()]
    (True, 'c')
    >>> found.words[0].word
    'cats'
    """
    note = on_note or (lambda _: None)
    scored = scoring.to_score(model, text, unknown, note)
    nats = np.empty(count_predictions(scored.ids))
    evaluation = scoring.score(
        model, scored, nats, window=window, force=force, on_window=on_window, on_more=on_more, note=note
    )
    content, bits, left_out = scoring.placed(model, scored, nats / np.log(2.0))
    return Surprise(evaluation, content, bits, tuple(hardest(content, bits)), left_out)


def hardest(text: str, bits: Array) -> list[Word]:
    """The words of a text, the one that takes most bits on average first; one that is not scored whole is left out."""
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(bits))]).tolist()
    missing = np.concatenate([[0], np.cumsum(np.isnan(bits))]).tolist()
    found: dict[str, tuple[int, float]] = {}
    for first, last in _words(text):
        if missing[first] == missing[last]:
            word = text[first:last]
            times, total = found.get(word, (0, 0.0))
            found[word] = times + 1, total + sums[last] - sums[first]
    words = [Word(word, times, total) for word, (times, total) in found.items()]
    return sorted(words, key=lambda one: (-one.bits_each, one.word))


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends."""
    characters = set(text)
    alone = [char for char in characters if _alone(char)]
    letters = re.escape("".join(char for char in characters if not _alone(char) and _in_words(char)))
    kinds = [f"[{re.escape(''.join(alone))}]"] if alone else []
    kinds += [f"[{letters}]+(?:['\u2019][{letters}]+)*"] if letters else []
    if kinds:
        yield from (match.span() for match in re.finditer("|".join(kinds), text))


def _alone(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _ONE_BY_ONE)


def _in_words(char: str) -> bool:
    """Letters, digits, underscores, and the marks that go on a letter."""
    return char.isalnum() or char == "_" or unicodedata.category(char).startswith("M")
