"""How often a model finds the right form of a verb likelier than the wrong one, by how far back its subject stands.

It is right about a verb whose log-odds are above 0. `log_odds` says what these are, `cats.verbs` which verbs count.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from chargru.arguments import several, whole
from chargru.cats.grammar import CATS, write
from chargru.cats.verbs import DISTANCES, EACH, SEED, Verb, new_verbs, verbs_in
from chargru.errors import RunError, TextError
from chargru.gru.weights import Array
from chargru.insight.log_odds import START, encoded, groups, log_odds
from chargru.insight.trace import OnStep
from chargru.model import Model
from chargru.shown import Shown

BETWEEN = ((0, 0), (1, 1), (2, 2), (3, None))
"""Rows by nouns of the other number between subject and verb, first and last; None is no end."""
Z95 = 1.959963984540054
"""The normal distribution's quantile at 0.975, for intervals of 95 %."""

CHECKED = 100_000
"""Characters of new text in which every character of its grammar is taken to occur."""

Range = tuple[int, int | None]
Readers = dict[str, Model]
"""The models that read a text, by what is said of them in errors."""
OnMore = Callable[[int], None] | None


@dataclass(frozen=True)
class Share:
    """How many of some verbs a model has right, and the 95 % interval of the share by Wilson's score."""

    verbs: int
    right: int

    @property
    def share(self) -> float:
        """The part of the verbs that is right, from 0 to 1."""
        return self.right / self.verbs

    @property
    def interval(self) -> tuple[float, float]:
        """The shares p with |share - p| <= 1.96 sqrt(p (1 - p) / verbs)."""
        square = Z95 * Z95 / self.verbs
        middle = (self.share + square / 2) / (1 + square)
        half = sqrt(square * (self.share * (1 - self.share) + square / 4)) / (1 + square)
        # At the ends rounding would leave 1 - 1e-16.
        return middle - half if self.right else 0.0, middle + half if self.right < self.verbs else 1.0


@dataclass(frozen=True)
class Row:
    """The verbs from `first` to `last` characters, or nouns of the other number between; None is no end."""

    first: int
    last: int | None
    model: Share
    against: Share | None

    @property
    def apart(self) -> bool:
        """Whether the intervals of the two models do not overlap."""
        if self.against is None:
            return False
        (low, high), (other_low, other_high) = self.model.interval, self.against.interval
        return low > other_high or other_low > high


@dataclass(frozen=True, eq=False)
class AgreementReport(Shown):
    """Verbs of a text of a corpus, and each one's log-odds (N,), the other model's too if there is one.

    `text` is what to call the text; the log-odds are in nats, above 0 where the model is right. `forced` are the gates
    held, `held` those of them that were held for this report.
    """

    schema: ClassVar = "chargru.agreement/1"

    checkpoint: str | None
    text: str
    corpus: str
    forced: tuple[str, ...]
    held: tuple[str, ...]
    verbs: tuple[Verb, ...]
    log_odds: Array
    against_name: str
    against: Array | None

    @property
    def total(self) -> Row:
        """All verbs."""
        return self._row(np.ones(len(self.verbs), dtype=bool), (1, None))

    @property
    def by_distance(self) -> list[Row]:
        """By characters between the subject's noun and the verb; rows without a verb are left out."""
        return self._rows(self._distances, DISTANCES)

    @property
    def by_distance_with_nouns_between(self) -> list[Row]:
        """The same of those verbs that a noun of the other number stands before, after the subject."""
        return self._rows(np.where(self._between > 0, self._distances, 0), DISTANCES)

    @property
    def by_nouns_between(self) -> list[Row]:
        """By nouns of the other number between the subject and the verb; rows without a verb are left out."""
        return self._rows(self._between, BETWEEN)

    @property
    def _distances(self) -> NDArray[np.int64]:
        return np.array([verb.agreement.distance for verb in self.verbs])

    @property
    def _between(self) -> NDArray[np.int64]:
        return np.array([verb.agreement.attractors for verb in self.verbs])

    def _rows(self, numbers: NDArray[np.int64], ranges: Sequence[Range]) -> list[Row]:
        chosen = [(numbers >= first) & (numbers <= (np.inf if last is None else last)) for first, last in ranges]
        return [self._row(where, limits) for where, limits in zip(chosen, ranges, strict=True) if where.any()]

    def _row(self, chosen: NDArray[np.bool_], limits: Range) -> Row:
        shares = (
            None if odds is None else Share(int(chosen.sum()), int((odds[chosen] > 0).sum()))
            for odds in (self.log_odds, self.against)
        )
        model, against = shares
        assert model is not None
        return Row(*limits, model, against)


def agreement(
    model: Model,
    text: str | None = None,
    *,
    corpus: str | None = None,
    seed: int = SEED,
    against: Model | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
    on_more: OnMore = None,
) -> AgreementReport:
    r"""Measure how often the right form of an agreeing verb is likelier than the wrong one, by distance.

    `text` is a text of a corpus that `chargru corpus` writes, from the start of a paragraph on; None is new text of
    `corpus` by `seed`, without the paragraphs of the bundled text. `corpus` is "cats" or "village"; None is the one
    that the text is of, and cats where the text is new. `against` is another model, which reads the same. `force` holds
    gates; without `against` it is then the model without them that is set beside. `where` names the text in errors;
    `on_more` is called with how many steps of work there are to come, `on_step` after each.

    Raises TextError for another text, an unknown corpus or no verb; UnknownCharacterError, SettingError, StepError, and
    RunError for a model without a head.

    >>> text = "The cat was full.\nThe dogs, which the cat had seen, were full and were tired.\n"
    >>> report = chargru.agreement(chargru.load("cats"), text)
    >>> [(verb.agreement.verb, verb.agreement.distance) for verb in report.verbs]
    [('was', 1), ('were', 26)]
    """
    against_name = "" if against is None else against.checkpoint or "the other model"
    original, model = model, model.force(*several("force", force))
    if force and against is None:
        against, against_name = original, f"this model without {', '.join(model.held[len(original.held) :])} held"
    readers = {"": model} if against is None else {"": model, f", read by {against_name}": against}
    for one in readers.values():
        _need_head(one)
    corpus, where, verbs = _verbs(readers, text, corpus, whole("seed", seed), where, on_step, on_more)
    forms = [encoded(one.vocabulary, verbs, f"{where}{name}") for name, one in readers.items()]
    if on_more:
        on_more(len(forms) * groups(len(verbs)))
    odds = [log_odds(one, known, on_step) for one, known in zip(readers.values(), forms, strict=True)]
    return AgreementReport(
        checkpoint=model.checkpoint,
        text=where,
        corpus=corpus,
        forced=model.forced,
        held=model.held,
        verbs=tuple(verbs),
        log_odds=odds[0],
        against_name=against_name,
        against=None if against is None else odds[1],
    )


def _verbs(
    readers: Readers, text: str | None, corpus: str | None, seed: int, where: str, on_step: OnStep, on_more: OnMore
) -> tuple[str, str, list[Verb]]:
    """The corpus, what to call the text, and its verbs."""
    if text is None:
        corpus = CATS if corpus is None else corpus
        where = f"new text of {corpus}"
        hint = f"use a run that was trained on what `chargru corpus {corpus}` writes"
        _need_characters(readers, write(CHECKED, seed, corpus), where, hint)
        if on_more:
            on_more(EACH * len(DISTANCES))
        return corpus, where, new_verbs(corpus, seed, on_verb=on_step)
    hint = "give a text that `chargru corpus` wrote, and a run that was trained on such a text"
    _need_characters(readers, readers[""].text_for(text, where=where), where, hint)
    corpus, verbs = verbs_in(text, corpus, where)
    if not verbs:
        raise TextError(f"{where} has no verb that agrees with a noun before it", "give a longer text")
    return corpus, where, verbs


def _need_characters(readers: Readers, text: str, where: str, hint: str) -> None:
    """Raises UnknownCharacterError before the work of finding the verbs."""
    for name, one in readers.items():
        one.vocabulary.encode(text + START, where=f"{where}{name}", hint=hint)


def _need_head(model: Model) -> None:
    if not model.architecture.head:
        name = model.checkpoint or "this model"
        raise RunError(f"{name} has no head, so it predicts no characters", "use a run that chargru trained")
