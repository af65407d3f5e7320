"""A step of a convention's own network beside this network's, as lines of plain text."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from chargru.conventions.convention import QUANTITIES, Convention
from chargru.insight import other_network
from chargru.insight.trace import Trace
from chargru.show.columns import WIDTH, aligned
from chargru.show.trace import calculation, parts, salient
from chargru.show.view import View


def lines(trace: Trace, position: int, layer: int, view: View, indices: Sequence[int] | None = None) -> list[str]:
    """Their step of a layer (0-based) beside this network's; none if it is the same.

    Of `indices` it shows the values; None: of the units worked out, and their calculation by those equations.
    """
    other, reset = other_network.their_trace(trace, view.convention), trace.model.architecture.reset
    same = view.convention.own_reset(reset) == reset and not other_network.loses(trace, view.convention, layer)
    if other is None or same:
        return []
    if indices is not None:
        return list(_values(trace, other, position, layer, view, indices))
    units = salient.worked(trace, layer)
    return [*_values(trace, other, position, layer, view, units), *_worked(trace, other, position, layer, view, units)]


def _values(trace: Trace, other: Trace, position: int, layer: int, view: View, units: Sequence[int]) -> Iterator[str]:
    convention, t = view.convention, trace.steps[position]
    n, h = (str(convention.symbol(name, t)) for name in ("n", "h"))
    yield f"Another network: step {t} by the equations of {convention.who}"
    yield from textwrap.wrap(
        f"Same weights{_without(trace, convention, layer)}, this one step, from the recorded "
        f"{convention.symbol('h', t - 1)}: not what this network computed, which stands above and in the columns "
        "marked 'here'.",
        WIDTH,
    )
    rows = [["index", n, h, f"{n} here", f"{h} here"]]
    for index in units:
        values = [getattr(one.layers[layer], name)[position, index] for one in (other, trace) for name in ("n", "h")]
        rows.append([str(index), *map(view.short, values)])
    yield from aligned(rows, (7, 10, 10, 15, 15), indent="  ")
    change = np.abs(other.layers[layer].h[position] - trace.layers[layer].h[position])
    most = int(change.argmax())
    by = f"differs most at index {most}, by {view.difference(float(change[most]))}" if change.any() else "is the same"
    yield f"  Over all {len(change)} units {h} {by}."


def _worked(trace: Trace, other: Trace, position: int, layer: int, view: View, units: Sequence[int]) -> Iterator[str]:
    for index in units:
        unit = calculation.Unit(other, position, layer, index, view)
        yield from ("", f"Index {index} by their equations")
        for quantity, equation in zip(QUANTITIES, calculation.equations(unit), strict=True):
            ours, theirs = (getattr(one.layers[layer], quantity)[position] for one in (trace, other))
            if quantity in ("n", "h") or not np.array_equal(ours, theirs):
                yield from parts.calculation_lines(equation, view)


def _without(trace: Trace, convention: Convention, layer: int) -> str:
    """What becomes of the biases that they have no place for."""
    lost, bias = convention.lost_biases(trace.model.architecture.reset, layer), convention.tensor("bh", "n")
    if lost:
        return " without biases" if lost == "all" else f" without {bias}"
    if other_network.absorbs_b_hn(trace, convention):
        return f", {bias} added to {convention.tensor('bx', 'n')}"
    return ""
