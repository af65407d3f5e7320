"""What every format shows of the gates over a text: which indices, the sentences, the table, as plain strings."""

from collections.abc import Sequence

import numpy as np

from chargru.gru.weights import Array
from chargru.insight.gates import HIGH, LONG, LOW, Gates, LayerGates
from chargru.show.characters import alone
from chargru.show.view import View

ALL_SHOWN = 16
"""Up to so many units every index has its row; of a larger layer the telling ones have."""

LONGEST_SHOWN, RNN_SHOWN = 8, 4
MATCHES_SHOWN = 12
PLACES = 3
LEAST_SHARE = 0.1
"""An index is rewritten at a character that has this share of its change, and at no more than PLACES of them."""


def title(found: Gates) -> str:
    """What was read, and by what."""
    one, T = found.model.architecture, len(found.text)
    many = f"{one.layers} layers of {units(one.hidden_size)}" if one.layers > 1 else units(one.hidden_size)
    held = f", with {listed(found.model.forced)} held" if found.model.forced else ""
    return f"The gates on {T:,} character{'s' * (T != 1)}, {many}{held}"


def units(count: int) -> str:
    """So many units."""
    return f"{count} unit{'s' * (count != 1)}"


def shown(found: Gates, number: int) -> tuple[tuple[int, ...], str]:
    """The indices of a layer (0-based) that have rows, in order, and which they are; "" for all of them."""
    layer = found.layers[number]
    H = len(layer.age)
    if found.indices is not None:
        chosen, which = found.indices, f"{len(found.indices)} of {H} indices, those chosen"
    elif H <= ALL_SHOWN:
        chosen, which = tuple(range(H)), ""
    elif found.match is not None:
        best = found.match.ranked(number)[:MATCHES_SHOWN].tolist()
        chosen, which = tuple(best), f"the {MATCHES_SHOWN} of {H} indices that tell the matches apart best"
    else:
        longest = by_hold(layer)[:LONGEST_SHOWN]
        others = [int(index) for index in np.argsort(-layer.rnn, kind="stable") if index not in longest]
        chosen = (*longest, *others[:RNN_SHOWN])
        which = f"the {LONGEST_SHOWN} of {H} indices that hold longest, and {RNN_SHOWN} that are an RNN most often"
    wanted = set(chosen)
    return tuple(index for index in _ordered(found, number) if index in wanted), "" if len(wanted) == H else which


def _ordered(found: Gates, number: int) -> tuple[int, ...]:
    """Every index: by the match if there is one, else the one that holds longest first; or by number."""
    if found.order == "index":
        return tuple(range(len(found.layers[number].age)))
    return by_hold(found.layers[number]) if found.match is None else tuple(found.match.ranked(number).tolist())


def by_hold(layer: LayerGates) -> tuple[int, ...]:
    """Every index, the one that holds longest first."""
    return tuple(np.argsort(-layer.age, kind="stable").tolist())


def sentences(found: Gates, number: int) -> list[str]:
    """What one layer (0-based) does, the answer first."""
    layer = found.layers[number]
    return [holding(found, layer), told_apart(layer), often(layer)]


def holding(found: Gates, layer: LayerGates) -> str:
    """How many units hold for long, which longest, and where that one is rewritten."""
    top, H, count = int(layer.age.argmax()), len(layer.age), int(layer.long.sum())
    long = f"for more than {LONG:.0f} characters"
    many = f"{count or 'None'} of {units(H)} hold{'s' * (count < 2)} {long}"
    places = rewritten(found, layer, top)
    if not layer.change[:, top].any():
        where = "it never changes"
    elif places:
        (first, part), *rest = places
        names = [f"{first} ({part:.0%} of its change)", *(f"{char} ({part:.0%})" for char, part in rest)]
        where = f"it is rewritten at {listed(names)}"
    else:
        where = f"it is rewritten everywhere, by no character more than {LEAST_SHARE:.0%}"
    age = f"{steps(layer.age[top])} on average"
    if H > 1 and layer.age[top] == layer.age.min():  # a gate that is held
        return f"{many}; all hold equally long, {age}."
    return f"{many}; index {top} longest, {age}; {where}."


def told_apart(layer: LayerGates) -> str:
    """Which indices are long-memory and which short-memory; "" where there is only one kind."""
    long = [index for index in by_hold(layer) if layer.long[index]]
    short = len(layer.age) - len(long)
    if not long or not short:
        return ""
    names = [str(index) for index in long[:MATCHES_SHOWN]]
    more = [f"{len(long) - len(names)} more"] if len(long) > len(names) else []
    return f"Long-memory (age above {LONG:.0f} steps): {listed([*names, *more])}. Short-memory: the other {short}."


def often(layer: LayerGates) -> str:
    """How often it is an RNN."""
    top = int(layer.rnn.argmax())
    most = f"; index {top} most often, at {layer.rnn[top]:.1%}" if layer.rnn[top] > layer.rnn.min() else ""
    return (
        f"How often is a unit a plain RNN (r > {HIGH} and z < {LOW})? At {layer.rnn.mean():.1%} of its steps on "
        f"average{most}."
    )


def rewritten(found: Gates, layer: LayerGates, index: int) -> list[tuple[str, float]]:
    """The characters at which an index changes most, and what share of its change each has."""
    shares = layer.change[:, index]
    order = np.argsort(-shares, kind="stable")[:PLACES].tolist()
    return [(named(found, id_), float(shares[id_])) for id_ in order if shares[id_] >= LEAST_SHARE]


def named(found: Gates, id_: int) -> str:
    """A character of the vocabulary as it is shown alone."""
    char = found.model.vocabulary.characters[id_]
    return "unknown" if char is None else alone(char)


def listed(names: Sequence[str]) -> str:
    """One, two and three."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def steps(value: float) -> str:
    """A number of steps."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def share(value: float) -> str:
    """A share in whole percents; what is neither none nor all is not shown as such."""
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"


def table(found: Gates, number: int, indices: Sequence[int], view: View, *, narrow: bool = False) -> list[list[str]]:
    """The heading and a row an index; `narrow` leaves out spreads and runs."""
    layer = found.layers[number]
    left_out = ("run",) if narrow else ()
    rows = []
    for index in indices:
        cells = {
            "index": str(index),
            "z": mean(layer.z_mean, layer.z_std, index, view, narrow=narrow),
            "r": mean(layer.r_mean, layer.r_std, index, view, narrow=narrow),
            f"z<{LOW}": share(layer.z_low[index]),
            f"z>{HIGH}": share(layer.z_high[index]),
            "RNN": share(layer.rnn[index]),
            "age": steps(layer.age[index]),
            "run": steps(layer.run[index]),
            "rewritten at": " ".join(char for char, _ in rewritten(found, layer, index)) or "-",
        }
        rows.append({name: cell for name, cell in cells.items() if name not in left_out})
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def columns(*, narrow: bool = False) -> str:
    """What the columns of the table mean."""
    run = f"run: how many steps in a row z stays above {HIGH}, on average. "
    return (
        f"z and r: mean{'' if narrow else ' ± standard deviation'}. age: how many steps ago, on average, the value "
        f"of the index was written. {'' if narrow else run}RNN: the share of steps with r > {HIGH} and z < {LOW} "
        "at once. rewritten at: the characters whose steps make most of the change of h."
    )


def mean(means: Array, stds: Array, index: int, view: View, *, narrow: bool) -> str:
    """A mean and, if there is room, its spread."""
    spread = "" if narrow else f" ±{view.short(stds[index])}"
    return f"{view.short(means[index])}{spread}"
