"""The worked calculation in Markdown, line by line."""

import re

import pytest
from calculations import CASES, INDEX, expected, written

from chargru.show.trace import markdown


@pytest.mark.parametrize("case", CASES)
def test_the_calculation_line_by_line(case):
    text = written(case, markdown.render)
    found = re.search(rf"^\*\*Index {INDEX} worked out\*\*\n\n```text\n(.*?)\n```$", text, flags=re.M | re.S)
    assert found[1] == expected("calculation.txt")[case]
