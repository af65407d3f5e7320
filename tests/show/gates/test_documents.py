"""The gates as Markdown, HTML, JSON and CSV: the same as at a terminal, whole, and nothing of the text acts."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from drawn import TEXT, model
from handmade import by_hand

from chargru.insight.gates import gates
from chargru.show.formats import html, show
from chargru.show.gates import terminal
from chargru.show.gates.levels import SIGNS, lower_edges
from chargru.show.view import View

FIGURES = ("z_mean", "z_std", "r_mean", "r_std", "z_low", "z_high", "rnn", "age", "run")


class Cells(HTMLParser):
    """The rows of every table, and the text outside of tables."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.text, self._in, self.tags = [], "", False, set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append(("", dict(attributes).get("class")))
        self._in = tag in ("td", "th", "mark") or (self._in and tag != "style")

    def handle_endtag(self, tag):
        self._in = self._in and tag not in ("table", "thead", "tbody")

    def handle_data(self, data):
        if self._in:
            cell, class_ = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = (cell + data, class_)
        else:
            self.text += data


@pytest.mark.parametrize("gate", ["z", "h"])
def test_the_page_s_map(gate):
    found = gates(model(), gate=gate)
    page = Cells(show(found, "html"))
    heading, *rows = page.tables[0]
    assert "".join(cell for cell, _ in heading[1:]) == TEXT.replace("\n", "⏎")
    values = by_hand(model(), TEXT)[gate][0]
    for (index, _), *cells in rows:
        levels = [sum(value >= edge for edge in lower_edges(gate)[1:]) for value in values[:, int(index)]]
        assert cells == [(SIGNS[level], f"{gate}{level}") for level in levels]
    assert sorted(int(row[0][0]) for row in rows) == list(range(6))


def test_the_page_needs_nothing_else_and_is_what_a_notebook_shows():
    found = gates(model())
    page = show(found, "html")
    assert page.startswith('<meta charset="utf-8"><style>')
    assert "http" not in page
    assert html(found) == found._repr_html_() == page
    assert all(f".chargru-map .z{level}{{color:#" in page for level in range(10))


@pytest.mark.parametrize("format_", ["html", "markdown"])
def test_nothing_of_the_text_is_taken_as_markup(format_):
    text = "<b>&amp;|```\n* [x](y)</b>\n" * 4
    page = show(gates(model(text), match="[<]"), format_)
    if format_ == "html":
        assert {"b", "a"} & Cells(page.replace("<p><b>", "<p>")).tags == set()
        assert "".join(cell for cell, _ in Cells(page).tables[-3][0][1:]) == text.replace("\n", "⏎")
        assert re.search(">[<&]<", page) is None
    else:
        assert "\n````text\n" in page


def test_matches_are_marked_on_the_page():
    found = gates(model(), match="e")
    assert show(found, "html").count("<mark>e</mark>") == TEXT.count("e")


def test_markdown_has_the_map_and_the_figures_of_the_terminal():
    found = gates(model(layers=2), match="[ea]")
    page, lines = show(found, "markdown"), terminal.render(found).plain.split("\n")
    maps = [line for line in lines if re.match(r" {4}\d  [.1-8#]+$", line)]
    assert len(maps) == 12
    assert all(f"\n{line}\n" in page for line in maps)
    rows = [re.split(r" {2,}", line.strip()) for line in lines if "±" in line and line.startswith("    ")]
    assert len(rows) == 12
    for row in rows:
        assert "| " + " | ".join(row[:-1]) + " | " in page


@pytest.mark.parametrize("layers", [1, 2])
def test_the_document(layers):
    m = model(layers=layers)
    found = gates(m, steps=[5, 9], gate="n", indices=[2], match="e", force=["r[1]=1"])
    document = json.loads(show(found, "json", View(layer=1)))
    assert document["schema"] == "chargru.gates/1"
    assert (document["text"], document["characters"], document["checkpoint"]) == (TEXT, 84, None)
    assert document["forced"] == ["r[1]=1"]
    assert (document["low"], document["high"], document["long_memory_above"]) == (0.1, 0.9, 10.0)
    hand = by_hand(m.force("r[1]=1"), TEXT)
    assert document["map"]["steps"] == [5, 9]
    assert document["map"]["gate"] == "n"
    for layer, one in enumerate(document["map"]["layers"]):
        assert np.abs(np.array(one["values"]) - hand["n"][layer][[4, 8]]).max() < 1e-12
    for layer, one in enumerate(document["layers"]):
        assert one["layer"] == layer + 1
        assert [row["index"] for row in one["indices"]] == list(range(6))
        z = hand["z"][layer]
        assert np.abs(np.array([row["z_mean"] for row in one["indices"]]) - z.mean(axis=0)).max() < 1e-12
        assert np.abs(np.array([row["z_high"] for row in one["indices"]]) - (z > 0.9).mean(axis=0)).max() < 1e-12
        assert all(row["memory"] == ("long" if row["age"] > 10 else "short") for row in one["indices"])
        change = np.abs(hand["h"] - hand["h_prev"])[layer]
        for index, row in enumerate(one["indices"]):
            assert row["largest_change"] == change[:, index].argmax() + 1
            shares = [place["share"] for place in row["rewritten_at"]]
            assert shares == sorted(shares, reverse=True)
            for place in row["rewritten_at"]:
                own = [at for at, char in enumerate(TEXT) if char == place["char"]]
                assert abs(place["share"] - change[own, index].sum() / change[:, index].sum()) < 1e-12


def test_the_document_of_a_match():
    found = gates(model(layers=2), match="e")
    match = json.loads(show(found, "json"))["match"]
    assert match["pattern"] == "e"
    assert match["steps"] == [at for at, char in enumerate(TEXT, start=1) if char == "e"]
    assert (match["among"], match["characters"], match["places"]) == (None, 84, 84)
    assert (match["shifts"], match["chance"]) == (67, found.match.chance)
    assert match["beating_chance"] == found.match.telling.sum()
    for layer, one in enumerate(match["layers"]):
        for index, row in enumerate(one["indices"]):
            for quantity, name in enumerate("rznh"):
                place = (layer, quantity, index)
                assert row[name] == {
                    "score": found.match.scores[place],
                    "auc": found.match.auc[place],
                    "mean_at_matches": found.match.inside[place],
                    "mean_elsewhere": found.match.outside[place],
                }
    assert json.loads(show(gates(model()), "json"))["match"] is None


def test_rows():
    found = gates(model(layers=2), match="e")
    rows = list(csv.DictReader(io.StringIO(show(found, "csv"))))
    assert [(row["layer"], row["index"]) for row in rows] == [(str(k), str(i)) for k in (1, 2) for i in range(6)]
    for row in rows:
        layer, index = int(row["layer"]) - 1, int(row["index"])
        assert [float(row[name]) for name in FIGURES] == [getattr(found.layers[layer], name)[index] for name in FIGURES]
        assert [float(row[f"score_{name}"]) for name in "rznh"] == found.match.scores[layer, :, index].tolist()
    assert "score_r" not in show(gates(model()), "csv")
