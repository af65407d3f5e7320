"""What a proof finds: a claim, the measured difference, and whether it is within what may be."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from chargru.gru.weights import Array

TOLERANCE = 1e-12
"""Times max(1, |reference|)."""


@dataclass(frozen=True)
class Identity:
    """A claim that is true for any weights. It holds if the largest |difference| is at most `tolerance`."""

    claim: str
    difference: float
    tolerance: float = TOLERANCE

    @property
    def holds(self) -> bool:
        """The verdict; a difference that is not a number does not hold."""
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Contrast:
    """A mistake, or another network, and the largest |difference| that it makes to h. It has no verdict."""

    claim: str
    difference: float

    @property
    def visible(self) -> bool:
        """Whether it makes a difference on these weights beyond rounding."""
        return not self.difference <= TOLERANCE


def identity(claim: str, pairs: Iterable[tuple[Array, Array]]) -> Identity:
    """An identity from arrays and their references; of several pairs the one that is furthest beyond its tolerance."""
    return conditioned(claim, ((value, reference, 0.0) for value, reference in pairs))


def conditioned(claim: str, triples: Iterable[tuple[Array, Array, float]]) -> Identity:
    """The same where rounding alone can do more: the third is how far two right calculations may be apart."""
    found = []
    for value, reference, bound in triples:
        largest = float(np.max(np.abs(reference), initial=0.0))
        tolerance = max(TOLERANCE * max(1.0, largest), bound if np.isfinite(bound) else 0.0)
        found.append(Identity(claim, apart(value, reference), tolerance))
    return max(found, key=_excess)


def _excess(one: Identity) -> float:
    return float("inf") if np.isnan(one.difference) else one.difference / one.tolerance


def apart(value: Array, reference: Array) -> float:
    """The largest |difference| of two arrays; 0 of empty ones."""
    return float(np.max(np.abs(value - reference), initial=0.0))
