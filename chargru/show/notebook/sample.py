"""Samples in a notebook: the prime, set off, and what was made after it."""

from collections.abc import Iterator, Sequence

from chargru.sampling import Samples
from chargru.show.notebook.fragment import fragment, title, written
from chargru.show.view import View
from chargru.text.sample import Sample


def one(sample: Sample, _: View | None = None) -> str:
    """The fragment of one sample."""
    return fragment(_text(sample.prime, sample))


def several(found: Samples, _: View | None = None) -> str:
    """The fragment of all samples of a seed; those without the gates held follow."""
    parts = [*_titled(found.samples, found.prime, f"held: {', '.join(found.forced)}" if found.forced else "")]
    if found.original is not None:
        parts += _titled(found.original, found.prime, "without the gates held")
    return fragment(*parts)


def _titled(samples: Sequence[str], prime: str, what: str) -> Iterator[str]:
    for number, sample in enumerate(samples, start=1):
        words = [f"sample {number} of {len(samples)}"] if len(samples) > 1 else []
        words += [what] if what else []
        yield (title(", ".join(words)) if words else "") + _text(prime, sample)


def _text(prime: str, made: str) -> str:
    before = f'<span class="prime" title="prime">{written(prime)}</span>' if prime else ""
    return f'<div class="text" dir="auto">{before}{written(made)}</div>'
