"""Who calls what by which letter: one object per convention holds its letters, its formulas and their meaning.

The network is always PyTorch's (see `cell`): a convention only renames it. Two things tell conventions apart, and
people mix them up:

1. Keep or take, only a name. Where the update gate *keeps* (PyTorch's z) it multiplies the old state, where it
   *takes* (the course's gamma_u) it multiplies the candidate: gamma_u = 1 - z = sigmoid(-a_z). So the z rows of
   all four tensors change sign, and the network stays the same.
2. Reset before or after the product, another network: no renaming turns one into the other. `Convention.reset`
   says which one its authors mean, and `another_network` says so where the network at hand is not theirs.

Formulas are templates that are filled twice, with names and with numbers, so that what is shown as the formula is
what is calculated. The fields of a template are "Wx", "bx", "Wh", "bh" (the addends of a pre-activation: W_i x,
b_i, W_h h, b_h in PyTorch's letters), "r", "z", "n", and "h_prev".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chargru.gru.weights import Array, Reset

Name = Literal["torch", "course"]

QUANTITIES = ("r", "z", "n", "h")
"""What a step computes, in the order of the calculation; our names for it are PyTorch's letters."""

_GATE = "sigmoid({Wx} + {bx} + {Wh} + {bh})"
_CANDIDATE: Mapping[Reset, str] = {
    "after": "tanh({Wx} + {bx} + {r} * ({Wh} + {bh}))",
    "before": "tanh({Wx} + {bx} + {Wh} + {bh})",
}
_KEEP = "(1 - {z}) * {n} + {z} * {h_prev}"
_TAKE = "{z} * {n} + (1 - {z}) * {h_prev}"


@dataclass(frozen=True)
class Convention:
    """Letters, formulas and meaning of one author.

    `letters` is keyed by QUANTITIES; `clock` joins a letter and a step; `tensors` holds the patterns of the
    tensors' names, keyed "Wx", "bx", "Wh", "bh", each with a place for the gate's letter in `suffixes` ("r", "z",
    "n"). `takes` says that the update gate multiplies the candidate, `reset` where the reset gate acts.
    """

    name: Name
    who: str
    letters: Mapping[str, str]
    suffixes: Mapping[str, str]
    tensors: Mapping[str, str]
    clock: str
    takes: bool
    reset: Reset
    meaning: Mapping[str, str]
    notes: tuple[str, ...]

    def at(self, letter: str, t: int) -> str:
        """A letter at a step, e.g. h_34."""
        return self.clock.format(letter, t)

    def symbol(self, quantity: str, t: int) -> str:
        """The letter of one of QUANTITIES at a step, e.g. z_34; that of "h" at t - 1 is the old state."""
        return self.at(self.letters[quantity], t)

    def tensor(self, kind: str, gate: str) -> str:
        """The name of a gate's weight or bias, kind "Wx", "bx", "Wh" or "bh", e.g. W_hr."""
        return self.tensors[kind].format(self.suffixes[gate])

    def names(self, gate: str, t: int, reset: Reset) -> dict[str, str]:
        """What fills the formula of `gate` (r, z or n; "h" has no addends) when it is shown in letters."""
        filled = {quantity: self.symbol(quantity, t) for quantity in ("r", "z", "n")}
        filled["h_prev"] = old = self.symbol("h", t - 1)
        if gate == "h":
            return filled
        carried = f"({filled['r']} * {old})" if gate == "n" and reset == "before" else old
        arguments = {"Wx": f" {self.at('x', t)}", "bx": "", "Wh": f" {carried}", "bh": ""}
        return filled | {kind: self.tensor(kind, gate) + argument for kind, argument in arguments.items()}

    def template(self, quantity: str, reset: Reset) -> str:
        """The right-hand side of a quantity's formula, to be filled with names or with numbers."""
        if quantity == "h":
            return _TAKE if self.takes else _KEEP
        return _CANDIDATE[reset] if quantity == "n" else _GATE

    def formula(self, quantity: str, t: int, reset: Reset) -> str:
        """A quantity's formula in letters, e.g. h_34 = (1 - z_34) * n_34 + z_34 * h_33."""
        filled = self.template(quantity, reset).format(**self.names(quantity, t, reset))
        return f"{self.symbol(quantity, t)} = {filled}"

    def negates(self, gate: str) -> bool:
        """Whether a gate's rows of the four tensors change sign against PyTorch's."""
        return self.takes and gate == "z"

    def value(self, quantity: str, value: Array) -> Array:
        """PyTorch's value of a quantity as this convention counts it: gamma_u is 1 - z."""
        return 1.0 - value if self.negates(quantity) else value

    def addend(self, gate: str, value: Array) -> Array:
        """PyTorch's weight, bias or product of a gate's rows as this convention has it."""
        return -value if self.negates(gate) else value

    def word_rules(self, low: float, high: float) -> str:
        """When a unit counts as replaced, kept or mixed, told by the update gate's letter."""
        u = self.letters["z"]
        below, above = ("kept", "replaced") if self.takes else ("replaced", "kept")
        return f"{below} where {u} < {low:g}, {above} where {u} > {high:g}, else mixed"

    def another_network(self, reset: Reset) -> str:
        """One sentence if the network at hand resets where this convention does not; else empty."""
        if reset == self.reset:
            return ""
        theirs, ours = (self._candidate(placement) for placement in (self.reset, reset))
        return (
            f"Another network: {self.who} resets {self.reset} the product, {theirs}; this network resets "
            f"{reset} it, {ours}. No renaming and no change of sign turns one into the other."
        )

    def _candidate(self, reset: Reset) -> str:
        r, h, product, bias = self.letters["r"], self.letters["h"], self.tensor("Wh", "n"), self.tensor("bh", "n")
        return f"{r} * ({product} {h} + {bias})" if reset == "after" else f"{product} ({r} * {h}) + {bias}"


TORCH = Convention(
    name="torch",
    who="PyTorch",
    letters={"r": "r", "z": "z", "n": "n", "h": "h"},
    suffixes={"r": "r", "z": "z", "n": "n"},
    tensors={"Wx": "W_i{}", "bx": "b_i{}", "Wh": "W_h{}", "bh": "b_h{}"},
    clock="{}_{}",
    takes=False,
    reset="after",
    meaning={
        "r": "reset gate: how much of the old state the candidate sees",
        "z": "update gate: how much of the old state stays (0 nothing, 1 all)",
        "n": "candidate: what the state could become",
        "h": "state: what is remembered, and read by whatever comes next",
    },
    notes=("The course writes gamma_r for r, gamma_u for 1 - z, c~ for n, c for h: see --convention course.",),
)

COURSE = Convention(
    name="course",
    who="the course",
    letters={"r": "gamma_r", "z": "gamma_u", "n": "c~", "h": "c"},
    suffixes={"r": "r", "z": "u", "n": "c"},
    tensors={"Wx": "W_{}x", "bx": "b_{}x", "Wh": "W_{}c", "bh": "b_{}c"},
    clock="{}<{}>",
    takes=True,
    reset="before",
    meaning={
        "r": "relevance (reset) gate: how much of the old state the candidate sees",
        "z": "update gate: how much of the candidate is taken (0 nothing, 1 all)",
        "n": "candidate: what the state could become",
        "h": "memory cell, the state: what is remembered",
    },
    notes=(
        (
            "Renamed, the same network: c is PyTorch's h, c~ is n, gamma_r is r, and gamma_u is 1 - z, so the rows "
            "of z are negated: W_ux = -W_iz, b_ux = -b_iz, W_uc = -W_hz, b_uc = -b_hz."
        ),
        "The course writes [W_uc, W_ux] as one W_u, and b_uc + b_ux as one b_u; the same for r and c.",
    ),
)

CONVENTIONS: Mapping[Name, Convention] = {convention.name: convention for convention in (TORCH, COURSE)}
