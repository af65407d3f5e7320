"""What holding gates changed: a replay beside the original, in h and in the next-character probabilities."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.columns import aligned
from chargru.insight.trace import Trace
from chargru.insight.view import View
from chargru.insight.visible import alone

WIDTH = 80
ROWS = 12
"""So many indices are listed unless some are asked for: those whose h changed most."""
CHARACTERS = 5
"""So many of the likeliest next characters are listed of either replay."""
_WIDTHS = (7, 18, 10, 10)
"""The least widths of the columns: what it is of, before, held, change."""


@dataclass(frozen=True)
class NextChange:
    """The probability of a next character before and after gates were held."""

    char: str
    p_original: float
    p: float


def h_change(trace: Trace, position: int, layer: int) -> Array:
    """The change of h of a layer (0-based) at one of the steps (by position), (H). The trace must have an original."""
    return np.asarray(trace.layers[layer].h[position] - _original(trace).layers[layer].h[position])


def next_changes(trace: Trace, position: int, count: int = CHARACTERS) -> list[NextChange]:
    """The likeliest next characters of either replay, the original's first; none without a head."""
    original = _original(trace)
    old, new = original.next_probabilities(position), trace.next_probabilities(position)
    if old is None or new is None:
        return []
    likeliest = [*original.likeliest(position, count), *trace.likeliest(position, count)]
    ids = {char: trace.model.vocabulary.encode(char)[0] for char, _ in likeliest}
    return [NextChange(char, float(old[id_]), float(new[id_])) for char, id_ in ids.items()]


def total_variation(trace: Trace, position: int) -> float | None:
    """Half the sum of |change| over all probabilities: how much probability moved, 0 to 1; None without a head."""
    old, new = _original(trace).next_probabilities(position), trace.next_probabilities(position)
    return None if old is None or new is None else float(np.abs(new - old).sum() / 2)


def _original(trace: Trace) -> Trace:
    if trace.original is None:
        raise ValueError("this trace has no original to be compared with")
    return trace.original


def held(trace: Trace) -> tuple[str, ...]:
    """The gates that the trace holds and its original does not."""
    return trace.model.forced[len(_original(trace).model.forced) :]


def lines(trace: Trace, position: int, layers: tuple[int, ...], view: View) -> list[str]:
    """What changed at one step (by position) in the layers (0-based) shown; none for a trace without an original."""
    if trace.original is None:
        return []
    t = trace.steps[position]
    found = [*_fitted(f"What holding {', '.join(held(trace))} changed, up to step {t}")]
    for layer in layers:
        found += _h_lines(trace, position, layer, view)
    return [*found, *_next_lines(trace, position, view)]


def _fitted(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="  ") if len(line) > WIDTH else [line]


def _table(first: str, before: str, rows: Iterable[tuple[str, float, float, float]], view: View) -> list[str]:
    """Rows of a name and three values, below their headings."""
    cells = [(name, *map(view.short, values)) for name, *values in rows]
    return aligned([(first, before, "held", "change"), *cells], _WIDTHS, indent="  ")


def _h_lines(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    change = h_change(trace, position, layer)
    name = f" of layer {layer + 1}" if len(trace.layers) > 1 else ""
    symbol = view.convention.symbol("h", trace.steps[position])
    if not change.any():
        yield f"  {symbol}{name} is the same at every index."
        return
    old, new = _original(trace).layers[layer].h[position], trace.layers[layer].h[position]
    largest = int(np.abs(change).argmax())
    rows = ((str(index), old[index], new[index], change[index]) for index in _rows(trace, change))
    yield from _table("index", f"{symbol} as it was", rows, view)
    yield from _fitted(
        f"  {np.count_nonzero(change)} of {len(change)} indices of {symbol}{name} changed; most index {largest}, by "
        f"{view.difference(change[largest])}"
    )


def _rows(trace: Trace, change: Array) -> list[int]:
    if trace.indices is not None:
        return list(trace.indices)
    return sorted(int(index) for index in np.argsort(-np.abs(change), kind="stable")[:ROWS] if change[index])


def _next_lines(trace: Trace, position: int, view: View) -> Iterator[str]:
    moved = total_variation(trace, position)
    if moved is None:
        return
    changes = next_changes(trace, position)
    rows = ((alone(one.char), one.p_original, one.p, one.p - one.p_original) for one in changes)
    yield from _table("next", "p as it was", rows, view)
    yield f"  probability that moved, half the sum of all changes: {view.short(moved)}"
