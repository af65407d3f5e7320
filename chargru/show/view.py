"""How a fact is shown: whose letters, how many digits, which layer, how wide. The fact itself does not change."""

from dataclasses import dataclass

from chargru.conventions.authors import TORCH
from chargru.conventions.convention import Convention
from chargru.errors import SettingError, check_setting, named
from chargru.insight.select import resolve_layers

TABLE_DIGITS = 2
WORKED_DIGITS = 4
MOST_DIGITS = 15
BACK = 20


@dataclass(frozen=True)
class View:
    """What a writer is told.

    `digits` after the point (None: 2 in tables and sentences, 4 in calculations), `layer` (1-based; None: all),
    `terms`: whether a product shows its largest parts; `back`: how many of a ledger's last steps are listed one by one;
    `width`: columns of the terminal, None if it goes elsewhere; `whole`: all that there is, where a table of a terminal
    would else show the first screen.

    Raises SettingError for digits outside 1 to 15 and for `back` below 1.
    """

    convention: Convention = TORCH
    digits: int | None = None
    layer: int | None = None
    terms: bool = False
    back: int = BACK
    width: int | None = None
    whole: bool = False
    characters: int | None = None
    colour: bool = False

    def __post_init__(self) -> None:
        if self.digits is not None and not 1 <= self.digits <= MOST_DIGITS:
            raise SettingError(
                f"{self.digits} digits cannot be shown", f"give {named('digits')} from 1 to {MOST_DIGITS}"
            )
        if self.characters is not None:
            check_setting("characters", self.characters, self.characters >= 1, "at least 1")
        if self.back < 1:
            hint = "give the number of steps to list, say 20"
            raise SettingError(f"{named('back')} is {self.back}, but it must be at least 1", hint)

    def layers(self, count: int) -> tuple[int, ...]:
        """The layers to show of so many, 0-based. Raises StepError for a layer that the model does not have."""
        return tuple(layer - 1 for layer in resolve_layers(self.layer, count))

    def short(self, value: float) -> str:
        """A number as tables and sentences show it."""
        return number(value, TABLE_DIGITS if self.digits is None else self.digits)

    def difference(self, value: float) -> str:
        """A difference as sentences show it; one that is not none is never shown as none."""
        shown = self.short(value)
        return shown if float(shown) or not value else f"less than {self.short(0.0)[:-1]}1"

    def long(self, value: float) -> str:
        """A number as calculations show it."""
        return number(value, WORKED_DIGITS if self.digits is None else self.digits)


def number(value: float, digits: int) -> str:
    """The value rounded to `digits` after the point; what rounds to nothing has no sign."""
    return f"{value:z.{digits}f}"
