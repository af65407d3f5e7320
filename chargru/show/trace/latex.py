r"""A trace as LaTeX: a piece of a document in ASCII that needs amsmath and nothing else.

The calculation is set as align*, without its addends; what comes from a text or a model is escaped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chargru.conventions.expression import Symbol
from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.notation import Notation
from chargru.show.trace import calculation, force_effect, other_network, parts, salient
from chargru.show.trace.calculation import Equation
from chargru.show.view import View

_WIDTH = 60
_HEAD = r"% A trace by chargru; needs \usepackage{amsmath}"

_TEXT = {
    **{char: f"\\{char}" for char in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "⏎": r"\textbackslash{}n",
    "⇥": r"\textbackslash{}t",
    "…": r"\ldots{}",
}


def render(trace: Trace, view: View | None = None) -> str:
    """The whole trace. Raises StepError for a layer that the model does not have."""
    return "\n".join(_lines(trace, View() if view is None else view)) + "\n"


def escaped(text: str) -> str:
    """Any text as LaTeX text; what plain LaTeX has no letter for is given by its code point."""
    shown = "".join(_TEXT.get(char) or (char if " " <= char <= "~" else _code_point(char)) for char in text)
    return shown.replace("--", "-{}-").replace("   ", r" \quad ")


def _code_point(char: str) -> str:
    return rf"U+{ord(char):04X}\allowbreak{{}}"


def symbol(one: Symbol) -> str:
    """A symbol as LaTeX mathematics, e.g. z_{34}[9]."""
    letter = one.letter if len(one.letter) == 1 else rf"\mathit{{{one.letter}}}"
    letter = r"\gamma" if one.letter == "gamma" else letter
    letter = rf"\tilde{{{letter}}}" if one.tilde else letter
    time = "" if one.time is None else str(one.time)
    below = one.subscript + ("" if one.angled else time)
    above = rf"^{{\langle {time} \rangle}}" if one.angled and time else ""
    return letter + (f"_{{{below}}}" if below else "") + above + ("" if one.index is None else f"[{one.index}]")


LETTERS = Notation(symbol=symbol, functions={"sigmoid": r"\sigma", "tanh": r"\tanh"}, times=r"\odot")
"""Formulas in letters as LaTeX mathematics."""


def _lines(trace: Trace, view: View) -> Iterator[str]:
    layers, convention = view.layers(len(trace.layers)), view.convention
    yield _HEAD
    meaning = (f"${symbol(convention.letters[name])}$: {escaped(what)}" for name, what in convention.meaning.items())
    yield from _items([*meaning, *map(escaped, parts.notes(trace, view))])
    for position in range(len(trace.steps)):
        yield from ("", *_place(trace, position, view))
        for layer in layers:
            if len(trace.layers) > 1:
                yield from ("", rf"\paragraph{{{parts.layer_title(trace, layer)}}}")
            yield from _layer(trace, position, layer, view)
        yield from _verbatim(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield from ("", escaped(parts.check_line(trace.check)))


def _place(trace: Trace, position: int, view: View) -> Iterator[str]:
    before, at, after = (escaped(part) for part in excerpt(trace.text, trace.steps[position], _WIDTH))
    yield rf"\subsection*{{{escaped(parts.title(trace, position, view))}}}"
    yield rf"\texttt{{{before}\fbox{{{at}}}{after}}}"
    yield from (rf"\\ {escaped(line)}" for line in parts.next_lines(trace, position, view))


def _layer(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    convention, reset = view.convention, trace.model.architecture.reset
    yield from ("", *_table(trace, position, layer, view), "")
    yield f"${LETTERS.write(convention.formula('h', trace.steps[position], reset))}$;"
    yield escaped(convention.word_rules(salient.REPLACED_BELOW, salient.KEPT_ABOVE))
    units = parts.units(trace, position, layer, view)
    yield from ("", escaped(calculation.input_note(units[0])))
    for unit in units:
        yield from ("", rf"\paragraph{{Index {unit.index} worked out}}", *_align(calculation.equations(unit), view))
    yield from ("", *_items(map(escaped, parts.seen(trace, position, layer, view))))
    yield from _verbatim(other_network.lines(trace, position, layer, view))


def _table(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    titles = parts.headers(trace, position, view, lambda one: f"${symbol(one)}$")
    yield rf"\begin{{tabular}}{{{'r' * (len(titles) - 1)}l}}"
    yield " & ".join(titles) + r" \\ \hline"
    for row in parts.rows(trace, position, layer, view):
        yield " & ".join(f"${cell}$" if number < len(row) - 1 else cell for number, cell in enumerate(row)) + r" \\"
    yield r"\end{tabular}"


def _align(equations: list[Equation], view: View) -> list[str]:
    """Each formula in letters, and the calculation below it."""
    numbers, rows = replace(LETTERS, number=view.long, times=r"\cdot"), []
    for equation in equations:
        left, right = map(LETTERS.write, equation.formula.operands)
        first, *more = numbers.chain(equation.expressions, equation.value)
        rows += [f"{left} &= {right}", f"{symbol(equation.left)} &= {first}", *(f"&= {row}" for row in more)]
    return [r"\begin{align*}", *(rf"{row} \\" for row in rows[:-1]), rows[-1], r"\end{align*}"]


def _items(texts: Iterable[str]) -> list[str]:
    return [r"\begin{itemize}", *(rf"\item {text}" for text in texts), r"\end{itemize}"]


def _verbatim(lines: list[str]) -> Iterator[str]:
    """Lines as they are, in ASCII; nothing for none."""
    if lines:
        yield from ("", r"\begin{verbatim}", *(line.encode("ascii", "backslashreplace").decode() for line in lines))
        yield r"\end{verbatim}"
