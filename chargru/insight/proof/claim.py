"""What a proof finds: a claim, the measured difference, and whether it is within what may be."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from chargru.gru.weights import Array
from chargru.shown import Brief, Shown

TOLERANCE = 1e-12
"""Times max(1, |reference|)."""


@dataclass(frozen=True)
class Identity:
    """A claim that is true for any weights. It holds if the largest |difference| is at most `tolerance`."""

    claim: str
    difference: float
    tolerance: float = TOLERANCE
    rounding: float = 0.0
    """How far rounding moves a sum of such weights in float64 (`rounding.of_sums`)."""

    @property
    def holds(self) -> bool:
        """The verdict; a difference that is not a number does not hold."""
        return self.difference <= self.tolerance

    @property
    def undecided(self) -> bool:
        """Whether it does not hold, but the weights are so large that rounding alone may be the reason."""
        beyond = self.difference > self.rounding * max(1.0, self.tolerance / TOLERANCE)
        return not self.holds and self.rounding > TOLERANCE and not beyond


@dataclass(frozen=True)
class Contrast:
    """A mistake, or another network, and the largest |difference| that it makes to h. It has no verdict."""

    claim: str
    difference: float

    @property
    def visible(self) -> bool:
        """Whether it makes a difference on these weights beyond rounding."""
        return not self.difference <= TOLERANCE


@dataclass(frozen=True)
class Provenance(Brief):
    """What the file says of itself.

    `checks` are the score and the state, none if no score is recorded; `weights` and `document` say whether those
    have the recorded SHA-256, and are None if none is recorded.
    """

    checks: tuple[Identity, ...]
    weights: bool | None
    document: bool | None

    @property
    def holds(self) -> bool:
        """Whether all of it is so."""
        return all(check.holds for check in self.checks) and False not in (self.weights, self.document)


@dataclass(frozen=True)
class Drift:
    """How far our free replay and torch's are apart in float64 within so many steps; a chaotic network's will be."""

    steps: int
    difference: float


@dataclass(frozen=True)
class Proof(Shown):
    """All findings on a model.

    `recorded` is None if its file records nothing of itself, or if gates were held after it was read: these are `held`,
    and what the file records is of the model without them.

    `characters` is how many it was run over, and `where` names the text that they are from.
    """

    checkpoint: str | None
    where: str
    characters: int
    identities: tuple[Identity, ...]
    contrasts: tuple[Contrast, ...]
    drift: tuple[Drift, ...]
    recorded: Provenance | None
    held: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every identity and everything recorded holds."""
        return all(one.holds for one in self.identities) and (self.recorded is None or self.recorded.holds)


def identity(claim: str, pairs: Iterable[tuple[Array, Array]]) -> Identity:
    """An identity from arrays and their references; of several pairs the one that is furthest beyond its tolerance."""
    return conditioned(claim, ((value, reference, 0.0) for value, reference in pairs))


def conditioned(claim: str, triples: Iterable[tuple[Array, Array, float]]) -> Identity:
    """The same where rounding alone can do more: the third is how far two right calculations may be apart."""
    found = []
    for value, reference, bound in triples:
        largest = float(np.max(np.abs(reference), initial=0.0))
        tolerance = max(TOLERANCE * max(1.0, largest), bound if np.isfinite(bound) else 0.0)
        found.append(Identity(claim, max_difference(value, reference), tolerance))
    return max(found, key=_excess)


def _excess(one: Identity) -> float:
    return float("inf") if np.isnan(one.difference) else one.difference / one.tolerance


def max_difference(value: Array, reference: Array) -> float:
    """The largest |difference| of two arrays; 0 of empty ones."""
    return float(np.max(np.abs(value - reference), initial=0.0))
