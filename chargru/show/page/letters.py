"""The conventions as data for a page: letters, formulas and calculations as trees that its JavaScript writes out.

A symbol's time counts from the step: 0 is t, -1 is t - 1. A symbol's entries that are empty, false or null are left
out; `main.js` puts them back. A tree of a calculation has names ("Wx", "z", "h_prev") where a number is put in.
"""

from dataclasses import fields
from typing import Any

from chargru.conventions.authors import CONVENTIONS
from chargru.conventions.convention import NAMES, QUANTITIES, Convention
from chargru.conventions.expression import Expression, Symbol
from chargru.gru.weights import GATES, Reset
from chargru.insight import other_network
from chargru.insight.trace import Trace
from chargru.show.trace import salient
from chargru.show.trace.calculation import KINDS

STEP = 0
"""The step of every symbol."""

_WHOSE = {"course": "Andrew Ng's course"}
_COMMAND = ": see --convention course"
"""What a note says of a command line, which a page has not."""


def conventions(trace: Trace) -> list[dict[str, Any]]:
    """Every author's letters for the network of a trace, PyTorch's first."""
    return [_convention(one, trace) for one in CONVENTIONS.values()]


def _convention(one: Convention, trace: Trace) -> dict[str, Any]:
    reset = trace.model.architecture.reset
    own = one.own_reset(reset)
    return {
        "name": one.name,
        "who": _WHOSE.get(one.name, one.who),
        "letters": {name: tree(one.symbol(name, STEP)) for name in (*QUANTITIES, "x")},
        "takes": one.takes,
        "meaning": dict(one.meaning),
        "notes": [note.replace(_COMMAND, "") for note in one.notes_on(reset)],
        "another": other_network.why(trace, one),
        "rules": one.word_rules(salient.REPLACED_BELOW, salient.KEPT_ABOVE),
        "own": None if own == reset else tree(one.formula("n", STEP, own)),
        "formulas": {name: tree(one.formula(name, STEP, reset)) for name in QUANTITIES},
        "chains": {name: [tree(part) for part in one.chain(name, reset)] for name in QUANTITIES},
        "addends": {gate: _addends(one, gate, reset) for gate in GATES},
    }


def _addends(one: Convention, gate: str, reset: Reset) -> dict[str, Any]:
    names = one.names(gate, STEP, reset)
    return {kind: tree(names[kind]) for kind in KINDS}


_BARE = {symbol: name for name, symbol in NAMES.items()}


def tree(expression: Expression) -> Any:
    """An expression as JSON holds it; one of NAMES is a string."""
    if isinstance(expression, float):
        return expression
    if isinstance(expression, Symbol):
        return _BARE.get(expression) or {
            entry.name: value for entry in fields(Symbol) if (value := getattr(expression, entry.name)) != entry.default
        }
    return {"operator": expression.operator, "operands": [tree(one) for one in expression.operands]}
