"""What networks with one part less learn by themselves: the facts of `chargru ablate --retrain`."""

from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, ClassVar

from chargru.gru.weights import Reset
from chargru.shown import Brief, Shown

AS_IS = "as it is"
PLAIN_AS_IS = "as it is *"
"""The GRU by plain equations, where a budget in minutes gives them fewer updates than the layer that is fast."""


@dataclass(frozen=True)
class Trial:
    """One training: the best score of the validation part, if there is one, and how it went.

    `diverged` if loss or gradient was not finite after so many updates; the score is then the best one before.
    """

    seed: int
    val_nats: float | None
    val_bpc: float | None
    updates: int
    chars_per_second: float
    diverged: bool = False


@dataclass(frozen=True)
class Retrained(Brief):
    """One variant, trained once for each seed.

    `parameters` are those that can change the output. `engine` says what trained it. `difference` is how many bits more
    it needs than the GRU that the same engine trained, or any engine under equal updates: the mean over the seeds that
    both have; None if there is none.
    """

    variant: str
    parameters: int
    engine: str
    trials: tuple[Trial, ...]
    difference: float | None = None

    @property
    def scores(self) -> dict[int, float]:
        """Bits per character by seed, of the trials that did not diverge."""
        return {one.seed: one.val_bpc for one in self.trials if one.val_bpc is not None and not one.diverged}

    @property
    def bits(self) -> float | None:
        """The mean of `scores`; None if there are none."""
        return fmean(self.scores.values()) if self.scores else None

    def minus(self, base: "Retrained | None") -> float | None:
        """The mean of the differences from `base` by seed; None if no seed has both."""
        both = () if base is None else tuple(self.scores.keys() & base.scores.keys())
        return fmean(self.scores[seed] - base.scores[seed] for seed in both) if base and both else None


@dataclass(frozen=True)
class Retraining(Shown):
    """Variants trained from scratch on `text`, each with the same budget, size and seeds; scored on its last part.

    `planned` is how many there were to be: there are fewer after Ctrl-C.
    """

    schema: ClassVar = "chargru.retraining/1"

    text: str
    characters: int
    hidden_size: int
    layers: int
    reset: Reset
    budget: str
    planned: int
    seeds: tuple[int, ...]
    variants: tuple[Retrained, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def named(self, variant: str) -> Retrained | None:
        """The variant of that name, if it was trained."""
        return next((one for one in self.variants if one.variant == variant), None)

    def base(self, variant: Retrained) -> Retrained | None:
        """What a variant is compared with: the GRU by the same equations, where those had fewer updates."""
        plain = self.named(PLAIN_AS_IS)
        return plain if plain is not None and variant.engine == plain.engine else self.named(AS_IS)

    @property
    def trials(self) -> int:
        """How many trainings were done."""
        return sum(len(one.trials) for one in self.variants)
