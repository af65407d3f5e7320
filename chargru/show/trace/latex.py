r"""A trace as LaTeX: a piece of a document in ASCII that needs amsmath and nothing else.

The calculation is that of `worked`, its lines set as align*; what comes from a text or a model is escaped.
"""

import re
from collections.abc import Iterable, Iterator

from chargru.insight.trace import Trace
from chargru.show.characters import excerpt
from chargru.show.trace import calculation as worked
from chargru.show.trace import force_effect, parts, salient
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

_NAME = re.compile(r"(?P<base>[A-Za-z][A-Za-z0-9]*)(?P<tilde>~)?(?:_(?P<sub>\w+))?(?:<(?P<time>\d+)>)?")
_BASES = {"sigmoid": r"\sigma", "tanh": r"\tanh", "gamma": r"\gamma"}


def render(trace: Trace, view: View | None = None) -> str:
    """The whole trace. Raises StepError for a layer that the model does not have."""
    return "\n".join(_lines(trace, View() if view is None else view)) + "\n"


def escaped(text: str) -> str:
    """Any text as LaTeX text; what plain LaTeX has no letter for is given by its code point."""
    shown = "".join(_TEXT.get(char) or (char if " " <= char <= "~" else _code_point(char)) for char in text)
    return shown.replace("--", "-{}-").replace("   ", r" \quad ")


def _code_point(char: str) -> str:
    return rf"U+{ord(char):04X}\allowbreak{{}}"


def formula(expression: str, times: str = r"\odot") -> str:
    """A formula of `worked`, in letters or in numbers, as LaTeX mathematics; `times` stands for the product."""
    return _NAME.sub(_name, expression).replace(" * ", f" {times} ")


def _name(match: re.Match[str]) -> str:
    base = match["base"]
    written = _BASES.get(base) or (base if len(base) == 1 else rf"\mathit{{{base}}}")
    written = rf"\tilde{{{written}}}" if match["tilde"] else written
    subscript = f"_{{{match['sub']}}}" if match["sub"] else ""
    return written + subscript + (rf"^{{\langle {match['time']} \rangle}}" if match["time"] else "")


def _lines(trace: Trace, view: View) -> Iterator[str]:
    layers, convention = view.layers(len(trace.layers)), view.convention
    yield _HEAD
    meaning = (f"${formula(convention.letters[name])}$: {escaped(what)}" for name, what in convention.meaning.items())
    yield from _items([*meaning, *map(escaped, parts.notes(trace, view))])
    for position in range(len(trace.steps)):
        yield from ("", *_place(trace, position, view))
        for layer in layers:
            if len(trace.layers) > 1:
                yield from ("", rf"\paragraph{{{parts.layer_title(trace, layer)}}}")
            yield from _layer(trace, position, layer, view)
        yield from _verbatim(force_effect.lines(trace, position, layers, view))
    if trace.check is not None:
        yield from ("", escaped(parts.check_line(trace)))


def _place(trace: Trace, position: int, view: View) -> Iterator[str]:
    before, at, after = (escaped(part) for part in excerpt(trace.text, trace.steps[position], _WIDTH))
    yield rf"\subsection*{{{escaped(parts.title(trace, position, view))}}}"
    yield rf"\texttt{{{before}\fbox{{{at}}}{after}}}"
    yield from (rf"\\ {escaped(line)}" for line in parts.next_lines(trace, position, view))


def _layer(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    convention, reset = view.convention, trace.model.architecture.reset
    yield from ("", *_table(trace, position, layer, view), "")
    yield f"${formula(convention.formula('h', trace.steps[position], reset))}$;"
    yield escaped(convention.word_rules(salient.REPLACED_BELOW, salient.KEPT_ABOVE))
    units = parts.units(trace, position, layer, view)
    yield from ("", escaped(worked.input_note(units[0])))
    for unit in units:
        yield from ("", rf"\paragraph{{Index {unit.index} worked out}}", *_align(worked.lines(unit)))
    yield from ("", *_items(map(escaped, parts.seen(trace, position, layer, view))))
    yield from _verbatim(parts.another_network(trace, position, layer, view))


def _table(trace: Trace, position: int, layer: int, view: View) -> Iterator[str]:
    first, *symbols, last = parts.headers(trace, position, view)
    yield rf"\begin{{tabular}}{{{'r' * (1 + len(symbols))}l}}"
    yield " & ".join([first, *(f"${formula(symbol)}$" for symbol in symbols), last]) + r" \\ \hline"
    for row in parts.rows(trace, position, layer, view):
        yield " & ".join(f"${cell}$" if number < len(row) - 1 else cell for number, cell in enumerate(row)) + r" \\"
    yield r"\end{tabular}"


def _align(lines: list[str]) -> list[str]:
    """The equations of a worked calculation; the rows that only say where an addend comes from are left out."""
    rows = [row for line in lines if (row := _row(line))]
    return [r"\begin{align*}", *(rf"{row} \\" for row in rows[:-1]), rows[-1], r"\end{align*}"]


def _row(line: str) -> str:
    """A formula in letters, an equation between numbers, or one that goes on; empty for any other line."""
    left, equals, right = line.strip().partition("= ")
    if not equals or " " in left.strip():
        return ""
    letters = not line.startswith("   ")
    times = r"\odot" if letters else r"\cdot"
    return f"{formula(left.strip())} &= {formula(right, times)}".strip()


def _items(texts: Iterable[str]) -> list[str]:
    return [r"\begin{itemize}", *(rf"\item {text}" for text in texts), r"\end{itemize}"]


def _verbatim(lines: list[str]) -> Iterator[str]:
    """Lines as they are, in ASCII; nothing for none."""
    if lines:
        yield from ("", r"\begin{verbatim}", *(line.encode("ascii", "backslashreplace").decode() for line in lines))
        yield r"\end{verbatim}"
