"""What a file records of itself, checked: the score of trace_text, the state after it, and two SHA-256.

They tell what no identity can: that gates were swapped, or a weight or an entry of the document changed, since the
file was written. Whoever changes a file on purpose can write the SHA-256 anew: they tell accidents, not forgery.
"""

from typing import NamedTuple

import numpy as np

from chargru import evaluation, tensorfile
from chargru.errors import DamagedRunError
from chargru.gru import network
from chargru.gru.network import Ids
from chargru.gru.weights import Array, Weights, fingerprint
from chargru.insight.proof import reference
from chargru.insight.proof.claim import Identity, Provenance, max_difference
from chargru.insight.trace import trace
from chargru.model import DOCUMENT_SHA256, Model

SCORE_TOLERANCE = 1e-9
"""Of the recorded nats and h, as long as free replays do not drift apart by a hundredth of it."""

_AT_ONCE = 64
"""Steps whose scores of all characters are made at once."""


class Replays(NamedTuple):
    """The top layer's states (T, H) of a free replay in float64, by our plain cell and by torch."""

    ours: Array
    theirs: Array


def check_record(model: Model, replays: Replays | None = None) -> Provenance | None:
    """Check all that the file records of itself; None if that is nothing.

    `replays` are those of trace_text, if at hand. Raises DamagedRunError if what is recorded is no score or no state of
    this network.
    """
    known = model.trained
    found = Provenance(
        checks=_check_score(model, replays),
        weights=known["weights_sha256"] == fingerprint(model.weights) if "weights_sha256" in known else None,
        document=known[DOCUMENT_SHA256] == model.document_sha256() if DOCUMENT_SHA256 in known else None,
    )
    return None if found == Provenance((), None, None) else found


def _check_score(model: Model, replays: Replays | None) -> tuple[Identity, ...]:
    """Score trace_text again: the score and the state after it, as far as they are recorded."""
    known = model.trained
    if model.trace_text is None or not model.architecture.head or "trace_nats" not in known:
        return ()
    ids = model.vocabulary.encode(model.trace_text, where="the run's text")
    nats, states = evaluation.recorded_score(model.weights, ids)
    drift, h_drift = _drift(model.weights.astype(np.float64), ids, replays or _replays(model, ids))
    checks = [Identity("the score of trace_text, nats", abs(nats - _number(known)), _tolerance(drift))]
    if "trace_h" in known:
        difference = max_difference(np.stack(states), _states(known, len(states), len(states[0])))
        checks.append(Identity("h after trace_text", difference, _tolerance(h_drift)))
    return tuple(checks)


def _replays(model: Model, ids: Ids) -> Replays:
    traced = trace(model, model.trace_text, steps=range(1, len(ids) + 1))
    return Replays(traced.h, reference.replay(traced))


def _drift(weights: Weights, ids: Ids, replays: Replays) -> tuple[float, float]:
    """What free replays are apart: the mean |difference| of a character's nats, and that of the last h.

    It is not held against the file. Of a chaotic network another machine's replay, as right as this, may be far away.
    """
    nats = [_nats(weights, ids, states_TH) for states_TH in replays]
    return float(np.abs(nats[0] - nats[1]).mean()), max_difference(replays.ours[-1], replays.theirs[-1])


def _tolerance(drift: float) -> float:
    """A hundred times the drift, for elsewhere it may start larger; only twice where it has come to its end."""
    return max(SCORE_TOLERANCE, min(100 * drift, max(0.1, 2 * drift)))


def _nats(weights: Weights, ids: Ids, states_TH: Array) -> Array:
    """-ln p of ids 2..N, (N - 1), from the top states after each id."""
    weight, bias = weights.head
    nats = np.empty(len(ids) - 1)
    for start in range(0, len(nats), _AT_ONCE):  # of a large vocabulary all of them would fill the memory
        part = slice(start, min(start + _AT_ONCE, len(nats)))
        p_TV = network.log_softmax(states_TH[part] @ weight.T + bias)
        nats[part] = -p_TV[np.arange(len(p_TV)), ids[1:][part]]
    return nats


def _number(known: dict[str, object]) -> float:
    value = known["trace_nats"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DamagedRunError("the recorded score is not a number", tensorfile.DAMAGED)
    return float(value)


def _states(known: dict[str, object], layers: int, units: int) -> Array:
    try:
        states = np.array(known["trace_h"], dtype=np.float64)
    except (TypeError, ValueError):
        states = np.empty(0)
    if states.shape != (layers, units):
        raise DamagedRunError("the recorded state does not fit the network", tensorfile.DAMAGED)
    return states
