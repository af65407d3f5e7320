"""The table as a person sees it: marks, columns, rounding, width."""

import re
from dataclasses import replace

import numpy as np
import pytest
from calculations import CASES, INDEX, expected, written
from displayed import half_digit
from drawn import TEXT, model
from rich.cells import cell_len

from chargru.conventions.authors import CONVENTIONS, COURSE, TORCH
from chargru.errors import SettingError, StepError
from chargru.insight.trace import Check, trace
from chargru.show.trace import html as trace_html
from chargru.show.trace import markdown as trace_markdown
from chargru.show.trace import terminal as trace_table
from chargru.show.view import View, number


def plain(traced, view=None):
    """The whole, not the first screen."""
    return trace_table.render(traced, replace(view or View(), whole=True)).plain


def table_rows(text):
    """index, five numbers and a word, read from the text."""
    found = re.findall(r"^ +(\d+) +" + r"(-?\d\.\d+) +" * 5 + r"(\w+)$", text, re.MULTILINE)
    return [(int(row[0]), list(row[1:6]), row[6]) for row in found]


def test_the_step_s_character_is_marked():
    lines = plain(trace(model(), steps=[34])).splitlines()
    at = next(number for number, line in enumerate(lines) if "[o]ld" in line)
    assert lines[at - 1].startswith("Step 34 of 84 reads 'o' and turns h_33 into h_34 ")
    assert lines[at + 1].index("^") == lines[at].index("[o]") + 1


def test_the_caret_stands_below_a_wide_character():
    text = "吾輩は猫である"
    lines = plain(trace(model(text), steps=[4])).splitlines()
    at = next(number for number, line in enumerate(lines) if "[猫]" in line)
    assert lines[at + 1] == " " * cell_len(lines[at].partition("猫")[0]) + "^^"


def test_next_characters_and_the_one_that_came():
    traced = trace(model(), steps=[34])
    text = plain(traced)
    best, p = traced.likeliest(0)[0]
    assert re.search(rf"^likeliest next:   '{re.escape(best)}' {p:.2f}   '", text, re.MULTILINE)
    assert f"the text goes on: 'l' {traced.probability_of_next(0):.2f}" in text
    assert "likeliest" not in plain(trace(model(head=False), steps=[34]))


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
def test_rows_hold_the_values(convention):
    traced = trace(model(), steps=[33, 34])
    rows = table_rows(plain(traced, View(convention)))
    assert [row[0] for row in rows] == [*range(6), *range(6)]
    for number_, (index, numbers, _) in enumerate(rows):
        exact = [
            convention.value(name, getattr(traced, name)[number_ // 6, index])
            for name in ("h_prev", "r", "z", "n", "h")
        ]
        assert np.abs(np.array(numbers, float) - exact).max() <= 0.005 + 1e-12
    assert [row[1][4] for row in rows[:6]] == [row[1][0] for row in rows[6:]]  # h_33 feeds step 34


@pytest.mark.parametrize("digits", [None, 1, 4])
@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
def test_the_formula_below_the_table_holds_in_every_row(convention, digits):
    text = plain(trace(model(), steps=range(1, 60)), View(convention, digits))
    rows = table_rows(text)
    assert len(rows) == 59 * 6
    for _, shown, _ in rows:
        h_prev, _, z, n, h = (float(value) for value in shown)
        take = z if convention.takes else 1 - z
        error = half_digit(shown[0]) * (abs(n - h_prev) + 1 + 1)
        assert abs(take * n + (1 - take) * h_prev - h) <= error + 1e-9


def test_words_are_those_of_the_unrounded_gate():
    traced = trace(model(), steps=range(1, 60))
    words = [row[2] for row in table_rows(plain(traced))]
    z = traced.z.ravel()
    assert words == list(np.where(z < 0.1, "replaced", np.where(z > 0.9, "kept", "mixed")))
    assert set(words) == {"replaced", "kept", "mixed"}
    course = [row[2] for row in table_rows(plain(traced, View(COURSE)))]
    assert course == words


def test_a_large_layer_says_how_to_see_more():
    text = plain(trace(model(units=40), steps=[34]))
    assert len(table_rows(text)) == 12
    assert "12 of 40 indices, the most telling; others with --index 0,9,15 or --index all" in text
    assert len(table_rows(plain(trace(model(units=40), steps=[34], indices=range(40))))) == 40


def test_layers_are_named_and_chosen():
    traced = trace(model(layers=2), steps=[34])
    both, upper = plain(traced), plain(traced, View(layer=2))
    assert re.findall(r"^Layer \d of 2", both, re.MULTILINE) == ["Layer 1 of 2", "Layer 2 of 2"]
    assert re.findall(r"^Layer \d of 2", upper, re.MULTILINE) == ["Layer 2 of 2"]
    with pytest.raises(StepError, match="there is no layer 3"):
        plain(traced, View(layer=3))


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("width", [80, 120])
def test_it_fits(convention, reset, width):
    m = model(TEXT * 6, units=40, reset=reset)
    traced = trace(m, steps=[34, 480], indices=[0, 39])
    assert max(map(cell_len, plain(traced, View(convention, terms=True, width=width)).splitlines())) <= width


def test_long_headers_leave_out_the_step_of_the_gates():
    traced = trace(model(TEXT * 150), steps=[12345])
    text = plain(traced, View(COURSE, 3))
    assert "c<12344>  gamma_r  gamma_u  c~<12345>  c<12345>" in text
    assert "r_12345" in plain(traced)


def test_text_is_not_markup():
    text = "[red]x[/b] \x1b[31m [link=a]" * 3
    shown = trace_table.render(trace(model(text), steps=[5]))
    assert "[red[]]x[/b] \\x1b[31m" in shown.plain


@pytest.mark.parametrize("digits", [0, -1, 16])
def test_digits_out_of_range(digits):
    with pytest.raises(SettingError, match=f"{digits} digits cannot be shown"):
        View(digits=digits)


def test_a_number_that_rounds_to_nothing_has_no_sign():
    assert number(-0.001, 2) == "0.00"
    assert number(-0.006, 2) == "-0.01"


def test_the_check_is_said():
    passed, failed = (plain(_with_check(difference)).splitlines()[-2:] for difference in (1e-15, 1e-3))
    assert "within the tolerance 1e-12" in " ".join(passed)
    assert "ABOVE the tolerance 1e-12" in " ".join(failed)


def _with_check(difference):
    return replace(trace(model()), check=Check(difference, 1e-12, "torch.nn.GRU in float64"))


def test_markdown_has_the_same_rows_and_calculation():
    text = "`code` | *a* <b> _x_ \n```\n" * 3
    traced = trace(model(text), steps=[34, 35])
    markdown, terminal = trace_markdown.render(traced), plain(traced)
    cells = [line.split("|")[1:-1] for line in markdown.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [[cell.strip() for cell in row] for row in cells] == [
        [str(index), *numbers, word] for index, numbers, word in table_rows(terminal)
    ]
    fences = [line for line in markdown.splitlines() if line.startswith("```")]
    assert len(fences) == 2 * (2 + 2 * 3)
    assert fences[0] == "````text"
    assert all(line in markdown for line in terminal.splitlines() if line.startswith("    h_34["))


def test_html_rows_are_those_of_the_table():
    traced = trace(model(), steps=[34])
    cells = re.findall(r"<td>(.*?)</td>", trace_html.render(traced, View(TORCH)))
    rows = [[str(index), *numbers, word] for index, numbers, word in table_rows(plain(traced))]
    assert cells == [cell for row in rows for cell in row]


@pytest.mark.parametrize("case", CASES)
def test_the_calculation_line_by_line(case):
    text = written(case, trace_table.render).plain
    found = re.search(rf"^Index {INDEX} worked out\n(.*?)\n\nWhat you can see$", text, flags=re.M | re.S)
    assert found[1] == expected("calculation.txt")[case]


def test_formulas_of_the_calculation_are_headings():
    text = written("torch", trace_table.render)
    formula, numbers = (text.plain.index(start) for start in ("  r_3 = sigmoid(", "    r_3[2] = sigmoid("))
    assert [span.style for span in text.spans if span.start <= formula < span.end] == ["bold"]
    assert not [span for span in text.spans if span.start <= numbers < span.end and span.style == "bold"]
