"""The parts of a shown trace, as plain strings: what a terminal, Markdown and a notebook lay out each in its way."""

from collections.abc import Callable, Iterator, Sequence

from chargru.conventions.expression import Symbol
from chargru.insight import other_network
from chargru.insight.trace import VALUES, Check, Trace
from chargru.show.ablation import STUCK
from chargru.show.characters import alone
from chargru.show.columns import WIDTH
from chargru.show.notation import Notation
from chargru.show.trace import salient, sentences
from chargru.show.trace.calculation import Addend, Equation, Unit
from chargru.show.view import View

SMALLER = "train again with a smaller learning rate, or use another run"
"""What to do about weights that are too large."""


def notes(trace: Trace, view: View) -> list[str]:
    """What the convention says about itself and about this network, and which gates are held."""
    another = other_network.why(trace, view.convention)
    found = [*view.convention.notes_on(trace.model.architecture.reset), another, *held(trace)]
    return [note for note in found if note]


def held(trace: Trace) -> list[str]:
    """Which gates are held, and what holding them now does to a trained network; nothing for none."""
    forced, found = trace.model.forced, []
    if forced:
        how = "its weights are 0 and its input bias is what gives the value (10000 or -10000 for exactly 1 or 0)"
        found.append(f"Held, in PyTorch's letters: {', '.join(forced)}. A held gate reads nothing: {how}.")
    if trace.original is not None:
        found.append(STUCK)
    return found


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


def headers(trace: Trace, position: int, view: View, write: Callable[[Symbol], str] = str) -> list[str]:
    """The names of the table's columns; the gates go without their step where 80 columns would not hold it."""
    convention, t = view.convention, trace.steps[position]
    symbols = [convention.symbol("h", t - 1), *(convention.symbol(name, t) for name in ("r", "z", "n", "h"))]
    number, lengths = len(view.short(-1.0)), [len(str(symbol)) for symbol in symbols]
    if sum(max(length, number) for length in lengths) > 50 and max(lengths[1:3]) > number:
        symbols[1:3] = [convention.letters[name] for name in ("r", "z")]
    return ["index", *map(write, symbols), "what happened"]


def rows(trace: Trace, position: int, layer: int, view: View, indices: Sequence[int] | None = None) -> list[list[str]]:
    """The table's cells, one row an index (None: those of the whole table)."""
    found = []
    for index in salient.shown(trace, layer) if indices is None else indices:
        unit = Unit(trace, position, layer, index, view)
        values = [view.short(unit.quantity(name)) for name in VALUES]
        found.append([str(index), *values, salient.happened(float(unit.values.z[position, index]))])
    return found


def rules(trace: Trace, position: int, layer: int, view: View) -> list[str]:
    """What stands below the table: the formula of h, the words, and how many indices have no row, if any."""
    convention, reset = view.convention, trace.model.architecture.reset
    formula = Notation().write(convention.formula("h", trace.steps[position], reset))
    found = [formula, convention.word_rules(salient.REPLACED_BELOW, salient.KEPT_ABOVE)]
    units, here = trace.layers[layer].h.shape[-1], len(salient.shown(trace, layer))
    which = "the most telling" if trace.indices is None else "those chosen"
    more = f"{here} of {units} indices, {which}; others with --index 0,9,15 or --index all"
    return found if here == units else [*found, more]


def units(trace: Trace, position: int, layer: int, view: View) -> list[Unit]:
    """The units of a layer (0-based) that are worked out."""
    return [Unit(trace, position, layer, index, view) for index in salient.worked(trace, layer)]


def calculation_lines(equation: Equation, view: View, *, addends: bool = True) -> list[str]:
    """An equation of the calculation: its formula, where each addend comes from, and one expression a line."""
    plain = Notation(view.long)
    left = f"    {equation.left}"
    first, *more = plain.chain(equation.expressions, equation.value)
    further = (f"{'':{len(left)}} = {row}" for row in more)
    sources = _addends(equation, plain) if addends else ()
    return [f"  {plain.write(equation.formula)}", *sources, f"{left} = {first}", *further]


def _addends(equation: Equation, plain: Notation) -> Iterator[str]:
    """Names flush left, numbers flush right; where a source leads beyond WIDTH it has a line of its own."""
    cells = [(plain.write(addend.name), plain.number(addend.value)) for addend in equation.addends]
    wide, long = (max((len(cell[side]) for cell in cells), default=0) for side in (0, 1))
    for addend, (name, value) in zip(equation.addends, cells, strict=True):
        row = f"    {name:<{wide}}  {value:>{long}}"
        fits = len(row) + len(addend.source) + 2 <= WIDTH
        yield from [f"{row}  {addend.source}".rstrip()] if fits else [row, f"      {addend.source}"]
        yield from _largest_parts(addend, plain)


def _largest_parts(addend: Addend, plain: Notation) -> Iterator[str]:
    digits = len(str(len(addend.parts) + addend.others))
    for unit, part in addend.parts:
        yield f"      unit {unit:<{digits}}  {plain.write(part)}"
    if addend.others:
        units = f"{addend.others} unit{'s' * (addend.others != 1)}"
        yield f"      the other {units} together: {plain.number(addend.others_value)}"


def seen(trace: Trace, position: int, layer: int, view: View) -> list[str]:
    """The sentences on one step of one layer (0-based)."""
    worked_out = units(trace, position, layer, view)
    found = [sentences.overview(worked_out[0]), sentences.first_step(worked_out[0])]
    found += [" ".join(sentences.sentences(unit)) for unit in worked_out]
    return [sentence for sentence in found if sentence]


def check_line(check: Check) -> str:
    """What the second calculation found."""
    found = f"check: max |difference| {check.max_abs_difference:.1e} from {check.against}, "
    if check.undecided:
        return f"{found}undecided: {too_large('a check', check.rounding)}"
    return f"{found}{'within' if check.passed else 'ABOVE'} the tolerance {check.tolerance:.0e}"


def too_large(what: str, rounding: float) -> str:
    """Why something about these weights cannot be checked, in a line."""
    return f"the weights are too large for {what}: in float64 their sums round by up to {rounding:.0e}"
