"""What a page explores: a network and a text, and values of some steps that the page's own arithmetic is held to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chargru.arguments import several
from chargru.gru.weights import Array
from chargru.insight.trace import OnStep, Trace, trace
from chargru.model import Model
from chargru.shown import Shown

STEPS = 512
"""So many characters of a text a page has, unless more are asked for."""

GIVEN = 16
"""At so many steps, spaced evenly to the last, a page carries every value."""


@dataclass(frozen=True, eq=False, repr=False)
class Exploration(Shown):
    """The first T characters `text` of a text of `length` characters, read by `model`.

    `given` is the trace of the steps at which a page has every value, `bits` (S) the -log2 p of their characters given
    what is before, nan where there is nothing. `hold` are the gates that the page begins with.
    """

    model: Model
    text: str
    length: int
    where: str
    given: Trace
    bits: Array
    hold: tuple[str, ...] = ()


def explore(
    model: Model,
    text: str | None = None,
    *,
    steps: int = STEPS,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> Exploration:
    """Make what a page explores: the first `steps` characters of a text, the run's own if it is None.

    `force` are the gates that are held when the page is opened; there they can be let go. Raises TextError,
    UnknownCharacterError, SettingError, StepError.

    >>> found = chargru.explore(chargru.load("cats"), "The cats were full.")
    >>> found.given.steps[-1], len(found.text)
    (19, 19)
    """
    whole = model.text_for(text, where=where)
    text = whole[:steps]
    model.force(*several("force", force), steps=len(text), where=where)
    wanted = np.unique(np.linspace(1, len(text), GIVEN).round().astype(int))
    given = trace(model, text, steps=map(int, wanted), where=where, on_step=on_step)
    bits = np.full(len(wanted), np.nan)
    return Exploration(model, text, len(whole), where, given, bits, tuple(force))
