"""What a convention is: the letters, formulas and meaning by which one author writes a GRU.

The network is always PyTorch's (see `cell`): a convention only renames it. Two things tell conventions apart, and
people mix them up:

1. Keep or take, only a name. Where the update gate *keeps* (PyTorch's z) it multiplies the old state, where it
   *takes* (the course's gamma_u) it multiplies the candidate: gamma_u = 1 - z = sigmoid(-a_z). So the z rows of
   all four tensors change sign, and the network stays the same.
2. Reset before or after the product, another network: no renaming turns one into the other. `Convention.resets`
   says which ones its authors have, and `another_network` says so where the network at hand is not theirs.

A formula is made twice by the same function, of symbols and of numbers, so that what is shown as the formula is what
is calculated; `Convention.chain` goes on from there to the result. It is made of "Wx", "bx", "Wh", "bh" (the addends of
a pre-activation: W_i x, b_i, W_h h, b_h in PyTorch's letters), "r", "z", "n", and "h_prev".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from chargru.conventions.expression import Expression, Operation, Symbol
from chargru.gru.weights import Array, Reset
from chargru.shown import Brief

Name = Literal["torch", "course", "cho", "chung", "keras", "onnx", "lecture", "d2l"]
Biases = Literal["two", "one", "none"]
Lost = Literal["", "b_hn", "all"]
"""Which biases of a layer are lost: none, the one that r multiplies, all."""

QUANTITIES = ("r", "z", "n", "h")
"""What a step computes, in the order of the calculation; our names for it are PyTorch's letters."""

NAMES: Mapping[str, Symbol] = {name: Symbol(name) for name in ("Wx", "bx", "Wh", "bh", "r", "z", "n", "h_prev")}
"""What formulas are made of where they are neither letters nor numbers yet."""

_ABSORBED = (
    "No biases stand in the formulas of {{}}; the network's are shown under PyTorch's names. In layer 1, where x is "
    "one-hot, the columns of W can absorb every bias{}; above layer 1, where x is a state, none."
)
_NO_BIASES: Mapping[Reset, str] = {
    "after": _ABSORBED.format(" but b_hn, which r multiplies"),
    "before": _ABSORBED.format(""),
}


@dataclass(frozen=True)
class Convention(Brief):
    """Letters, formulas and meaning of one author.

    `letters` is keyed by QUANTITIES; `angled` says that a step stands in angle brackets; `tensors` holds the tensors'
    letters and the patterns of their subscripts, keyed "Wx", "bx", "Wh", "bh", with a place {0} for the gate's letter
    in `suffixes` ("r", "z", "n") or {1} for PyTorch's. `takes` says that the update gate multiplies the candidate,
    `resets` where the reset gate may act, the usual one first, `biases` how many a gate has.
    """

    name: Name
    who: str
    letters: Mapping[str, Symbol]
    suffixes: Mapping[str, str]
    tensors: Mapping[str, tuple[str, str]]
    angled: bool
    takes: bool
    resets: tuple[Reset, ...]
    biases: Biases
    meaning: Mapping[str, str]
    notes: tuple[str, ...]

    def __hash__(self) -> int:
        """By its name; equal ones have equal names."""
        return hash(self.name)

    def in_brief(self) -> str:
        """Its name, and whose it is."""
        return f"{self.name}: {self.who}"

    def symbol(self, quantity: str, t: int) -> Symbol:
        """One of QUANTITIES, or "x", at a step, e.g. z_34; "h" at t - 1 is the old state."""
        letter = Symbol("x") if quantity == "x" else self.letters[quantity]
        return replace(letter, time=t, angled=self.angled)

    def tensor(self, kind: str, gate: str) -> Symbol:
        """A gate's weight or bias, kind "Wx", "bx", "Wh" or "bh", e.g. W_hr."""
        letter, subscript = self.tensors[kind]
        return Symbol(letter, subscript.format(self.suffixes[gate], gate))

    def names(self, gate: str, t: int, reset: Reset) -> dict[str, Expression]:
        """What the formula of `gate` (r, z or n; "h" has no addends) is made of when it is shown in letters."""
        r, old = self.symbol("r", t), self.symbol("h", t - 1)
        found: dict[str, Expression] = {"r": r, "z": self.symbol("z", t), "n": self.symbol("n", t), "h_prev": old}
        if gate == "h":
            return found
        carried = Operation("*", (r, old)) if gate == "n" and reset == "before" else old
        for kind, argument in (("Wx", self.symbol("x", t)), ("Wh", carried)):
            found[kind] = Operation("@", (self.tensor(kind, gate), argument))
        return found | {kind: self.tensor(kind, gate) for kind in ("bx", "bh")}

    def right_side(self, quantity: str, reset: Reset, of: Mapping[str, Expression]) -> Operation:
        """What a quantity is equal to, made `of` symbols or of numbers."""
        if quantity == "h":
            rest = Operation("1 -", (of["z"],))
            take, keep = (of["z"], rest) if self.takes else (rest, of["z"])
            return Operation("+", (Operation("*", (take, of["n"])), Operation("*", (keep, of["h_prev"]))))
        new, old = (of["Wx"], of["bx"]), (of["Wh"], of["bh"])
        if quantity != "n":
            return Operation("sigmoid", (Operation("+", (*new, *old)),))
        if reset == "before":
            return Operation("tanh", (Operation("+", (*new, *old)),))
        gated = Operation("*", (of["r"], Operation("+", old)))
        return Operation("tanh", (Operation("+", (*new, gated)),))

    def chain(self, quantity: str, reset: Reset) -> tuple[Operation, ...]:
        """The expressions of a calculation, of NAMES: first one with a number for each letter, last the shortest.

        Each is what the quantity is equal to; of the candidate those that r multiplies are added up first.
        """
        whole = self.right_side(quantity, reset, NAMES)
        if quantity == "h":
            products = (Operation("value", (product,)) for product in whole.operands)
            return whole, Operation("+", tuple(products))
        new, old = Operation("+", (NAMES["Wx"], NAMES["bx"])), Operation("+", (NAMES["Wh"], NAMES["bh"]))
        if quantity != "n" or reset == "before":
            sums = [Operation("value", (Operation("+", (new, old)),))]
        else:
            gated = Operation("*", (NAMES["r"], Operation("value", (old,))))
            total = Operation("+", (new, Operation("*", (NAMES["r"], old))))
            sums = [Operation("+", (*new.operands, gated)), Operation("value", (total,))]
        return whole, *(replace(whole, operands=(one,)) for one in sums)

    def formula(self, quantity: str, t: int, reset: Reset) -> Operation:
        """A quantity's formula in letters, e.g. h_34 = (1 - z_34) * n_34 + z_34 * h_33."""
        right = self.right_side(quantity, reset, self.names(quantity, t, reset))
        return Operation("=", (self.symbol(quantity, t), right))

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

    def notes_on(self, reset: Reset) -> list[str]:
        """What is worth knowing when a network that resets as `reset` says is shown so."""
        return [*self.notes, *([_NO_BIASES[reset].format(self.who)] if self.biases == "none" else [])]

    def own_reset(self, reset: Reset) -> Reset:
        """Where the authors reset: as the network at hand does if they know that, else their usual one."""
        return reset if reset in self.resets else self.resets[0]

    def lost_biases(self, reset: Reset, layer: int) -> Lost:
        """Which biases of a layer (0-based) the authors have no place for; the network at hand resets as `reset` says.

        Authors without biases lose none that the columns of their W can absorb. That is where x is one-hot, in layer 1,
        and there every bias but a b_hn that r multiplies by their equations too.
        """
        if self.biases != "none":
            return ""
        if layer:
            return "all"
        return "b_hn" if self.own_reset(reset) == reset == "after" else ""

    def another_network(self, reset: Reset, *, b_hn: bool = True, above: bool = False) -> str:
        """What the network at hand has that the authors' equations cannot give; empty if they can give it.

        The network resets as `reset` says; `b_hn` says whether its layer 1 has a b_hn that is not 0, `above` whether
        the layers above have any bias that is not 0.
        """
        bare, ours = self.biases == "none", self._candidate(reset)
        if reset not in self.resets:
            theirs = self._candidate(self.own_reset(reset), bias=not bare)
            return (
                f"Another network: {self.who} resets {self.resets[0]} the product, {theirs}; this network resets "
                f"{reset} it, {ours}. No renaming and no change of sign turns one into the other."
            )
        found = []
        if b_hn and self.lost_biases(reset, 0):
            found.append(f"{self.who} has no {self.tensor('bh', 'n')}, which stands inside {ours} here.")
        if above and bare:
            found.append(f"{self.who} has no biases, and above layer 1, where x is a state, W can absorb none.")
        return " ".join(f"Another network: {sentence}" for sentence in found)

    def _candidate(self, reset: Reset, *, bias: bool = True) -> str:
        r, h, product = self.letters["r"], self.letters["h"], self.tensor("Wh", "n")
        added = f" + {self.tensor('bh', 'n')}" if bias else ""
        return f"{r} * ({product} {h}{added})" if reset == "after" else f"{product} ({r} * {h}){added}"
