"""A trace as a page: the drawing's numbers, the table, the calculation; nothing of a text is taken as markup."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import drawn
import pytest
from calculations import CASES, expected, written

from chargru.conventions.authors import COURSE
from chargru.insight.trace import trace
from chargru.show.trace import html, parts
from chargru.show.view import View

HOSTILE = "<script>alert(1)</script>\"'</pre></svg>&amp;<img src=x onerror=alert(1)>\u200b\x1b[31m\x00"


def drawings(page):
    """Each drawing's texts by slot, those of the other placement of r left out."""
    found = []
    for markup in re.findall(r"<svg.*?</svg>", page, flags=re.S):
        root = ET.fromstring(markup)
        other = "when-before" if root.get("data-reset") == "after" else "when-after"
        for group in root.findall(f"g[@class='{other}']"):
            root.remove(group)
        texts = {slot.get("data-number"): "".join(slot.itertext()) for slot in root.iter() if slot.get("data-number")}
        found.append((root, texts))
    return found


@pytest.mark.parametrize(
    "case", sorted(set(CASES) - {"terms", "terms of an upper layer, reset before", "weights of 30"})
)
def test_the_calculation_line_by_line(case):
    (calculation,) = re.findall(r"</svg>\n<pre>(.*?)</pre>", written(case, html.render), flags=re.S)
    assert unescape(calculation) == expected("calculation.txt")[case]


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_numbers_of_the_drawings_are_those_of_the_trace(reset, layers):
    traced = trace(drawn.model(reset=reset, layers=layers), steps=[12, 13], indices=[0, 4])
    found = iter(drawings(html.render(traced)))
    for position in range(2):
        for layer, cell in enumerate(traced.layers):
            for index in (0, 4):
                _, texts = next(found)
                one = {name: getattr(cell, name)[position, index] for name in ("h_prev", "r", "z", "n", "h")}
                one |= {"keep": one["z"], "take": 1 - one["z"], "kept": one["z"] * one["h_prev"]}
                one["taken"] = (1 - one["z"]) * one["n"]
                terms = {name: value[position, index] for name, value in cell.terms.items()}
                said = terms["W_hn h" if reset == "after" else "W_hn (r * h)"] + terms["b_hn"]
                fresh = terms["W_in x"] + terms["b_in"]
                heard = one["r"] * (said if reset == "after" else one["h_prev"])
                small = {"said": said, "fresh": fresh, "heard": heard}
                small["sum"] = fresh + (heard if reset == "after" else said)
                x = f"layer {layer}" if layer else f"'{traced.char(position)}'"
                assert texts == {
                    **{name: f"{value:z.4f}" for name, value in one.items()},
                    **{name: f"{value:z.2f}" for name, value in small.items()},
                    "x": x,
                }
    assert next(found, None) is None


def test_the_table_and_the_sentences_of_every_layer():
    traced = trace(drawn.model(layers=2), steps=[12], indices=[1])
    page = html.render(traced)
    for layer in (0, 1):
        for sentence in parts.seen(traced, 0, layer, View()):
            assert f"<li>{sentence}</li>" in unescape(page)
        (row,) = parts.rows(traced, 0, layer, View())
        assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" in page
    assert [title in page for title in ("<h3>Layer 1 of 2</h3>", "<h3>Layer 2 of 2</h3>")] == [True, True]
    assert "Layer 1 of 2" not in html.render(traced, View(layer=2))


def test_the_letters_are_the_view_s():
    traced = trace(drawn.model(reset="before"), steps=[12], indices=[3])
    (course, numbers), (torch, plain) = (drawings(html.render(traced, view))[0] for view in (View(COURSE), View()))
    assert (course.get("data-takes"), torch.get("data-takes")) == ("yes", "no")
    assert numbers == {**plain, "z": plain["take"]} != plain
    letters = {slot.get("data-letter"): "".join(slot.itertext()) for slot in course.iter() if slot.get("data-letter")}
    assert [letters[name] for name in ("h", "z", "n", "take", "keep")] == [
        "c<12>", "γu<12>", "c\u0303<12>", "γu", "1 − γu",
    ]  # fmt: skip


def test_a_hostile_text_is_text():
    text = HOSTILE * 2
    page = html.render(trace(drawn.model(text), steps=range(1, len(HOSTILE) + 1), indices=[0]))
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page
    assert page.count("</pre>") == page.count("<pre>")
    read = [texts["x"] for _, texts in drawings(page)]
    assert (read[0], read[-2], read[-1]) == ("'<'", "'m'", "'\\x00'")
    assert f"<mark>{'&lt;'}</mark>script&gt;alert(1)&lt;/script&gt;" in page


def test_it_is_what_a_notebook_shows():
    traced = trace(drawn.model(), steps=[12])
    assert traced._repr_html_() == html.render(traced)
    assert html.render(traced).startswith('<meta charset="utf-8">')


def test_the_command_writes_it(chargru, tmp_path):
    done = chargru("trace", "--index", "38", "--format", "html", "--out", tmp_path / "page.html", "--check")
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Step 34 of 512 reads &#x27;s&#x27; and turns h_33 into h_34" in page
    assert "check: max |difference|" in page
    assert drawings(page)[0][1]["z"] == "0.9999"
