"""Samples in a notebook: the prime, set off, and what was made after it."""

from collections.abc import Iterator, Sequence

from chargru.sampling import Samples
from chargru.show.notebook.fragment import fragment, title, written
from chargru.show.view import View
from chargru.shown import counted
from chargru.text.sample import Sample

CHARACTERS = 20_000
"""So many are shown, primes counted; `str` has all."""

_Titled = tuple[str, str, str]
"""What stands above a sample, its prime, and what was made."""


def one(sample: Sample, view: View | None = None) -> str:
    """The fragment of one sample."""
    return fragment(*_beginning([("", sample.prime, sample)], view))


def several(found: Samples, view: View | None = None) -> str:
    """The fragment of all samples of a seed; those without the gates held follow."""
    parts = [*_titled(found.samples, found.prime, f"held: {', '.join(found.forced)}" if found.forced else "")]
    if found.original is not None:
        parts += _titled(found.original, found.prime, "without the gates held")
    return fragment(*_beginning(parts, view))


def _titled(samples: Sequence[str], prime: str, what: str) -> Iterator[_Titled]:
    for number, sample in enumerate(samples, start=1):
        words = [f"sample {number} of {len(samples)}"] if len(samples) > 1 else []
        words += [what] if what else []
        yield ", ".join(words), prime, sample


def _beginning(parts: Sequence[_Titled], view: View | None) -> Iterator[str]:
    """The samples until so many characters are shown, and how many more there are."""
    room = (view or View()).characters or CHARACTERS
    for words, prime, made in parts:
        if room > 0:
            shown = _text(prime[:room], made[: max(room - len(prime), 0)])
            yield (title(words) if words else "") + shown
        room -= len(prime) + len(made)
    if room < 0:
        yield f'<p class="soft">... {counted(-room, "more character")}</p>'


def _text(prime: str, made: str) -> str:
    before = f'<span class="prime" title="prime">{written(prime)}</span>' if prime else ""
    return f'<div class="text" dir="auto">{before}{written(made)}</div>'
