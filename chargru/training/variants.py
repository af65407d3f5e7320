"""The networks that `ablate --retrain` trains: the GRU, and the GRU with one part held, left out or made otherwise.

A held gate and another reset placement are settings. Blocks of weights that stay 0, such as W_hn, have no gradient; the
fast layer trains these as any. What has other equations is trained by `engine.plain`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from chargru.engine.engines import choose
from chargru.engine.native.precision import Precision
from chargru.engine.plain import plain_layer
from chargru.gru.weights import KINDS, Architecture, Reset, rows
from chargru.insight.ablation import OTHER
from chargru.insight.retraining import AS_IS, PLAIN_AS_IS
from chargru.training.settings import Settings
from chargru.training.trainer import Trainer

PLAIN = "plain equations"
Activation = Callable[[Tensor], Tensor]
_BLOCKS = dict(zip(("W_i", "W_h", "b_i", "b_h"), KINDS, strict=True))


def identity(a: Tensor) -> Tensor:
    """No activation at all."""
    return a


@dataclass(frozen=True)
class Variant:
    """A network to train: gates held, blocks (W_hn, b_hz, ...) that stay 0, and equations that differ.

    `plain` has the plain equations train it, as they must where `activation` is not tanh or there is no `carry`.
    """

    name: str
    force: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()
    reset: Reset | None = None
    activation: Activation = torch.tanh
    carry: bool = True
    plain: bool = False

    def settings(self, base: Settings) -> Settings:
        """Its settings."""
        return replace(base, force=self.force, reset=self.reset or base.reset)

    def prepare(self, trainer: Trainer) -> None:
        """Have a trainer with these settings train this network from the same first values."""
        network, tensors = trainer.model, trainer.model.export()
        parameters = dict(network.named_parameters())
        for layer in range(network.architecture.layers):
            for block in self.zero:
                name, where = place(network.architecture, layer, block)
                tensors[name][where] = 0.0
                parameters[name].register_hook(_without(where))  # type: ignore[no-untyped-call]
        network.load(tensors)
        if self.plain:
            network.recurrent.layer = self._layer

    def _layer(
        self, x: Tensor, h_0: Tensor, *weights: Tensor, reset: Reset, precision: Precision
    ) -> tuple[Tensor, Tensor]:
        """The plain equations in the place of `engine.layer.gru_layer`; they know no precision but their weights'."""
        del precision
        w_ih, w_hh, b_ih, b_hh = weights
        return plain_layer(x, h_0, w_ih, w_hh, b_ih, b_hh, reset=reset, activation=self.activation, carry=self.carry)

    def engine(self, trainer: Trainer) -> str:
        """What trains it."""
        return PLAIN if self.plain else f"{choose('auto', trainer.state[0]).name} layer"

    def idle(self, reset: Reset) -> set[str]:
        """The blocks of a layer that cannot change its output."""
        held = dict(force.split("=") for force in self.force)
        blocks = {*self.zero, *(f"{kind}{gate}" for gate in held for kind in _BLOCKS)}
        if held.get("r") == "0":  # r multiplies W_hn h + b_hn, or h
            blocks |= {"W_hn"} if reset == "before" else {"W_hn", "b_hn"}
        if "W_hn" in blocks and reset == "before":
            blocks |= {f"{kind}r" for kind in _BLOCKS}
        return blocks

    def effective_parameters(self, architecture: Architecture) -> int:
        """How many parameters can change the output: learned ones, and of a constant z its H biases."""
        shapes, count = architecture.shapes(), architecture.parameters
        for layer in range(architecture.layers):
            for block in self.idle(architecture.reset):
                name, _ = place(architecture, layer, block)
                count -= architecture.hidden_size * (shapes[name][1] if len(shapes[name]) == 2 else 1)
        return count


def place(architecture: Architecture, layer: int, block: str) -> tuple[str, slice]:
    """The tensor that holds a block (W_hn, b_iz, ...) of a layer (0-based), and its rows there."""
    return architecture.name(_BLOCKS[block[:-1]], layer), rows(block[-1], architecture.hidden_size)


def _without(where: slice) -> Callable[[Tensor], Tensor]:
    """A hook that makes some rows of a gradient 0."""

    def hook(gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient[where] = 0.0
        return gradient

    return hook


def variants(reset: Reset, *, plain_gru: bool) -> tuple[Variant, ...]:
    """All of them; with `plain_gru` the GRU by plain equations too, for what these train to be compared with."""
    fast = (
        Variant(AS_IS),
        Variant("r = 1", force=("r=1",)),
        Variant("r = 0", force=("r=0",)),
        Variant("z = 0", force=("z=0",)),
        Variant("r = 1, z = 0", force=("r=1", "z=0")),
        Variant("z one constant a unit", zero=("W_iz", "W_hz", "b_hz")),
        Variant("W_hn = 0", zero=("W_hn",)),
        Variant(f"reset {OTHER[reset]}", reset=OTHER[reset]),
    )
    return (
        *fast,
        *([Variant(PLAIN_AS_IS, plain=True)] if plain_gru else []),
        Variant("h = (1 - z) n *", carry=False, plain=True),
        Variant("n with ReLU *", activation=torch.relu, plain=True),
        Variant("n with identity *", activation=identity, plain=True),
    )
