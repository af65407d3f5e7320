"""LaTeX is read back: its equations hold on their numbers, its text is plain ASCII, its groups close."""

import re

import pytest
from calculations import CASES, expected, plain, written
from displayed import equations, holds
from drawn import model
from hypothesis import given, settings
from hypothesis import strategies as st

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.conventions.expression import Symbol
from chargru.insight.trace import trace
from chargru.show.trace import latex as trace_latex
from chargru.show.trace.calculation import Unit
from chargru.show.trace.latex import LETTERS, escaped, symbol
from chargru.show.view import View


def read_back(latex):
    """The align* blocks as the lines that `displayed` reads: LaTeX's words for ours."""
    blocks = re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", latex, flags=re.S)
    lines = [line.removesuffix(r" \\") for block in blocks for line in block.splitlines()]
    plain = []
    for line in lines:
        line = re.sub(r"\\langle (\d+) \\rangle", r"\1", line)
        for word, ours in {r"\sigma": "sigmoid", r"\tanh": "tanh", r"\cdot": "*", "&=": "="}.items():
            line = line.replace(word, ours)
        left, right = line.split("=", 1)
        plain.append(f"    {left.replace(' ', '')} = {right.strip()}")
    return "\n".join(plain)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    step=st.integers(1, 84),
    reset=st.sampled_from(["after", "before"]),
    convention=st.sampled_from(list(CONVENTIONS.values())),
    digits=st.sampled_from([None, 2, 6]),
    terms=st.booleans(),
)
def test_equations_hold_when_read_back(seed, step, reset, convention, digits, terms):
    traced = trace(model(reset=reset, seed=seed), steps=[step], indices=[3])
    view = View(convention, digits, terms=terms)
    found = equations(read_back(trace_latex.render(traced, view)))
    shown = equations(plain(Unit(traced, 0, 0, 3, view)))
    assert [chain for _, chain in found] == [chain for _, chain in shown]
    assert len(found) == 4
    assert all(holds(expression, chain[-1]) for _, chain in found for expression in chain[:-1])


@pytest.mark.parametrize("case", CASES)
def test_the_calculation_line_by_line(case):
    found = re.search(
        r"^\\begin\{align\*\}\n.*?\n\\end\{align\*\}$", written(case, trace_latex.render), flags=re.M | re.S
    )
    assert found[0] == expected("calculation.tex")[case]


@pytest.mark.parametrize(
    ("one", "latex"),
    [
        (Symbol("z", time=34, index=9), r"z_{34}[9]"),
        (Symbol("W", "ir"), "W_{ir}"),
        (Symbol("gamma", "u", time=34, angled=True), r"\gamma_{u}^{\langle 34 \rangle}"),
        (Symbol("c", tilde=True, time=34, angled=True), r"\tilde{c}^{\langle 34 \rangle}"),
        (Symbol("h", tilde=True, time=0), r"\tilde{h}_{0}"),
        (Symbol("b0", "r"), r"\mathit{b0}_{r}"),
        (Symbol("gamma", "r"), r"\gamma_{r}"),
    ],
)
def test_symbols(one, latex):
    assert symbol(one) == latex


def test_a_formula():
    assert LETTERS.write(COURSE.formula("n", 34, "before")) == (
        r"\tilde{c}^{\langle 34 \rangle} = \tanh(W_{cx} x^{\langle 34 \rangle} + b_{cx} + "
        r"W_{cc} (\gamma_{r}^{\langle 34 \rangle} \odot c^{\langle 33 \rangle}) + b_{cc})"
    )


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
def test_ascii_and_balanced_whatever_the_text(convention):
    text = "50% of {a} & $b_1^2 ~ \\end{document} #<é漢\u202e\x1b[31m⏎\n\t" * 2
    traced = trace(model(text, layers=2), text, steps=range(1, 36), indices=[0], force=["r=1@9-20"])
    latex = trace_latex.render(traced, View(convention))
    assert latex.isascii()
    assert not re.search(r"[^\n\x20-\x7e]", latex)
    outside = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", latex, flags=re.S)
    bare = re.sub(r"\\[{}$&#_%\\]", "", outside)
    assert "end{document}" not in bare
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    opened = re.findall(r"\\(begin|end)\{([a-z*]+)\}", outside)
    assert [name for kind, name in opened if kind == "begin"] == [name for kind, name in opened if kind == "end"]
    known = {"align*", "itemize", "tabular"}
    assert {name for _, name in opened} == known


def test_only_plain_latex_and_amsmath_is_used():
    used = set(re.findall(r"\\([A-Za-z]+)", trace_latex.render(trace(model(), force=["r=1"]), View(COURSE))))
    assert used <= {
        "usepackage", "begin", "end", "item", "subsection", "paragraph", "texttt", "fbox", "textless", "textgreater",
        "textasciitilde", "textbackslash", "textbar", "textasciicircum", "ldots", "hline", "gamma", "tilde", "langle",
        "rangle", "odot", "cdot", "sigma", "tanh", "mathit", "n", "t", "quad", "allowbreak",
    }  # fmt: skip


def test_escaping():
    assert escaped("a_b & 5% {x}") == r"a\_b \& 5\% \{x\}"
    assert escaped("\\~^<>|") == (
        r"\textbackslash{}\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}\textbar{}"
    )
    assert escaped("é漢") == r"U+00E9\allowbreak{}U+6F22\allowbreak{}"


def test_the_table_is_the_trace_s():
    traced = trace(model(), indices=[3])
    latex = trace_latex.render(traced, View(TORCH))
    row = next(line for line in latex.splitlines() if line.startswith("$3$ & "))
    numbers = [float(cell.strip(" $")) for cell in row.split("&")[1:-1]]
    exact = [getattr(traced.layers[0], name)[0, 3] for name in ("h_prev", "r", "z", "n", "h")]
    assert max(abs(a - b) for a, b in zip(numbers, exact, strict=True)) <= 0.005
