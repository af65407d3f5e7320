"""The ledger of a state: h_t[i] as the sum of what every earlier step wrote into it.

    h_t[i] = sum over k = 1..t of w_k n_k[i], plus w_0 h_0[i]
    w_k = (1 - z_k) z_{k+1} ... z_t,   w_0 = z_1 ... z_t,   each of its own index i

It is h_t = (1 - z_t) n_t + z_t h_{t-1} put into itself down to h_0. All w are at least 0 and sum to 1, so w_k is the
share of step k (w_k n_k can exceed h). True in every layer, wherever the reset gate acts: r is inside n.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chargru.arguments import several
from chargru.gru.weights import Array
from chargru.insight.select import resolve_indices, resolve_layers, resolve_step
from chargru.insight.trace import OnStep, Trace, trace
from chargru.model import Model
from chargru.shown import Shown, counted

COUNTS_FROM = 0.05
"""A step counts in h_t[i] if its share w_k is at least this."""

SOMETHING_FROM = 0.1
"""Less than this, h_t[i] holds nothing that could be told from 0."""

SHOWN = 3
"""So many indices are shown unless some are asked for."""


@dataclass(frozen=True, eq=False)
class Ledger(Shown):
    """What a layer's (1-based) h_t is made of, at t = `step` of `text`.

    `z` (t, H) are the update gates of steps 1 to t; row k of `shares` (w_k) and `written` (n_k; row 0 is h_0), both
    (t + 1, H), belongs to step k, so the character that was read then is text[k - 1]. h (H). `indices` are those to
    show; the arrays are whole.
    """

    checkpoint: str | None
    text: str
    step: int
    layer: int
    layers: int
    z: Array
    shares: Array
    written: Array
    h: Array
    indices: tuple[int, ...]

    def in_brief(self) -> str:
        """Which state it is of, and how large that is."""
        whose = f"of layer {self.layer}, step" if self.layers > 1 else "of step"
        return f"{whose} {self.step:,}, {counted(len(self.h), 'unit')}; print it for the table"

    @property
    def contributions(self) -> Array:
        """The product w_k n_k, (t + 1, H), row 0 w_0 h_0; its sum over k is h."""
        return np.asarray(self.shares * self.written)

    @property
    def ages(self) -> Array:
        """The mean lag t - k under w, (H), in steps: a_t = z_t (1 + a_{t-1}), a_0 = 0."""
        age = np.zeros_like(self.h)
        for z in self.z:
            age = z * (1.0 + age)
        return age

    @property
    def oldest(self) -> NDArray[np.int64]:
        """The step of the oldest character that counts, (H): the smallest k >= 1 with w_k >= 0.05; 0 if none does."""
        counts = self.shares[1:] >= COUNTS_FROM
        return np.where(counts.any(axis=0), counts.argmax(axis=0) + 1, 0).astype(np.int64)

    @property
    def holding(self) -> Array:
        """How long what an index holds is held, (H), in steps: its age, 0 where |h| < 0.1 as there is nothing held."""
        return np.where(np.abs(self.h) < SOMETHING_FROM, 0.0, self.ages)

    def largest_first(self, index: int) -> NDArray[np.int64]:
        """The steps 1 to t by |w_k n_k| of an index, largest first; of equals the later first."""
        sizes = np.abs(self.contributions[1:, index])
        return np.asarray(self.step - np.argsort(-sizes[::-1], kind="stable"), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Ledgers(Shown):
    """A trace, and the ledger of each of its steps."""

    trace: Trace
    ledgers: tuple[Ledger, ...]


def ledger(
    model: Model,
    text: str | None = None,
    *,
    step: int,
    layer: int | None = None,
    indices: Iterable[int] | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> Ledger:
    """Take h_t apart at t = `step` (from 1) of a text: what every earlier step wrote into it, of one layer.

    `text` is the run's own if None, `layer` (from 1) the top one. `indices` are those to show; None is the three that
    have held longest, by age, of those with |h| >= 0.1. `force` holds gates. `where` names the text in errors;
    `on_step` is called after every step run. Shares and contributions are (t + 1, H), row 0 that of h_0: the equation
    at the head of this file, which is h_t = (1 - z_t) n_t + z_t h_{t-1} put into itself. Raises TextError,
    UnknownCharacterError, StepError, SettingError.

    >>> ledger = chargru.ledger(chargru.load("cats"), "The cats were full.", step=9)
    >>> ledger.shares.shape
    (10, 48)
    >>> bool(abs(ledger.contributions.sum(axis=0) - ledger.h).max() < 1e-12)
    True
    """
    text = model.text_for(text, where=where)
    step = resolve_step(step, len(text))
    architecture = model.architecture
    layer = resolve_layers(layer, architecture.layers)[-1]
    shown = resolve_indices(indices, architecture.hidden_size)
    forced = model.force(*several("force", force), steps=len(text), where=where)
    recorded = trace(forced, text[:step], steps=range(1, step + 1), where=where, on_step=on_step)
    values = recorded.layers[layer - 1]
    written = np.concatenate([values.h_prev[:1], values.n])
    taken = Ledger(
        checkpoint=recorded.checkpoint,
        text=text,
        step=step,
        layer=layer,
        layers=architecture.layers,
        z=values.z,
        shares=shares(values.z),
        written=written,
        h=values.h[-1],
        indices=shown or (),
    )
    if shown:
        return taken
    largest = np.argsort(-taken.holding, kind="stable")[:SHOWN]
    return replace(taken, indices=tuple(map(int, largest)))


def ledgers(trace: Trace, layer: int | None = None) -> Ledgers:
    """Take the state of each traced step apart, in the top layer unless one is named. Raises StepError."""
    model, text, indices = trace.model, trace.text, trace.indices
    return Ledgers(trace, tuple(ledger(model, text, step=step, layer=layer, indices=indices) for step in trace.steps))


def shares(z: Array) -> Array:
    """The weights w_0 to w_t, (t + 1, H), from z of steps 1 to t. Their 1 - z is that of h_t, so they sum to 1."""
    ones = np.ones_like(z[:1])
    kept_since = np.concatenate([np.cumprod(z[::-1], axis=0)[::-1], ones])
    taken = np.concatenate([ones, 1.0 - z])
    return np.asarray(taken * kept_since)
