"""Samples as plain text, as the command prints them while they are made."""

from chargru.sampling import Samples
from chargru.show.view import View


def render(found: Samples, _: View | None = None) -> str:
    """Each sample after its prime, below a line that says which it is where there are more."""
    if found.original is None:
        return "\n".join(_lines(found.prime, found.samples))
    held = f"--- held: {', '.join(found.forced)} ---"
    original = _lines(found.prime, found.original)
    return "\n".join([held, *_lines(found.prime, found.samples), "--- without --force ---", *original])


def _lines(prime: str, samples: tuple[str, ...]) -> list[str]:
    if len(samples) == 1:
        return [prime + samples[0]]
    return [
        line
        for k, text in enumerate(samples, start=1)
        for line in (f"--- sample {k} of {len(samples)} ---", prime + text)
    ]
