"""What a network loses without one part: a table for a terminal, for Markdown, and rows."""

import textwrap
from collections.abc import Iterator
from math import log2

from rich.text import Text

from chargru.bundled import called
from chargru.insight.ablation import AS_IS, Ablated, Ablation
from chargru.show.characters import visible
from chargru.show.columns import WIDTH, aligned
from chargru.show.data import csv_text
from chargru.show.view import View

STUCK = "A stuck gate damages a trained network; the fair test: chargru ablate --retrain"
"""The warning in one line, wherever gates of a trained network are held."""

DAMAGED = (
    "A trained network with a stuck gate is a damaged network: this table says what these weights rely on, not what a "
    "network needs. The fair test trains each from scratch: chargru ablate --retrain --minutes 1"
)
LETTERS = "In the course's letters r is gamma_r, 1 - z is gamma_u, n is c~ and h is c."
ASKS = {
    AS_IS: "",
    "r = 1": "must r ever close?",
    "r = 0": "must r ever open?",
    "z = its mean": "must z change from step to step?",
    "z = 0": "is the candidate n enough by itself?",
    "h = (1 - z) n": "must the old state be carried over?",
    "W_hn = 0": "must the candidate see the old state?",
    "reset before": "is r before the product the same net?",
    "reset after": "is r after the product the same net?",
}
"""What each variant asks, by its name."""

Row = tuple[str, str, str, str]
HEADINGS: Row = ("", "bits/char", "difference", "asks")


def render(found: Ablation, view: View | None = None) -> Text:
    """The warning, the table, and which parts count most; a narrow terminal gets no questions."""
    lines = _lines(found, min((view and view.width) or WIDTH, WIDTH))
    return Text("\n".join(lines), no_wrap=True, overflow="ignore")


def _lines(found: Ablation, width: int) -> Iterator[str]:
    yield from textwrap.wrap(DAMAGED, width)
    yield ""
    yield from textwrap.wrap(_what(found), width)
    yield ""
    columns = len(HEADINGS) - (width < WIDTH)
    rows = [row[:columns] for row in (HEADINGS, *_rows(found))]
    heading, *lines = aligned(rows, (0, 9, 10, 0)[:columns], left=(0, 3))
    yield from (heading, "─" * width, *lines, "")
    for note in _notes(found):
        yield from textwrap.wrap(note, width)


def markdown(found: Ablation, _: View | None = None) -> str:
    """The same as Markdown."""
    table = [HEADINGS, ("---", "---:", "---:", "---"), *_rows(found)]
    lines = [f"| {' | '.join(row)} |" for row in table]
    return "\n\n".join([DAMAGED, _what(found), "\n".join(lines), *_notes(found)]) + "\n"


def as_csv(found: Ablation, _: View | None = None) -> str:
    """A row a variant, unrounded."""
    rows = ((one.variant, one.val_nats, one.val_bpc, one.difference) for one in found.variants)
    return csv_text([("variant", "val_nats", "val_bpc", "difference"), *rows])


def _what(found: Ablation) -> str:
    network = "this model" if found.checkpoint is None else called(found.checkpoint)
    held = f", with {', '.join(found.forced)} held," if found.forced else ""
    some = f"{'the first ' * bool(found.left_out)}{found.characters:,} character{'s' * (found.characters != 1)}"
    return "".join(map(visible, f"{network}{held} on {found.text}: {some} scored, reset {found.reset} the product."))


def _rows(found: Ablation) -> Iterator[Row]:
    for one in found.variants:
        difference = "" if one.variant == AS_IS else f"{one.difference:+z.4f}"
        yield one.variant, f"{one.val_bpc:.4f}", difference, ASKS[one.variant]


def _notes(found: Ablation) -> Iterator[str]:
    """Which changes count, what a guess would cost, and the course's letters."""
    yield _most_and_least(found)
    guess = log2(found.vocabulary)
    if max(one.val_bpc for one in found.variants) > guess:
        cost = f"A guess among {found.vocabulary} characters costs {guess:.2f} bits."
        yield f"{cost} A row above that is confident and wrong."
    yield LETTERS


def _most_and_least(found: Ablation) -> str:
    """Which change costs most and which least, or gains: a cost can be below 0."""

    def cost(one: Ablated) -> float:
        return one.difference

    _, *changed = found.variants
    most, least = max(changed, key=cost), min(changed, key=cost)
    return (
        f"The largest difference is that of {most.variant} ({most.difference:+z.4f} bits), the smallest that of "
        f"{least.variant} ({least.difference:+z.4f})."
    )
