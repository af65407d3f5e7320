"""A gradient report as text for a terminal of 80 columns: tables, plot, sentences; without colour it says the same."""

import textwrap
from collections.abc import Iterator, Mapping

from rich.text import Text

from chargru.bundled import called
from chargru.insight.gradient import PARTS, GradientReport, Sizes
from chargru.show.characters import alone, visible
from chargru.show.columns import WIDTH, aligned
from chargru.show.gradient import plot as gradient_plot
from chargru.show.gradient import sentences as gradient_reading
from chargru.show.view import View

HEADING = "bold"
ASIDE = "dim"
FEW = 6
"""So many positions are listed one by one."""

_CELL = 12

PATHS = (
    "Terms of dh_t/dh_{t-1}, by path: 1 shortcut (z times the old state), 2 through the update gate, 3 through the "
    "candidate, 4 through the reset gate. A part keeps its terms alone at every step of the way back, on the recorded "
    "states; parts can cancel, so sizes do not add up."
)


def render(report: GradientReport, _: View | None = None) -> Text:
    """The whole report as one text."""
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(report))


def _lines(report: GradientReport) -> Iterator[Text]:
    yield Text(f"The gradient by lag, on {len(report.text)} characters", HEADING)
    yield from prose(_what(report))
    yield Text()
    yield from _table(_parts(report), report)
    yield from prose(PATHS)
    yield Text()
    yield from _table(_wholes(report), report)
    yield from prose(f"Untrained: {report.untrained_name}; another initialisation has another curve.", ASIDE)
    if report.against is not None:
        name = "".join(map(visible, called(report.against_name)))
        yield from prose(f"Against: {name}, on the same text and positions.", ASIDE)
    yield from _zeros(report)
    yield Text()
    yield from map(Text, gradient_plot.lines(report))
    yield Text()
    for sentence in gradient_reading.sentences(report):
        yield from prose(f"- {sentence}", indent="  ")


def prose(text: str, style: str = "", indent: str = "") -> Iterator[Text]:
    """Wrapped lines of at most 80 columns."""
    for row in textwrap.wrap(text, WIDTH, subsequent_indent=indent):
        yield Text(row, style)


def _what(report: GradientReport) -> str:
    first, last = report.positions[0], report.positions[-1]
    count = len(report.positions)
    at = f"{count} positions T from {first} to {last}" if count > FEW else f"T = {_listed(report)}"
    state = "h" if len(report.layers) == 1 else "h, the state of all layers"
    return (
        f"L_T = -ln p(x_{{T+1}}); size at lag k = |dL_T/dh_{{T-k}}| / |dL_T/dh_T| for {state}. In the cells: log10 of "
        f"it, mean ± standard deviation over {at}. -3 is a thousandth."
    )


def _listed(report: GradientReport) -> str:
    """The positions one by one, each with the character that has been read there."""
    return ", ".join(f"{T} ({alone(report.text[T - 1])})" for T in report.positions)


def _parts(report: GradientReport) -> dict[tuple[str, str], Sizes]:
    top = ("whole", "1+2+3+4") if len(report.layers) == 1 else ("top layer", "1+2+3+4")
    short = {"without shortcut": "without it", "candidate only": "cand. only"}
    headings = {part: (short.get(part, part), "+".join(map(str, terms))) for part, terms in PARTS.items()}
    return {top: report.layers[-1], **{headings[part]: sizes for part, sizes in report.parts.items()}}


def _wholes(report: GradientReport) -> dict[tuple[str, str], Sizes]:
    found = {("whole", "this model"): report.whole, ("whole", "untrained"): report.untrained}
    return found if report.against is None else {**found, ("whole", "against"): report.against}


def _table(columns: Mapping[tuple[str, str], Sizes], report: GradientReport) -> Iterator[Text]:
    above, below = zip(*columns, strict=True)
    cells = [[str(lag), *(_cell(sizes, lag) for sizes in columns.values())] for lag in report.lags]
    lines = aligned([["", *above], ["lag", *below], *cells], (5, *[_CELL] * len(columns)))
    yield from (Text(line, HEADING) for line in lines[:2])
    yield Text("─" * max(map(len, lines)), ASIDE)
    yield from map(Text, lines[2:])


def _cell(sizes: Sizes, lag: int) -> str:
    if sizes.zeros(lag) == len(sizes.log10):
        return "all zero"
    mean, std = sizes.mean(lag), sizes.std(lag)
    digits = 2 if abs(mean) < 100 else 1
    return f"{mean:z.{digits}f} ±{std:.{digits}f}"


def _zeros(report: GradientReport) -> Iterator[Text]:
    """How many positions were left out of which mean."""
    for name, sizes in report.columns.items():
        counts = [(lag, sizes.zeros(lag)) for lag in report.lags if sizes.zeros(lag)]
        if counts:
            listed = ", ".join(f"{count} at lag {lag}" for lag, count in counts)
            text = f"Exact zeros, left out of the mean ({name}, of {len(report.positions)} positions): {listed}."
            yield from prose(text, ASIDE)
