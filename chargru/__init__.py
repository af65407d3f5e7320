"""A character-level GRU: train it, sample from it, and see what its gates do in numbers.

    model = chargru.load("checkpoints/cats")
    chargru.trace(model, "The cat sat", steps=[10, 11])

Importing chargru costs nothing; each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chargru.errors import ChargruError as ChargruError
    from chargru.insight.gradient import gradient as gradient
    from chargru.insight.jacobian import jacobian as jacobian
    from chargru.insight.ledger import ledger as ledger
    from chargru.insight.proof.prove import prove as prove
    from chargru.insight.trace import Trace as Trace
    from chargru.insight.trace import trace as trace
    from chargru.insight.weight_gradient import weight_gradient as weight_gradient
    from chargru.model import Model as Model
    from chargru.model import read_model as load

__version__ = "0.1.0"

_HOMES = {
    "ChargruError": ("chargru.errors", "ChargruError"),
    "Model": ("chargru.model", "Model"),
    "Trace": ("chargru.insight.trace", "Trace"),
    "gradient": ("chargru.insight.gradient", "gradient"),
    "jacobian": ("chargru.insight.jacobian", "jacobian"),
    "ledger": ("chargru.insight.ledger", "ledger"),
    "load": ("chargru.model", "read_model"),
    "prove": ("chargru.insight.proof.prove", "prove"),
    "trace": ("chargru.insight.trace", "trace"),
    "weight_gradient": ("chargru.insight.weight_gradient", "weight_gradient"),
}
__all__ = [
    "ChargruError",
    "Model",
    "Trace",
    "gradient",
    "jacobian",
    "ledger",
    "load",
    "prove",
    "trace",
    "weight_gradient",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chargru' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
