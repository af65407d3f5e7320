"""The map of the gates as HTML: nothing in a text or a pattern is taken for markup."""

import re
from html.parser import HTMLParser

import pytest
from drawn import TEXT, model

from chargru.insight.gates import gates
from chargru.show.formats import show

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;]]>\x1b[31m"


class Elements(HTMLParser):
    """The elements that a browser makes, and what each says of itself."""

    def __init__(self, document):
        super().__init__()
        self.found = []
        self.feed(document)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, [name for name, _ in attributes]))


@pytest.mark.parametrize("pattern", [None, HOSTILE[:8], "<script>|onerror"])
def test_a_hostile_text_makes_no_element(pattern):
    ours = model(TEXT + HOSTILE)
    found = show(gates(ours, HOSTILE * 2, match=pattern), "html")
    allowed = {"meta", "style", "p", "b", "ul", "li", "mark", "div", "table", "thead", "tbody", "tr", "th", "td"}
    elements = Elements(found).found
    assert {tag for tag, _ in elements} <= allowed
    assert {name for _, names in elements for name in names} <= {"charset", "class", "title"}
    assert len(re.findall("<th title=", found)) == len(HOSTILE * 2)
    assert "\x1b" not in found
