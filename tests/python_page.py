"""docs/python.md as a reader follows it: its examples, and a folder with the texts that it names."""

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHARACTERS = {"novel.txt": (0, 40_000), "letters.txt": (40_000, 60_000)}
"""Which part of the bundled text stands for the reader's own."""


def examples():
    """Every example of the page, in order."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.+?)^```", page, flags=re.MULTILINE | re.DOTALL):
        yield from doctest.DocTestParser().get_examples(block)


def texts(folder):
    """Write the reader's texts."""
    text = (ROOT / "data" / "cats.txt").read_text(encoding="utf-8")
    for name, (first, last) in CHARACTERS.items():
        (folder / name).write_text(text[first:last], encoding="utf-8")
