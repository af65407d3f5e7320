"""What a run's losses say of how it went, in a sentence: whether it went on long after its best weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chargru import sizing

EARLY = 0.7
"""The best update lies well before the end if it is at most this share of all."""
ROSE = 1.02
"""The validation loss has risen if it ends at so many times its best."""
FELL = 0.9
"""The training loss went on falling if it ends at so much of what it was at the best update."""
MUCH_LARGER = 4
"""So many times the units that the text asks for are worth a word."""
PATIENCE = 5
"""The least patience that is offered."""
Word = Callable[[str, object], str]


@dataclass(frozen=True)
class Validated:
    """A validation of a run: after which update, the losses in bits per character. That of training may be unknown."""

    update: int
    train_bpc: float | None
    val_bpc: float


def argument(name: str, value: object) -> str:
    """A setting as Python has it."""
    return f"{name}={value}"


def overfitting(
    validated: Sequence[Validated], *, hidden_size: int, characters: int, word: Word = argument
) -> str | None:
    """Two lines on a run of such validations, with so many characters to train on; None where its best is recent.

    The first says what happened, the second what to do. `word` writes a setting as the reader gives it.
    """
    if not validated:
        return None
    losses = [one.val_bpc for one in validated]
    best = losses.index(min(losses))
    then, last = validated[best], validated[-1]
    if then.update > EARLY * last.update or last.val_bpc < ROSE * then.val_bpc:
        return None
    if then.train_bpc is not None and last.train_bpc is not None and last.train_bpc <= FELL * then.train_bpc:
        happened, advice = "the model learned the text by heart", _more(hidden_size, characters, word)
    else:
        happened, advice = "the validation loss rose", "try a smaller learning rate"
    stop = _early_stop(losses, best)
    if stop < len(validated) and validated[stop].update < EARLY * last.update:
        advice += f"; {word('patience', stop - best)} would have stopped at update {validated[stop].update:,}"
    return f"best at update {then.update:,} of {last.update:,}; after it {happened}\n{advice}"


def _more(hidden_size: int, characters: int, word: Word) -> str:
    """What helps against a text learned by heart."""
    fitting = sizing.hidden_size(characters)
    if hidden_size >= MUCH_LARGER * fitting:
        return f"try {word('hidden_size', fitting)}, or more text"
    return "more text helps most"


def _early_stop(losses: Sequence[float], best: int) -> int:
    """Which of the validations would have been the last one with a patience that does not miss the best one."""
    lowest = longest = 0
    for at in range(best + 1):
        lowest = at if losses[at] < losses[lowest] else lowest
        longest = max(longest, at - lowest)
    return best + max(PATIENCE, longest + 2)
