"""What every format shows of a text's surprise: the sentences, and the table of the hardest words."""

from rich.cells import cell_len

from chargru.bundled import called
from chargru.insight.surprise import Surprise, Word
from chargru.show.characters import visible
from chargru.shown import one_line

WORDS = 10
"""So many of the hardest words have a row."""


def title(found: Surprise) -> str:
    """Which text was read by which run."""
    text, run = found.evaluation.text, found.evaluation.checkpoint
    return f"Surprise by character: {one_line(text)}{'' if run is None else f', read by {one_line(called(run))}'}"


def sentences(found: Surprise) -> list[str]:
    """The score, and how unevenly it is spread."""
    one = found.evaluation
    held = f", with {one_line(', '.join(one.forced))} held" if one.forced else ""
    windows = "" if one.window is None else f", in windows of {one.window:,}"
    said = [
        f"{one.val_bpc:.4f} bits per character over {one.characters:,} characters{windows}{held}.",
        f"Half of all bits fall on {_percent(found.half)} of the characters.",
    ]
    if found.left_out:
        many = len(found.left_out)
        said.append(f"{many:,} that the model does not know {'is' if many == 1 else 'are'} left out.")
    return said


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}"


def rest(found: Surprise, shown: int) -> str:
    """How much of the text is not shown, and how to see more; "" if all is."""
    N = len(found.text)
    if shown >= N:
        return ""
    return f"The first {shown:,} of {N:,} characters; --characters N shows more. Figures and words are of all."


def words(found: Surprise, widest: int | None = None) -> list[list[str]]:
    """The heading, and the hardest words that take a bit at least; one of more than `widest` cells is cut."""
    rows = [["word", "bits each", "per character", "times", "bits in all"]]
    return rows + [[_shown(one.word, widest), *_figures(one)] for one in found.words[:WORDS] if one.bits_each >= 1.0]


def _figures(one: Word) -> list[str]:
    return [f"{one.bits_each:.1f}", f"{one.bits_per_character:.2f}", f"{one.times:,}", f"{one.bits:,.1f}"]


def _shown(word: str, widest: int | None) -> str:
    shown = "".join(map(visible, word))
    if widest is None or cell_len(shown) <= widest:
        return shown
    taken = ""
    for char in shown:
        if cell_len(taken + char) >= widest:
            break
        taken += char
    return f"{taken}…"
