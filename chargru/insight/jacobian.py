"""The derivative of one step, dh_t/dh_{t-1}, as the four terms of which it is the sum: matrices and their sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chargru.arguments import several
from chargru.gru.weights import Array, Reset
from chargru.insight import backward
from chargru.insight.backward import TERMS
from chargru.insight.select import resolve_layers, resolve_step
from chargru.insight.trace import OnStep
from chargru.model import Model
from chargru.shown import Shown


@dataclass(frozen=True, eq=False)
class StepJacobian(Shown):
    """dh_t/dh_{t-1} of one layer (1-based) at one step of a text; terms (4, H, H), row i the derivative of h_t[i]."""

    checkpoint: str | None
    text: str
    step: int
    layer: int
    reset: Reset
    terms: Array

    @property
    def total(self) -> Array:
        """The sum of the terms, (H, H)."""
        return np.asarray(self.terms.sum(axis=0))

    def two_norms(self) -> Array:
        """The largest singular value of each term and of the sum, (5)."""
        return np.asarray(np.linalg.norm(self._all(), ord=2, axis=(1, 2)))

    def frobenius_norms(self) -> Array:
        """The root of the sum of squares of each term and of the sum, (5)."""
        return np.asarray(np.linalg.norm(self._all(), axis=(1, 2)))

    def spectral_radius(self) -> float:
        """The largest magnitude of an eigenvalue of the sum. It is of one step and bounds no product of steps."""
        return float(np.max(np.abs(np.linalg.eigvals(self.total))))

    def _all(self) -> Array:
        return np.concatenate([self.terms, self.total[None]])


def jacobian(
    model: Model,
    text: str | None = None,
    *,
    step: int,
    layer: int | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> StepJacobian:
    """The derivative dh_t/dh_{t-1} at t = `step` (from 1) of a text, as the four terms whose sum it is, of one layer.

    `text` is the run's own if None, `layer` (from 1) the top one; `force` holds gates. `where` names the text in
    errors; `on_step` is called after every step run. The terms are (4, H, H), in the order of the table in
    `insight/backward.py`: shortcut, update gate, candidate, reset gate. Raises TextError, UnknownCharacterError,
    StepError, SettingError.

    >>> jacobian = chargru.jacobian(chargru.load("cats"), step=34)
    >>> jacobian.terms.shape
    (4, 48, 48)
    >>> [f"{norm:.1f}" for norm in jacobian.two_norms()]  # of each term, and of their sum
    ['1.0', '0.9', '0.8', '0.8', '1.3']
    """
    text = model.text_for(text, where=where)
    step = resolve_step(step, len(text))
    layer = resolve_layers(layer, model.architecture.layers)[-1]
    forced = model.force(*several("force", force), steps=len(text), where=where)
    recorded = backward.record(forced, text[:step], where, on_step)
    here = recorded.derivatives[layer - 1].at(step - 1)
    identity = np.eye(model.architecture.hidden_size)
    terms = np.stack([here.back(term, identity) for term in TERMS])
    return StepJacobian(recorded.trace.checkpoint, text, step, layer, here.reset, terms)
