"""The score of a text as plain lines."""

from chargru.scoring import Evaluation, Figures
from chargru.show.ablation import STUCK
from chargru.show.key_values import lines
from chargru.show.view import View


def render(found: Evaluation, _: View | None = None) -> str:
    """What was scored and how, and the figures; with gates held those of the model without them too."""
    rows = read(found)
    if found.original is None:
        return "\n".join(lines([*rows, *figures(found)]))
    held = lines([*rows, ("held", ", ".join(found.forced))])
    both = [*lines(figures(found), "with gates held"), *lines(figures(found.original), "without --force")]
    return "\n".join([*held, *both, STUCK])


def read(found: Evaluation) -> list[tuple[str, str]]:
    """What was scored, and how it was read."""
    how = "one stream" if found.window is None else f"windows of {found.window:,}, each from the zero state"
    return [("text", found.text), ("read as", how), ("characters", f"{found.characters:,} scored")]


def figures(found: Evaluation | Figures) -> list[tuple[str, str]]:
    """The loss in nats and in bits, and the perplexity."""
    perplexity = found.perplexity
    return [
        ("nats", f"{found.val_nats:.4f} per character"),
        ("bits", f"{found.val_bpc:.4f} per character"),
        ("perplexity", "beyond all numbers" if perplexity is None else f"{perplexity:.4g} per character"),
    ]
