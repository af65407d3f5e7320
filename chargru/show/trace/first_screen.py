"""The first screen of a trace: the place, what one can see in three units, and one calculation, in about 40 lines."""

from collections.abc import Iterator

from rich.text import Text

from chargru.insight.trace import Trace
from chargru.show.trace import blocks, calculation, force_effect, other_network, parts, salient, sentences
from chargru.show.trace.calculation import Unit
from chargru.show.view import View

ROWS = 3
"""So many indices are listed of those that a held gate changed most."""


def lines(trace: Trace, view: View, width: int) -> Iterator[Text]:
    """Every step of the trace so, and at the end what more there is to see."""
    layers = view.layers(len(trace.layers))
    yield from blocks.prose(legend(view), width)
    for note in parts.notes(trace, view):
        yield from blocks.prose(note, width)
    for position in range(len(trace.steps)):
        yield from blocks.place(trace, position, view, width)
        yield from blocks.headed(force_effect.lines(trace, position, layers, view, ROWS))
        for layer in layers:
            yield Text()
            if len(trace.layers) > 1:
                yield Text(parts.layer_title(trace, layer), blocks.HEADING)
            yield from _layer(trace, position, layer, view, width)
    yield Text()
    if trace.check is not None:
        yield from blocks.prose(parts.check_line(trace.check), width)
    yield from blocks.prose(_more(trace, layers[0], view), width)


def legend(view: View) -> str:
    """What each letter is, in a line."""
    convention = view.convention
    names = {quantity: meaning.partition(":")[0] for quantity, meaning in convention.meaning.items()}
    takes, keeps = (1, 0) if convention.takes else (0, 1)
    names["z"] += f" ({takes} takes {convention.letters['n']}, {keeps} keeps the old)"
    return ", ".join(f"{convention.letters[quantity]} {name}" for quantity, name in names.items())


def _layer(trace: Trace, position: int, layer: int, view: View, width: int) -> Iterator[Text]:
    indices = salient.first(trace, layer)
    units = [Unit(trace, position, layer, index, view) for index in indices]
    yield from blocks.seen(_seen(units), width)
    yield Text()
    cells = parts.rows(trace, position, layer, view, indices)
    yield from blocks.table(parts.headers(trace, position, view), cells)
    yield Text(view.convention.word_rules(salient.REPLACED_BELOW, salient.KEPT_ABOVE), blocks.ASIDE)
    yield Text()
    yield from _worked(units[0])
    yield from blocks.headed(other_network.lines(trace, position, layer, view, indices))


def _seen(units: list[Unit]) -> list[str]:
    one = units[0]
    counts = " ".join(filter(None, (sentences.overview(one), sentences.undecided(one))))
    states = (" ".join(sentences.of_state(unit)) for unit in units)
    return [line for line in (counts, sentences.first_step(one), *states) if line]


def _worked(unit: Unit) -> Iterator[Text]:
    """The calculation of one index; where each addend comes from only with the parts of the products."""
    yield Text(f"Index {unit.index} worked out", blocks.HEADING)
    for equation in calculation.equations(unit):
        formula, *rows = parts.calculation_lines(equation, unit.view, addends=unit.view.terms)
        yield Text(formula, blocks.HEADING)
        yield from map(Text, rows)


def _more(trace: Trace, layer: int, view: View) -> str:
    """What the command shows besides, with the index worked out in a layer (0-based)."""
    course = "" if view.convention.takes else " --convention course,"
    index = salient.first(trace, layer)[0]
    return f"More: --all (the whole), --index {index},{course} --back 20 (its past)"
