"""The parts of a shown trace, as plain strings: what a terminal, Markdown and a notebook lay out each in its way."""

from chargru.insight import sentences, telling, theirs
from chargru.insight.trace import Trace
from chargru.insight.view import View
from chargru.insight.visible import alone
from chargru.insight.worked import Unit


def notes(trace: Trace, view: View) -> list[str]:
    """What the convention says about itself and about this network, and which gates are held."""
    another = theirs.why(trace, view.convention)
    return [*view.convention.notes, *([another] if another else []), *_held(trace)]


def _held(trace: Trace) -> list[str]:
    if not trace.model.forced:
        return []
    how = "its weights are 0 and its input bias is what gives the value (10000 or -10000 for exactly 1 or 0)"
    return [f"Held, in PyTorch's letters: {', '.join(trace.model.forced)}. A held gate reads nothing: {how}."]


def title(trace: Trace, position: int, view: View) -> str:
    """Which step this is, and what it does."""
    t, state = trace.steps[position], view.convention
    return (
        f"Step {t} of {len(trace.text)} reads {alone(trace.char(position))} "
        f"and turns {state.symbol('h', t - 1)} into {state.symbol('h', t)}"
    )


def layer_title(trace: Trace, layer: int) -> str:
    """Which layer (0-based) this is."""
    return f"Layer {layer + 1} of {len(trace.layers)}"


def next_lines(trace: Trace, position: int, view: View) -> list[str]:
    """The likeliest next characters, and the one that the text goes on with; none without a head."""
    likeliest, p = trace.likeliest(position), trace.probability_of_next(position)
    found = []
    if likeliest:
        found.append("likeliest next:   " + "   ".join(f"{alone(char)} {view.short(q)}" for char, q in likeliest))
    if p is not None:
        found.append(f"the text goes on: {alone(trace.text[trace.steps[position]])} {view.short(p)}")
    return found


def headers(trace: Trace, position: int, view: View) -> list[str]:
    """The names of the table's columns; the gates go without their step where 80 columns would not hold it."""
    convention, t = view.convention, trace.steps[position]
    symbols = [convention.symbol("h", t - 1), *(convention.symbol(name, t) for name in ("r", "z", "n", "h"))]
    number = len(view.short(-1.0))
    if sum(max(len(symbol), number) for symbol in symbols) > 50 and max(map(len, symbols[1:3])) > number:
        symbols[1:3] = [convention.letters[name] for name in ("r", "z")]
    return ["index", *symbols, "what happened"]


def rows(trace: Trace, position: int, layer: int, view: View) -> list[list[str]]:
    """The table's cells, one row an index."""
    found = []
    for index in telling.shown(trace, layer):
        unit = Unit(trace, position, layer, index, view)
        values = [view.short(unit.quantity(name)) for name in ("h_prev", "r", "z", "n", "h")]
        found.append([str(index), *values, telling.happened(float(unit.values.z[position, index]))])
    return found


def left_out(trace: Trace, layer: int) -> str:
    """How many indices have no row, and how to see them; empty if all have one."""
    units, here = trace.layers[layer].h.shape[-1], len(telling.shown(trace, layer))
    if here == units:
        return ""
    which = "the most telling" if trace.indices is None else "those chosen"
    return f"{here} of {units} indices, {which}; others with --index 0,9,15 or --index all"


def units(trace: Trace, position: int, layer: int, view: View) -> list[Unit]:
    """The units of a layer (0-based) that are worked out."""
    return [Unit(trace, position, layer, index, view) for index in telling.worked(trace, layer)]


def seen(trace: Trace, position: int, layer: int, view: View) -> list[str]:
    """The sentences on one step of one layer (0-based)."""
    worked_out = units(trace, position, layer, view)
    found = [sentences.overview(worked_out[0]), sentences.first_step(worked_out[0])]
    found += [" ".join(sentences.sentences(unit)) for unit in worked_out]
    return [sentence for sentence in found if sentence]


def other_network(trace: Trace, position: int, layer: int, view: View) -> list[str]:
    """The step of a layer (0-based) by the convention's own network, for the units worked out; none if it is this."""
    return theirs.lines(trace, position, layer, telling.worked(trace, layer), view)


def check_line(trace: Trace) -> str:
    """What the second calculation found; empty if there was none."""
    check = trace.check
    if check is None:
        return ""
    verdict = "within" if check.passed else "ABOVE"
    return (
        f"check: max |difference| {check.max_abs_difference:.1e} from {check.against}, "
        f"{verdict} the tolerance {check.tolerance:.0e}"
    )
