"""The one place that finds what ships with the program: the text cats.txt and the two small runs trained on it.

A wheel carries them inside the package; a checkout has them beside it.
"""

from contextlib import suppress
from pathlib import Path

from chargru.errors import ChargruError

CATS = "cats"
"""How a run's document names the bundled text, wherever it is installed."""
RUNS = (CATS, "cats-rnn")
"""A GRU, which the commands read until there is a run of one's own, and a tanh RNN of the same size."""

_PACKAGE = Path(__file__).resolve().parent


def _find(*parts: str) -> Path:
    inside, beside = (root.joinpath(*parts) for root in (_PACKAGE, _PACKAGE.parent))
    if inside.exists():
        return inside
    if beside.exists():
        return beside
    raise ChargruError(
        f"{'/'.join(parts)}, which ships with the program, is missing", "install chargru again, or name a file"
    )


def text_path() -> Path:
    """The bundled text, data/cats.txt. Raises ChargruError if the installation lost it."""
    return _find("data", "cats.txt")


def run_path(name: str = CATS) -> Path:
    """A bundled run, checkpoints/NAME. Raises ChargruError if the installation lost it."""
    return _find("checkpoints", name)


def run_paths() -> list[Path]:
    """The bundled runs that have not been lost."""
    found = []
    for name in RUNS:
        with suppress(ChargruError):
            found.append(run_path(name))
    return found


def called(checkpoint: str) -> str:
    """What a sentence calls a run: the name of one that ships with chargru, where it was found here; else its path."""
    for name in RUNS:
        if Path(checkpoint) in (root / "checkpoints" / name for root in (_PACKAGE, _PACKAGE.parent)):
            return name
    return checkpoint
