"""The memory that training takes, estimated before any of it is asked for."""

from dataclasses import replace

from chargru import memory
from chargru.errors import named
from chargru.gru.weights import Architecture

BASE = 300 * 2**20
"""Bytes of Python and torch by themselves."""

BY_PARAMETER = 52
"""Bytes: weights, gradient and two moments are 16; the others are copies while the run is begun and saved."""

BY_VALUE = 4
"""Bytes of a float32."""

KEPT = 10
"""Values of a unit and step that the way back needs: the three gates, the state, their parts and derivatives."""


def needed(architecture: Architecture, lanes: int, window: int) -> int:
    """About how many bytes training takes at its peak, on the CPU."""
    one = replace(architecture, layers=1)
    above = replace(architecture, layers=2).parameters - one.parameters
    parameters = one.parameters + (architecture.layers - 1) * above
    units = architecture.layers * architecture.hidden_size
    values = lanes * window * (KEPT * units + 3 * architecture.vocabulary_size)
    return BASE + BY_PARAMETER * parameters + BY_VALUE * values


def require(architecture: Architecture, lanes: int, window: int) -> None:
    """Raises SettingError if this machine has less memory than training takes, as far as it says what it has."""
    sizes = f"{lanes:,} lanes and windows of {window:,}"
    smaller = f"give a smaller {named('hidden_size')}, {named('layers')}, {named('batch_size')} or {named('window')}"
    memory.require(needed(architecture, lanes, window), f"training {architecture.in_words} with {sizes}", smaller)
