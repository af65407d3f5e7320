"""Verbs that agree with a noun before them, each with its paragraph: those of a text, or of new text.

A subject counts once, at its first verb: in "The cats were full and were tired." the first *were* gives the second
away. Pronouns do not count: what agrees with They stands beside it, and They is never anything but plural.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from chargru import bundled
from chargru.cats.grammar import CATS, CORPORA, Agreement, agreements, paragraphs, surprisal
from chargru.errors import TextError

SEED = 1
"""Of new text; the bundled texts have others."""
EACH = 400
"""Verbs of new text in each row of distances: if all of them are right, the 95 % interval begins above 99 %.

Half of them are of either number, so that a model which always has the same form is right in 50 %.
"""
DISTANCES = ((1, 9), *((first, first + 9) for first in range(10, 90, 10)), (90, None))
"""Rows of distances in characters, first and last; None is no end."""
PRONOUNS = {"It", "They", "He", "She"}
WRITTEN, PARSED = 20_000_000, 1_000_000
"""Characters of new text after which rows that are not full stay so: written, and parsed, which takes longer."""


class Verb(NamedTuple):
    """An agreement and its paragraph, in which its positions count."""

    paragraph: str
    agreement: Agreement


def within(distance: int) -> int:
    """The row of DISTANCES that a distance is in."""
    return min(distance // 10, len(DISTANCES) - 1)


def verbs_of(paragraph: str, corpus: str = CATS) -> list[Verb]:
    """The verbs of a paragraph that count, in order. Raises TextError if the grammar cannot have written it."""
    found: dict[int, Verb] = {}
    for one in agreements(paragraph, corpus):
        if one.subject not in PRONOUNS:
            found.setdefault(one.subject_start, Verb(paragraph, one))
    return list(found.values())


def verbs_in(text: str, corpus: str | None = None, where: str = "the text") -> tuple[str, list[Verb]]:
    """The corpus of a text, which is found out if it is not given, and the verbs of the text that count.

    Raises TextError if it is a text of no corpus, or not of that one; `where` names it.
    """
    refused = []
    for one in CORPORA if corpus is None else (corpus,):
        try:
            return one, list(_verbs(text, one))
        except TextError as error:
            refused.append(error.message)
            hint = error.hint
    raise TextError(f"{where}: {'; '.join(refused)}", hint)


def _verbs(text: str, corpus: str) -> Iterator[Verb]:
    start = 0
    for paragraph in text.splitlines(keepends=True):
        try:
            yield from verbs_of(paragraph, corpus)
        except TextError:
            surprisal(text, start, start + len(paragraph), corpus)  # the same error with the place in the whole text
            raise
        start += len(paragraph)


def new_verbs(
    corpus: str = CATS, seed: int = SEED, *, each: int = EACH, on_verb: Callable[[], None] | None = None
) -> list[Verb]:
    """Verbs of new text that count: the first `each` of every row of DISTANCES, half of them of either number.

    The text is `paragraphs` of that seed, each paragraph once, without those of the bundled text. A row has fewer where
    that much text has no more. `on_verb` is called at each verb. Raises TextError for an unknown corpus, SettingError
    for a negative seed.
    """
    found: list[Verb] = []
    left = {(row, number): each // 2 for row in range(len(DISTANCES)) for number in ("sg", "pl")}
    parsed = 0
    for paragraph in _new_paragraphs(corpus, seed):
        wanted = [DISTANCES[row][0] for (row, _), more in left.items() if more]
        if not wanted or parsed >= PARSED:
            break
        if len(paragraph) <= min(wanted):  # too short for any row that is not full
            continue
        parsed += len(paragraph)
        for verb in verbs_of(paragraph, corpus):
            place = within(verb.agreement.distance), verb.agreement.number
            if left[place]:
                left[place] -= 1
                found.append(verb)
                if on_verb:
                    on_verb()
    return found


def _new_paragraphs(corpus: str, seed: int) -> Iterator[str]:
    seen = set(bundled.text_path().read_text(encoding="utf-8").splitlines(keepends=True))
    for written in paragraphs(WRITTEN, seed, corpus):
        if written.text not in seen:
            seen.add(written.text)
            yield written.text
