"""A trace as text for a terminal: the first screen, or the whole with every telling index and its calculation.

Lines are `rich.text.Text`, so that nothing of the text is taken as markup; without colour they say the same.
"""

from collections.abc import Iterator

from rich.text import Text

from chargru.insight.trace import Trace
from chargru.show.columns import WIDTH
from chargru.show.trace import blocks, calculation, first_screen, force_effect, other_network, parts
from chargru.show.view import View


def render(trace: Trace, view: View | None = None) -> Text:
    """The first screen; the whole where the view or indices ask for it.

    Raises StepError for a layer that the model does not have.
    """
    view = View() if view is None else view
    lines = _lines if view.whole or trace.indices is not None else first_screen.lines
    width = max(view.width or WIDTH, blocks.NARROWEST)
    return Text("\n", no_wrap=True, overflow="ignore").join(lines(trace, view, width))


def _lines(trace: Trace, view: View, width: int) -> Iterator[Text]:
    layers = view.layers(len(trace.layers))
    yield from _letters(trace, view, width)
    for position in range(len(trace.steps)):
        yield from blocks.place(trace, position, view, width)
        for layer in layers:
            yield Text()
            if len(trace.layers) > 1:
                yield Text(parts.layer_title(trace, layer), blocks.HEADING)
            yield from blocks.table(parts.headers(trace, position, view), parts.rows(trace, position, layer, view))
            yield from map(Text, parts.rules(trace, position, layer, view))
            yield from _worked(trace, position, layer, view, width)
            yield Text()
            yield from blocks.seen(parts.seen(trace, position, layer, view), width)
            yield from blocks.headed(other_network.lines(trace, position, layer, view))
        yield from blocks.headed(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield Text()
        yield from blocks.prose(parts.check_line(trace.check), width)


def _letters(trace: Trace, view: View, width: int) -> Iterator[Text]:
    """What the letters mean, and what is renamed or is not this network."""
    convention = view.convention
    longest = max(len(str(letter)) for letter in convention.letters.values())
    for quantity, meaning in convention.meaning.items():
        yield Text(f"{convention.letters[quantity]!s:<{longest}}  {meaning}")
    for note in parts.notes(trace, view):
        yield from blocks.prose(note, width)


def _worked(trace: Trace, position: int, layer: int, view: View, width: int) -> Iterator[Text]:
    units = parts.units(trace, position, layer, view)
    yield Text()
    yield from blocks.prose(calculation.input_note(units[0]), width)
    for unit in units:
        yield Text()
        yield Text(f"Index {unit.index} worked out", blocks.HEADING)
        for equation in calculation.equations(unit):
            formula, *rows = parts.calculation_lines(equation, view)
            yield Text(formula, blocks.HEADING)
            yield from map(Text, rows)
