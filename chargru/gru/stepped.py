"""Gates held at some steps only: the weights of each step, and the network that runs them."""

from collections.abc import Iterable
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from chargru.gru.forcing import Force, hold
from chargru.gru.network import Ids, Network
from chargru.gru.weights import Array, Weights


class Held:
    """A network's weights step by step, where gates are held at some steps only."""

    def __init__(self, weights: Weights, forces: Iterable[Force]) -> None:
        self.weights = weights
        self.forces = tuple(force for force in forces if force.scheduled)
        self._made: dict[tuple[bool, ...], Weights] = {}

    def active(self, step: int) -> tuple[bool, ...]:
        """Which of `forces` hold at a step (1-based)."""
        return tuple(force.active(step) for force in self.forces)

    def at(self, step: int) -> Weights:
        """The weights of a step (1-based); the same object wherever the same forces hold."""
        active = self.active(step)
        if active not in self._made:
            forces = (force for force, holds in zip(self.forces, active, strict=True) if holds)
            self._made[active] = hold(self.weights, forces)
        return self._made[active]


State = tuple[int, list[Array]]
"""How many steps were read, and h (B, H) of each layer after them."""


class SteppedNetwork:
    """`Network` where gates are held at some steps only. Steps count from 1 at every zero state."""

    def __init__(self, held: Held, dtype: type[np.floating] = np.float32) -> None:
        self._held, self._dtype = held, dtype
        self._made: dict[tuple[bool, ...], Network] = {}

    def at(self, step: int) -> Network:
        """The network that reads the character of a step (1-based)."""
        active = self._held.active(step)
        if active not in self._made:
            self._made[active] = Network(self._held.at(step), self._dtype)
        return self._made[active]

    @property
    def weights(self) -> Weights:
        """Those of the steps where nothing is held for some steps only."""
        return self._held.weights

    def zero_state(self, streams: int = 1) -> State:
        """h_0 = 0, before any step."""
        return 0, self.at(1).zero_state(streams)

    def to_array(self, state: State) -> Array:
        """The states of all layers, (L, B, H)."""
        return np.stack(state[1])

    def from_array(self, states_LBH: Array) -> State:
        """The state with these numbers. Raises ValueError where gates are held at some steps: it does not say which."""
        if self._held.forces:
            raise ValueError("the step is not known")
        return 0, self.at(1).from_array(states_LBH)

    def nats(self, inputs_TB: Ids, targets_TB: Ids, state: State) -> tuple[NDArray[np.float64], State]:
        """-ln p of each target, (T, B) float64, reading inputs_TB from `state`; and the state after them."""
        before, states = state
        scored = []
        for _, run in groupby(range(len(inputs_TB)), lambda t: self._held.active(before + t + 1)):
            steps = list(run)
            part = slice(steps[0], steps[-1] + 1)
            nats_TB, states = self.at(before + steps[0] + 1).nats(inputs_TB[part], targets_TB[part], states)
            scored.append(nats_TB)
        return np.concatenate(scored), (before + len(inputs_TB), states)
