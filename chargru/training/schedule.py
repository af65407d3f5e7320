"""When: the learning rate over the used share of the budget, and the moments to validate and to save."""

import math
from dataclasses import dataclass

from chargru.training.settings import Budget

WARM_UP_SHARE = 0.02
"""The share of the budget over which the learning rate rises to its peak."""

SAVE_EVERY = 20.0
"""Seconds between saves; the contract promises 30."""

VALIDATIONS = 20
"""About how many validations a budget holds."""

VALIDATION_COST = 10
"""Training takes at least this many times the seconds of validation."""


def learning_rate(peak: float, share: float) -> float:
    """Rise linearly to `peak`, then fall along half a cosine to 0 at share 1 of the budget."""
    if share < WARM_UP_SHARE:
        return peak * max(share, WARM_UP_SHARE / 20) / WARM_UP_SHARE
    fallen = min(1.0, (share - WARM_UP_SHARE) / (1.0 - WARM_UP_SHARE))
    return peak * 0.5 * (1.0 + math.cos(math.pi * fallen))


@dataclass
class Schedule:
    """Decides by updates under a budget of updates or epochs (so that a run repeats), by the clock under minutes."""

    budget: Budget
    windows_per_epoch: int
    characters_per_update: int
    validation_characters: int
    validation_seconds: float = 0.0
    """How long the last validation took."""

    def share(self, updates: int, seconds: float) -> float:
        """The used share of the budget. Under minutes, the last validation's time is set aside."""
        total = self.budget.total_updates(self.windows_per_epoch)
        if total is not None:
            return updates / total
        left_aside = min(self.validation_seconds, 0.5 * self.budget.amount * 60)
        return seconds / (self.budget.amount * 60 - left_aside)

    def validation_due(self, updates: int, seconds: float) -> bool:
        """Whether to validate, `updates` and `seconds` being those since the last validation."""
        total = self.budget.total_updates(self.windows_per_epoch)
        if total is None:
            return seconds >= max(self.budget.amount * 60 / VALIDATIONS, VALIDATION_COST * self.validation_seconds)
        # Scoring a character costs about a third of training on it.
        cheap = math.ceil(VALIDATION_COST / 3 * self.validation_characters / self.characters_per_update)
        return updates >= max(1, total // VALIDATIONS, cheap)
