"""The log-odds of verbs: how much likelier a model finds the right form of each than the wrong one, in nats.

log p(right form, next) - log p(wrong form, next) after a newline and all that stands before the verb in its paragraph,
from the zero state; `next` is the character after the verb, and log p of characters is the sum over them of
log p(character | all before it).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from chargru.cats.verbs import Verb
from chargru.gru import numpy_threads
from chargru.gru.forcing import check_steps
from chargru.gru.network import Ids
from chargru.gru.stepped import Held, SteppedNetwork
from chargru.gru.weights import Array
from chargru.model import Model
from chargru.text.vocabulary import Vocabulary

START = "\n"
"""What is read before a paragraph: in training one has always stood there."""
STREAMS = 256
"""Verbs whose paragraphs are read side by side; no effect on the result."""


class Forms(NamedTuple):
    """A verb as ids: what stands before it, and either form with the character after it."""

    before: Ids
    right: Ids
    wrong: Ids


def encoded(vocabulary: Vocabulary, verbs: Sequence[Verb], where: str) -> list[Forms]:
    """The verbs as ids. Raises UnknownCharacterError, which calls their text `where`."""
    found = []
    for paragraph, verb in verbs:
        after = paragraph[verb.end]
        texts = (START + paragraph[: verb.start], verb.verb + after, verb.wrong + after)
        found.append(Forms(*(vocabulary.encode(text, where=where) for text in texts)))
    return found


def groups(verbs: int) -> int:
    """How many groups of streams are read for so many verbs."""
    return -(-verbs // STREAMS)


def log_odds(model: Model, forms: Sequence[Forms], on_group: Callable[[], None] | None = None) -> Array:
    """The log-odds of each verb, (N,); `on_group` is called after each group of streams.

    Steps count from the newline. Raises StepError for a gate held at a step that none has.
    """
    lengths = np.array([len(one.before) for one in forms])
    check_steps(model.scheduled, int(max(len(one.before) + len(one.right) - 1 for one in forms)), "the longest stretch")
    network = SteppedNetwork(Held(model.weights, model.scheduled))
    found = np.empty(len(forms))
    order = np.argsort(-lengths, kind="stable")
    for start in range(0, len(forms), STREAMS):
        group = order[start : start + STREAMS]
        with numpy_threads.threads(1):
            found[group] = _group(network, [forms[verb] for verb in group.tolist()])
        if on_group:
            on_group()
    return found


def _group(network: SteppedNetwork, forms: Sequence[Forms]) -> Array:
    """The log-odds of verbs in the order of the length of what stands before them, longest first.

    All are read from the same first step on, so that those still to be read are the first ones; each verb leaves with
    the state before the last character before it, which is then read with either form.
    """
    last = np.array([len(one.before) - 1 for one in forms])
    ids_TB = _padded([one.before for one in forms]).T
    found = np.empty(len(forms))
    _, states = network.zero_state(len(forms))
    for t in range(last[0] + 1):
        leaving = np.flatnonzero(last == t)
        if leaving.size:
            part = [h[leaving] for h in states]
            found[leaving] = _difference(network, [forms[verb] for verb in leaving.tolist()], t, part)
        reading = int((last > t).sum())
        states = network.at(t + 1).step(ids_TB[t, :reading], [h[:reading] for h in states])
    return found


def _difference(network: SteppedNetwork, forms: Sequence[Forms], read: int, states: list[Array]) -> Array:
    """The log p of the right forms minus that of the wrong ones, from the states (B, H) after `read` characters."""
    both = [np.append(one.before[-1], form) for one in forms for form in (one.right, one.wrong)]
    ids_TB = _padded(both).T
    nats_TB, _ = network.nats(ids_TB[:-1], ids_TB[1:], (read, [np.repeat(h, 2, axis=0) for h in states]))
    scored = np.arange(1, len(ids_TB))[:, None] < np.array([len(one) for one in both])
    right, wrong = np.where(scored, nats_TB, 0.0).sum(axis=0).reshape(-1, 2).T
    return np.asarray(wrong - right)


def _padded(rows: Sequence[Ids]) -> Ids:
    """Rows of ids as one array, (rows, longest); what is filled in is 0."""
    filled = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for row, ids in zip(filled, rows, strict=True):
        row[: len(ids)] = ids
    return filled
