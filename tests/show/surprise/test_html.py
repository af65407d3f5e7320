"""The surprise of a text as a page: escaped, coloured, and complete."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np

from chargru.show.formats import show
from chargru.show.surprise import levels
from chargru.show.view import View


class Page(HTMLParser):
    """What stands in the element of class text: its characters, each with the class and title that it has."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.signs, self._inside, self._open = [], [], False, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self._inside = self._inside or given.get("class") == "text"
        self._open.append((tag, given))

    def handle_endtag(self, tag):
        if self._open:
            self._open.pop()
        self._inside = self._inside and tag != "div"

    def handle_data(self, data):
        if self._inside:
            marks = {tag for tag, _ in self._open}
            span = next((given for tag, given in self._open if tag == "span"), {})
            self.signs += [(char, span.get("class"), span.get("title"), "s" in marks) for char in data]


def test_every_character_has_its_level_and_its_bits(found):
    signs = Page(show(found, "html")).signs
    assert "".join(char for char, *_ in signs) == "The cat⏎\nwas 猫 <b>&\\x1b[2J⇥[/b] é"
    for at, (char, kind, title, _) in enumerate(signs[:8]):
        level = int(levels.levels(found.bits)[at])
        assert (char, kind) == ("The cat⏎"[at], f"b{level}" if level else None)
        assert title == (f"{found.bits[at]:.2f} bits" if level else None)
    assert [char for char, *_, struck in signs if struck] == ["é"]


def test_nothing_of_the_text_is_markup(found):
    page = show(found, "html")
    allowed = {"meta", "style", "div", "h1", "h2", "p", "span", "s", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(Page(page).tags) <= allowed
    assert "<b>" not in page
    assert "\x1b" not in page


def test_the_table_and_the_note(found):
    page = show(found, "html", View(characters=5))
    assert "The first 5 of 29 characters" in page
    assert len(Page(page).signs) == 5
    cells = [unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", page)]
    assert cells[:5] == ["was", "20.5", "6.83", "1", "20.5"]
    assert found._repr_html_() == show(found, "html")


def test_a_first_character_that_is_scored_has_its_level(made):
    """As in a validation split; it is not taken for one of the others."""
    signs = Page(show(made("ab", np.array([5.0, 0.1])), "html")).signs
    assert signs == [("a", "b4", "5.00 bits", False), ("b", None, None, False)]
