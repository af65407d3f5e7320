"""What holding gates changed, as lines of plain text."""

import textwrap
from collections.abc import Iterable, Iterator

import numpy as np

from chargru.gru.weights import Array
from chargru.insight import force_effect
from chargru.insight.trace import Trace
from chargru.show.characters import alone
from chargru.show.columns import WIDTH, aligned
from chargru.show.view import View

ROWS = 12
"""So many indices are listed unless some are asked for: those whose h changed most."""
_WIDTHS = (7, 18, 10, 10)
"""The least widths of the columns: what it is of, before, held, change."""


def lines(trace: Trace, position: int, layers: tuple[int, ...], view: View, rows: int = ROWS) -> list[str]:
    """What changed at one step (by position) in the layers (0-based) shown; none for a trace without an original.

    At most so many `rows` unless indices are asked for.
    """
    if trace.original is None:
        return []
    t = trace.steps[position]
    found = _wrapped(f"What holding {', '.join(force_effect.held(trace))} changed, up to step {t}")
    for layer in layers:
        found += _h_lines(trace, position, layer, view, rows)
    return [*found, *_next_lines(trace, position, view)]


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="  ")


def _table(first: str, before: str, rows: Iterable[tuple[str, float, float, float]], view: View) -> list[str]:
    """Rows of a name and three values, below their headings."""
    cells = [(name, *map(view.short, values)) for name, *values in rows]
    return aligned([(first, before, "held", "change"), *cells], _WIDTHS, indent="  ")


def _h_lines(trace: Trace, position: int, layer: int, view: View, most: int) -> Iterator[str]:
    change = force_effect.h_change(trace, position, layer)
    name = f" of layer {layer + 1}" if len(trace.layers) > 1 else ""
    symbol = view.convention.symbol("h", trace.steps[position])
    if not change.any():
        yield f"  {symbol}{name} is the same at every index."
        return
    old, new = force_effect.original(trace).layers[layer].h[position], trace.layers[layer].h[position]
    largest = int(np.abs(change).argmax())
    rows = ((str(index), old[index], new[index], change[index]) for index in _rows(trace, change, most))
    yield from _table("index", f"{symbol} as it was", rows, view)
    yield from _wrapped(
        f"  {np.count_nonzero(change)} of {len(change)} indices of {symbol}{name} changed; most index {largest}, by "
        f"{view.difference(change[largest])}"
    )


def _rows(trace: Trace, change: Array, most: int) -> list[int]:
    if trace.indices is not None:
        return list(trace.indices)
    return sorted(int(index) for index in np.argsort(-np.abs(change), kind="stable")[:most] if change[index])


def _next_lines(trace: Trace, position: int, view: View) -> Iterator[str]:
    moved = force_effect.total_variation(trace, position)
    if moved is None:
        return
    changes = force_effect.next_changes(trace, position)
    rows = ((alone(one.char), one.p_original, one.p, one.p - one.p_original) for one in changes)
    yield from _table("next", "p as it was", rows, view)
    yield f"  probability that moved, half the sum of all changes: {view.short(moved)}"
