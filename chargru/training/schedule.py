"""When: the learning rate over the used share of the budget, and the moments to validate and to save."""

import math
from dataclasses import dataclass

from chargru import evaluation
from chargru.training.settings import Budget

WARM_UP_SHARE = 0.02
"""The share of the budget over which the learning rate rises to its peak."""

SAVE_EVERY = 20.0
"""Seconds between saves; the contract promises 30."""

VALIDATIONS = 20
"""About how many validations a budget holds. A small split is scored again after a share of 1/20 more updates."""

SLOW_VALIDATIONS = 10
"""About how many validations of a small split minutes hold at least, where updates are slow."""

VALIDATION_COST = 10
"""Training takes at least this many times the seconds of validation."""

SMALL = 30_000
"""Characters of a small validation split, at most: that of a text of 300,000."""

STEP_COST = 0.1
"""Of the time that an update takes for a step of its window, a step of scoring takes this, however few its lanes."""


def learning_rate(peak: float, share: float) -> float:
    """Rise linearly to `peak`, then fall along half a cosine to 0 at share 1 of the budget."""
    if share < WARM_UP_SHARE:
        return peak * max(share, WARM_UP_SHARE / 20) / WARM_UP_SHARE
    fallen = min(1.0, (share - WARM_UP_SHARE) / (1.0 - WARM_UP_SHARE))
    return peak * 0.5 * (1.0 + math.cos(math.pi * fallen))


@dataclass
class Schedule:
    """When to validate, and which share of the budget is used.

    A small validation split is scored at fixed updates under every budget: a small text is known by heart after a few
    dozen of them, so its best weights are soon past; under minutes also by the clock, where updates are slow. A larger
    one is scored at even shares of a budget of updates or epochs, and by the clock under minutes. What is decided by
    updates repeats.
    """

    budget: Budget
    windows_per_epoch: int
    lanes: int
    window: int
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

    def validation_due(self, updates: int, validated: int, seconds: float) -> bool:
        """Whether to validate: after `updates`, the last time after `validated` and `seconds` ago."""
        total = self.budget.total_updates(self.windows_per_epoch)
        if total is None:
            times = SLOW_VALIDATIONS if self.small else VALIDATIONS
            if seconds >= max(self.budget.amount * 60 / times, VALIDATION_COST * self.validation_seconds):
                return True
            if not self.small:
                return False
        apart = validated // VALIDATIONS if total is None or self.small else total // VALIDATIONS
        return updates - validated >= max(1, apart, self.cheap)

    @property
    def small(self) -> bool:
        """Whether the validation split is a small one."""
        return self.validation_characters <= SMALL

    @property
    def cheap(self) -> int:
        """How many updates take VALIDATION_COST times as long as a validation, about."""
        # Scoring a character costs about a third of training on it; a step of one lane costs something by itself.
        cost = self.validation_characters / (3 * self.lanes * self.window)
        if self.small:
            cost += STEP_COST * evaluation.plan(self.validation_characters).steps / self.window
        return math.ceil(VALIDATION_COST * cost)
