"""`chargru prove` as data: what is true of any GRU, checked on this one; and whether its file is as it was written.

An identity holds for any weights, so it says nothing about them: in a file whose gates were swapped every one still
holds. That is told by what was recorded when the file was written: the score of trace_text, the state after it, and
the SHA-256 of the tensors and of the document.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from chargru.arguments import several
from chargru.errors import SettingError
from chargru.insight.proof import reference, rounding
from chargru.insight.proof.claim import Drift, Proof, max_difference
from chargru.insight.proof.identities import identities
from chargru.insight.proof.mistakes import contrasts
from chargru.insight.proof.provenance import Replays, check_record
from chargru.insight.trace import trace
from chargru.model import Model

T = TypeVar("T")

LONGEST = 512
"""Characters that the identities are measured on."""

SHORTEST = 3

DRIFT_STEPS = 50

_PART = 32
WORK = LONGEST + 20 * _PART
"""About how much `on_work` is told of: every step counts 1, every measurement 32."""


def prove(
    model: Model,
    text: str | None = None,
    *,
    force: Sequence[str] = (),
    where: str = "the text",
    on_work: Callable[[int], None] | None = None,
) -> Proof:
    """Check on `model` what is true of every GRU, against torch in float64; and that its file is as it was written.

    It reads the first 512 characters of `text`: of the run's own if None, else of its vocabulary. `force` holds gates,
    at every step; what the file records of itself is then not judged. `where` names the text in errors; `on_work` is
    told how much was done since its last call. Raises TextError (a text of fewer than 3 characters),
    UnknownCharacterError, SettingError for gates that are held at some steps only, DamagedRunError for a damaged
    record.

    >>> proof = chargru.prove(chargru.load("cats"), "The cats were full.")
    >>> proof.passed
    True
    >>> proof.identities[1].claim
    'h_t = z_t z_{t-1} h_{t-2} + z_t (1 - z_{t-1}) n_{t-1} + (1 - z_t) n_t'
    >>> proof.identities[1].difference < 1e-12
    True
    """
    model = model.force(*several("force", force))
    if model.scheduled:
        raise SettingError("gates are held at some steps only", "hold them at every step, or not at all")
    if text is None:
        text, where = _own_text(model)
    text = model.text_for(text, where=where, at_least=SHORTEST)[:LONGEST]
    done = on_work or (lambda _: None)
    traced = trace(model, text, steps=range(1, len(text) + 1), where=where, on_step=lambda: done(1))
    replays = Replays(traced.h, reference.replay(traced))
    with np.errstate(over="ignore", invalid="ignore"):  # of huge weights; what is not finite has its verdict
        off = rounding.of_sums(traced)
        found = tuple(replace(one, rounding=off) for one in _each(identities(traced), done))
        others = tuple(_each(contrasts(traced), done))
    return Proof(
        checkpoint=traced.checkpoint,
        where=where,
        characters=len(text),
        identities=found,
        contrasts=others,
        drift=tuple(_each(_drift(replays), done)),
        recorded=None if model.held else check_record(model, replays if text == model.trace_text else None),
        held=model.held,
    )


def _each(measured: Iterable[T], done: Callable[[int], None]) -> Iterator[T]:
    for one in measured:
        done(_PART)
        yield one


def _own_text(model: Model) -> tuple[str, str]:
    """The run's text, or else one of its characters, and what to call it; no identity needs a text that makes sense."""
    if len(model.trace_text or "") >= SHORTEST:
        return model.text_for(None), "the run's text"
    known = "".join(character for character in model.vocabulary.characters if character is not None)
    return SHORTEST * known, "its vocabulary, since it has no text of its own"


def _drift(replays: Replays) -> tuple[Drift, ...]:
    last = len(replays.ours)
    steps = sorted({min(DRIFT_STEPS, last), last})
    return tuple(Drift(step, max_difference(replays.ours[:step], replays.theirs[:step])) for step in steps)
