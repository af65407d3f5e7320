"""What holding gates changed: a replay beside the original, in h and in the next-character probabilities."""

from dataclasses import dataclass

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.trace import Trace


@dataclass(frozen=True)
class NextChange:
    """The probability of a next character before and after gates were held."""

    char: str
    p_original: float
    p: float


def h_change(trace: Trace, position: int, layer: int) -> Array:
    """The change of h of a layer (0-based) at one of the steps (by position), (H). The trace must have an original."""
    return np.asarray(trace.layers[layer].h[position] - original(trace).layers[layer].h[position])


def next_changes(trace: Trace, position: int) -> list[NextChange]:
    """The likeliest next characters of either replay, the original's first; none without a head."""
    before = original(trace)
    old, new = before.next_probabilities(position), trace.next_probabilities(position)
    if old is None or new is None:
        return []
    likeliest = [*before.likeliest(position), *trace.likeliest(position)]
    ids = {char: trace.model.vocabulary.encode(char)[0] for char, _ in likeliest}
    return [NextChange(char, float(old[id_]), float(new[id_])) for char, id_ in ids.items()]


def total_variation(trace: Trace, position: int) -> float | None:
    """Half the sum of |change| over all probabilities: how much probability moved, 0 to 1; None without a head."""
    old, new = original(trace).next_probabilities(position), trace.next_probabilities(position)
    return None if old is None or new is None else float(np.abs(new - old).sum() / 2)


def original(trace: Trace) -> Trace:
    """The trace that it is compared with. Raises ValueError if there is none."""
    if trace.original is None:
        raise ValueError("this trace has no original to be compared with")
    return trace.original


def held(trace: Trace) -> tuple[str, ...]:
    """The gates that the trace holds and its original does not."""
    return trace.model.forced[len(original(trace).model.forced) :]
