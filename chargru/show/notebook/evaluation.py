"""The score of a text in a notebook: the figures, and the text in the colours of its bits where the score has it."""

from collections.abc import Iterator

from chargru.insight.surprise import Surprise
from chargru.scoring import Evaluation
from chargru.show import evaluation as plain
from chargru.show.notebook.fragment import CLASS, fragment, named, table, title
from chargru.show.surprise import html as surprise
from chargru.show.view import View

CHARACTERS = 2_000
"""So many are shown in colour; `chargru.surprise` shows more."""


def render(found: Evaluation, view: View | None = None) -> str:
    """A fragment; all text is escaped."""
    style = surprise.scale(CLASS) if found.beginning is not None else ""
    return fragment(*_parts(found, view or View()), style=style)


def _parts(found: Evaluation, view: View) -> Iterator[str]:
    yield title(f"{found.val_bpc:.4f} bits per character")
    if found.original is None:
        yield named([*plain.figures(found), *plain.read(found)])
    else:
        held, without = plain.figures(found), plain.figures(found.original)
        rows = [(name, value, other) for (name, value), (_, other) in zip(held, without, strict=True)]
        yield table([("", "with gates held", "without"), *rows], left=3)
        yield named([("held", ", ".join(found.forced)), *plain.read(found)])
    if found.beginning is not None:
        yield from _text(found, view.characters or CHARACTERS)


def _text(found: Evaluation, most: int) -> Iterator[str]:
    """The text in colour, and what its colours mean."""
    one = found.beginning
    if one is None:
        return
    shown = min(most, len(one.text))
    coloured = Surprise(found, one.text, one.bits, (), one.left_out)
    yield surprise.legend(coloured)
    yield f'<div class="text" dir="auto">{surprise.text(coloured, shown)}</div>'
    if shown < one.length:
        first = f"The first {shown:,} of {one.length:,} characters; chargru.surprise(model, text) has all."
        yield f'<p class="soft">{first}</p>'
