"""A trace as text for a terminal: the place in the text, the table, the worked calculation, what one can see.

Lines are `rich.text.Text`, so that nothing of the text is taken as markup; without colour they say the same.
"""

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.columns import WIDTH
from chargru.show.trace import calculation, force_effect, other_network, parts
from chargru.show.view import View

WIDEST_PROSE = 100
STYLES = {"replaced": "yellow", "kept": "cyan", "mixed": ""}
_HEADING = "bold"
_ASIDE = "dim"


def render(trace: Trace, view: View | None = None) -> Text:
    """The whole trace as one text. Raises StepError for a layer that the model does not have."""
    view = View() if view is None else view
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(trace, view, max(view.width or 0, WIDTH)))


def _lines(trace: Trace, view: View, width: int) -> Iterator[Text]:
    layers = view.layers(len(trace.layers))
    yield from _letters(trace, view, width)
    for position in range(len(trace.steps)):
        yield from _place(trace, position, view, width)
        for layer in layers:
            yield Text()
            if len(trace.layers) > 1:
                yield Text(parts.layer_title(trace, layer), _HEADING)
            yield from _table(trace, position, layer, view)
            yield from _worked(trace, position, layer, view, width)
            yield from _seen(trace, position, layer, view, width)
            yield from _headed(other_network.lines(trace, position, layer, view))
        yield from _headed(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield Text()
        yield from _prose(parts.check_line(trace.check), width)


def _prose(text: str, width: int, indent: str = "", style: str = "") -> Iterator[Text]:
    rows = textwrap.wrap(text, min(width, WIDEST_PROSE), subsequent_indent=indent, break_long_words=False)
    for row in rows:
        yield Text(row, style)


def _letters(trace: Trace, view: View, width: int) -> Iterator[Text]:
    """What the letters mean, and what is renamed or is not this network."""
    convention = view.convention
    longest = max(len(str(letter)) for letter in convention.letters.values())
    for quantity, meaning in convention.meaning.items():
        yield Text(f"{convention.letters[quantity]!s:<{longest}}  {meaning}", _ASIDE)
    for note in parts.notes(trace, view):
        yield from _prose(note, width, style=_ASIDE)


def _place(trace: Trace, position: int, view: View, width: int) -> Iterator[Text]:
    """The step's character, marked by brackets, by a caret below and by colour."""
    yield Text()
    yield Text(f"{parts.title(trace, position, view)} ".ljust(width, "─"), _HEADING)
    before, at, after = excerpt(trace.text, trace.steps[position], width - 5)
    yield Text.assemble("  ", before, ("[", _ASIDE), (at, "bold reverse"), ("]", _ASIDE), after)
    yield Text(" " * (3 + cell_len(before)) + "^" * max(cell_len(at), 1), _ASIDE)
    yield from map(Text, parts.next_lines(trace, position, view))


def _table(trace: Trace, position: int, layer: int, view: View) -> Iterator[Text]:
    titles, cells = parts.headers(trace, position, view), parts.rows(trace, position, layer, view)
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    yield Text(_row(titles, widths), _HEADING)
    yield Text("─" * (sum(width + 2 for width in widths) + 1), _ASIDE)
    for row in cells:
        line = Text(_row(row, widths))
        style = STYLES[row[-1]]
        start = sum(width + 2 for width in widths[:3])
        line.stylize(style, start, start + widths[3] + 2)
        line.stylize(style, sum(width + 2 for width in widths[:-1]))
        yield line
    for rule in parts.rules(trace, position, layer, view):
        yield Text(rule, _ASIDE)


def _row(cells: list[str], widths: list[int]) -> str:
    numbers = "".join(f"{cell:>{width + 2}}" for cell, width in zip(cells[:-1], widths[:-1], strict=True))
    return f"{numbers}   {cells[-1]}"


def _worked(trace: Trace, position: int, layer: int, view: View, width: int) -> Iterator[Text]:
    units = parts.units(trace, position, layer, view)
    yield Text()
    yield from _prose(calculation.input_note(units[0]), width)
    for unit in units:
        yield Text()
        yield Text(f"Index {unit.index} worked out", _HEADING)
        for equation in calculation.equations(unit):
            formula, *rows = parts.calculation_lines(equation, view)
            yield Text(formula, _HEADING)
            yield from map(Text, rows)


def _seen(trace: Trace, position: int, layer: int, view: View, width: int) -> Iterator[Text]:
    yield Text()
    yield Text("What you can see", _HEADING)
    for sentence in parts.seen(trace, position, layer, view):
        yield from _prose(f"- {sentence}", width, indent="  ")


def _headed(lines: list[str]) -> Iterator[Text]:
    """Lines below their first one as a heading, with room above; nothing for none."""
    for number, line in enumerate(lines):
        yield from [] if number else [Text()]
        yield Text(line, "" if number else _HEADING)
