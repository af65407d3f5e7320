"""Samples as plain text: all of them, or piece by piece while they are made."""

from collections.abc import Iterator

from chargru.sampling import Samples
from chargru.show.view import View
from chargru.text.sample import Sample

ORIGINAL = "--- without --force ---\n"


def render(found: Samples, _: View | None = None) -> str:
    """Each sample after its prime, below a line that says which it is where there are more."""
    if found.original is None:
        return _whole(found.samples, found.prime)
    return held(found.forced) + _whole(found.samples, found.prime) + ORIGINAL + _whole(found.original, found.prime)


def one(found: Sample, _: View | None = None) -> str:
    """A sample after its prime."""
    return found.prime + found


def _whole(samples: tuple[str, ...], prime: str) -> str:
    return "".join(live(iter([list(samples)]), prime, len(samples)))


def held(forced: tuple[str, ...]) -> str:
    """What stands above the samples of a model with gates held."""
    return f"--- held: {', '.join(forced)} ---\n"


def live(made: Iterator[list[str]], prime: str, count: int) -> Iterator[str]:
    """The text of `count` samples from what each says next: the first one as it is made, the others after it."""
    texts = [""] * count
    yield _title(1, count) + prime
    for pieces in made:
        yield pieces[0]
        texts = [text + piece for text, piece in zip(texts, pieces, strict=True)]
    yield "\n"
    for k, text in enumerate(texts[1:], start=2):
        yield f"{_title(k, count)}{prime}{text}\n"


def _title(k: int, count: int) -> str:
    return f"--- sample {k} of {count} ---\n" if count > 1 else ""
