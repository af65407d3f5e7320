"""What a page explores: a network and a text, and values of some steps that the page's own arithmetic is held to."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chargru import run_curves, run_summary
from chargru.arguments import several, whole
from chargru.errors import RunError, SettingError, check_setting, named
from chargru.gru.network import log_softmax
from chargru.gru.weights import Architecture, Array
from chargru.insight.select import DEFAULT_STEP
from chargru.insight.trace import VALUES, OnStep, Trace, trace
from chargru.model import Model
from chargru.run_curves import Curve
from chargru.run_summary import RunDescription
from chargru.shown import Shown

STEPS = 512
"""So many characters of a text a page has, unless others are asked for."""

MOST_STEPS = 4000

MOST_CELLS = 2_000_000
"""Steps times units times layers: in a browser the whole takes 2 to 6 seconds then, and its numbers 128 MB."""

MOST_WEIGHTS = 6_000_000
"""Numbers of four bytes, 32 MB in base64; twice as many of two bytes."""

GIVEN_BYTES = 48_000
MOST_GIVEN = 32
"""The values that a page carries to be checked against: as many steps as fit so many bytes, 64 kB in base64, at most
so many steps, and at least the first one shown and the last.
"""

LARGEST_HALF = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False)
class Exploration(Shown):
    """The first T characters `text` of a text of `length` characters, called `where`, read by `model`.

    `given` is the trace of S steps, by the model's weights as they are, and `bits` (S) the -log2 p of their characters
    given what is before; nan at step 1 and without a head. `held` are the gates, as written, that the page begins with.
    `half`: the page holds the weights in two bytes a number, so its network is a slightly different one. `run` and
    `curve` are what the files of the run say; None where there are none.
    """

    model: Model
    text: str
    length: int
    where: str
    given: Trace
    bits: Array
    held: tuple[str, ...] = ()
    half: bool = False
    run: RunDescription | None = None
    curve: Curve | None = None

    @property
    def first_step(self) -> int:
        """The step that a page begins with; `given` has it."""
        return min(DEFAULT_STEP, len(self.text))


def explore(
    model: Model,
    text: str | None = None,
    *,
    steps: int | None = None,
    force: Sequence[str] = (),
    half: bool = False,
    where: str = "the text",
    on_step: OnStep = None,
) -> Exploration:
    """Make what a page explores: the first `steps` characters of a text, the run's own if it is None.

    `steps` are 512, or as many as a page can hold of a very large network. `force` are the gates that are held when the
    page is opened; there they can be let go. `half` lets the page hold the weights in two bytes a number.
    `chargru.show(explored, "html")` is the page. Raises TextError, UnknownCharacterError, SettingError, StepError.

    >>> explored = chargru.explore(chargru.load("cats"), "The cats were full.")
    >>> explored.given.steps[-1], len(explored.text)
    (19, 19)
    >>> page = chargru.show(explored, "html")
    >>> page.splitlines()[0], len(page) < 400_000
    ('<!doctype html>', True)
    """
    _check_weights(model, half=half)
    content = model.text_for(text, where=where)
    taken = content[: _steps(steps, model.architecture)]
    ends = where if taken == content else "the page"
    held = model.force(*several("force", force), steps=len(taken), where=ends).held[len(model.held) :]
    given = trace(model, taken, steps=_given_steps(model.architecture, len(taken)), where=where, on_step=on_step)
    described, curve = _run(model)
    return Exploration(model, taken, len(content), where, given, _bits(given), held, half, described, curve)


def _steps(steps: int | None, architecture: Architecture) -> int:
    units = architecture.hidden_size * architecture.layers
    most = max(1, min(MOST_STEPS, MOST_CELLS // units))
    if steps is None:
        return min(STEPS, most)
    steps = whole("steps", steps)
    check_setting("steps", steps, 1 <= steps <= MOST_STEPS, f"from 1 to {MOST_STEPS:,}")
    if steps > most:
        message = f"{steps:,} steps of {units:,} units are more than a page can compute quickly"
        raise SettingError(message, f"give {named('steps')} of at most {most:,}")
    return steps


def _check_weights(model: Model, *, half: bool) -> None:
    """Raises SettingError for more weights than a page can hold, and for one that two bytes cannot."""
    count, most = model.architecture.parameters, MOST_WEIGHTS * (2 if half else 1)
    if count > most:
        page = f"a page can hold {most:,} in {'two' if half else 'four'} bytes each"
        fits = not half and count <= 2 * MOST_WEIGHTS
        hint = f"give {named('half=True')}: two bytes each" if fits else "choose a run of fewer units or layers"
        raise SettingError(f"the network has {count:,} weights, but {page}", hint)
    largest = max(float(np.abs(value).max()) for _, value in model.weights.named())
    if half and largest > LARGEST_HALF:
        message = f"a weight is as large as {largest:,.6g}, but two bytes hold at most {LARGEST_HALF:,.0f}"
        raise SettingError(message, f"leave {named('half=True')} out")


def _given_steps(architecture: Architecture, length: int) -> list[int]:
    """Steps spaced evenly up to the last one, and the one that a page begins with."""
    size = architecture.hidden_size * architecture.layers * len(VALUES) * np.dtype(np.float64).itemsize
    count = min(max(1, GIVEN_BYTES // size - 1), MOST_GIVEN - 1, length)
    spaced = (number * length // count for number in range(1, count + 1))
    return sorted({min(DEFAULT_STEP, length), *spaced})


def _bits(given: Trace) -> Array:
    """-log2 p of the character that each step reads: the head's from h_{t-1}, which the step has."""
    bits = np.full(len(given.steps), np.nan)
    if given.model.architecture.head:
        weight, bias = given.weights.head
        log_p = log_softmax(given.h_prev @ weight.T + bias)[np.arange(len(bits)), given.ids]
        after = np.array(given.steps) > 1
        bits[after] = -log_p[after] / np.log(2.0)
    return bits


def _run(model: Model) -> tuple[RunDescription | None, Curve | None]:
    """What the files say that the model was read from, if there are any and they can still be read."""
    if model.checkpoint is not None:
        path = Path(model.checkpoint)
        with suppress(RunError):
            return run_summary.describe(path), run_curves.curve(path)
    return None, None
