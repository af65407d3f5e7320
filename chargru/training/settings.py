"""What a run is trained with: the one table of defaults, and the budget.

No torch here: `--help` and `info` read this.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from chargru import documents
from chargru.arguments import READ, real
from chargru.errors import ChargruError, DamagedRunError, SettingError, check_setting, named
from chargru.gru import forcing
from chargru.gru.weights import Architecture, Reset
from chargru.shown import in_short

BudgetUnit = Literal["minutes", "epochs", "updates"]
Precision = Literal["fp32", "bf16", "auto"]
LARGEST = 1_000_000
"""Units, layers, lanes and steps beyond this are a slip of the finger."""
LATER: dict[str, Any] = {"weight_drop": 0.0, "initial_memory": 0.0}
"""What a run without a setting was trained with: settings that came after the first runs."""


@dataclass(frozen=True)
class Settings:
    """Every choice of a run but its text and its budget, with the default of each.

    Raises SettingError if a value is out of its range.
    """

    hidden_size: int = 512
    """H, units a layer; `train` chooses by the text's length unless it is given."""
    layers: int = 1
    reset: Reset = "after"
    """Where r acts: after the product with W_hn, as in torch.nn.GRU, or before it."""
    force: tuple[str, ...] = ()
    """Gates held at 0 or 1 throughout, as `gru.forcing` writes them."""
    initial_memory: float = 0.0
    """Steps that units hold for at first, from 2 to this many over the units; 0 is 4 for each."""
    batch_size: int = 32
    """B, parallel lanes."""
    window: int = 64
    """T, steps between truncations of back-propagation."""
    learning_rate: float = 0.006
    """Peak of the schedule."""
    weight_decay: float = 0.01
    """AdamW's, on matrices only."""
    clip: float = 1.0
    """Largest gradient norm an update uses."""
    dropout: float = 0.3
    """Probability with which an output of a layer is zeroed while training."""
    weight_drop: float = 0.1
    """Probability with which an element of W_hh is zeroed while training, one draw a window."""
    validation_fraction: float = 0.1
    """Share of the text, at its end, that is scored and never trained on."""
    patience: int = 0
    """Validations without a new best before the run stops early; 0 never stops."""
    seed: int = 0
    threads: int = 0
    """CPU threads; 0 leaves the choice to torch."""
    precision: Precision = "auto"
    """Of the products with W_hh: fp32, bf16, or what is faster here."""
    device: str = "auto"
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = READ[type(field.default)](field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        for name in ("hidden_size", "layers", "batch_size", "window"):
            check_setting(name, getattr(self, name), 1 <= getattr(self, name) <= LARGEST, f"from 1 to {LARGEST:,}")
        for name in ("learning_rate", "clip"):
            check_setting(name, getattr(self, name), 0 < getattr(self, name) < float("inf"), "above 0")
        check_setting("weight_decay", self.weight_decay, 0 <= self.weight_decay < float("inf"), "0 or more")
        memory = self.initial_memory
        check_setting("initial_memory", memory, memory == 0 or 2 <= memory <= LARGEST, f"0, or from 2 to {LARGEST:,}")
        for name in ("patience", "seed", "threads"):
            most = 4096 if name == "threads" else 2**62
            check_setting(name, getattr(self, name), 0 <= getattr(self, name) <= most, f"from 0 to {most:,}")
        for name in ("dropout", "weight_drop", "validation_fraction"):
            check_setting(name, getattr(self, name), 0 <= getattr(self, name) < 1, "at least 0 and below 1")
        check_setting("reset", self.reset, self.reset in get_args(Reset), "after or before")
        check_setting("precision", self.precision, self.precision in get_args(Precision), "fp32, bf16 or auto")
        held = forcing.for_training(self.force, Architecture(1, self.hidden_size, self.layers, self.reset))
        object.__setattr__(self, "force", tuple(map(str, held)))

    def to_document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Settings":
        """From JSON. Raises DamagedRunError if a setting is missing, unknown or out of range."""
        documents.check(document, documents.Settings, "settings")
        document = {**LATER, **document}
        known = {field.name for field in fields(cls)}
        odd = sorted(known ^ set(document))
        if odd:
            raise DamagedRunError(f"its settings differ from this version's in {odd[0]!r}")
        try:
            return cls(**document)
        except ChargruError as error:
            said = in_short(str(error), documents.LONGEST_LINE)
            raise DamagedRunError(f"its settings are damaged ({said})", "use a backup of this run") from error


DEFAULTS = Settings()


MOST = 10**12
"""Of a budget: more than anybody's minutes, epochs or updates, and few enough to count in."""


@dataclass(frozen=True)
class Budget:
    """How long a run may train: an amount of minutes (wall-clock, validation included), epochs or updates."""

    unit: BudgetUnit = "minutes"
    amount: float = 2.0

    def __post_init__(self) -> None:
        check_setting(self.unit, f"{self.amount:g}", 0 < self.amount <= MOST, f"above 0 and at most {MOST:,}")

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.amount == 1 else self.unit
        return f"{self.amount:g} {unit}"

    def total_updates(self, windows_per_epoch: int) -> int | None:
        """How many updates the budget allows; None if only the clock knows."""
        if self.unit == "minutes":
            return None
        return max(1, round(self.amount * (windows_per_epoch if self.unit == "epochs" else 1)))

    def to_document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Budget":
        """From JSON. Raises DamagedRunError if it is not a budget."""
        documents.check(document, documents.Budget, "budget", whole=True)
        try:
            return cls(document["unit"], document["amount"])
        except SettingError as error:
            raise DamagedRunError(f"its budget is damaged ({error})") from error


DEFAULT_BUDGET = Budget()


def budget(minutes: float | None, epochs: float | None, updates: int | None) -> Budget | None:
    """The budget that was asked for, if any. Raises SettingError if more than one was."""
    given: dict[BudgetUnit, float | None] = {"minutes": minutes, "epochs": epochs, "updates": updates}
    asked = [(unit, real(unit, amount)) for unit, amount in given.items() if amount is not None]
    if len(asked) > 1:
        first, second = (named(unit) for unit, _ in asked[:2])
        raise SettingError(f"{first} and {second} are both budgets", "give only one of them")
    return Budget(*asked[0]) if asked else None
