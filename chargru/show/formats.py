"""How each kind of fact is shown."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from chargru.insight.gradient import GradientReport
from chargru.insight.jacobian import StepJacobian
from chargru.insight.ledger import Ledger
from chargru.insight.proof.claim import Proof
from chargru.insight.trace import Trace
from chargru.insight.weight_gradient import WeightGradient
from chargru.show import proof
from chargru.show.gradient import step, table
from chargru.show.ledger import table as ledger_table
from chargru.show.trace import html as trace_html
from chargru.show.trace import terminal
from chargru.show.view import View

_PLAIN: Mapping[type, Callable[[Any], str]] = {
    Trace: lambda fact: terminal.render(fact).plain,
    Ledger: lambda fact: "\n".join(ledger_table.lines(fact)),
    GradientReport: lambda fact: table.render(fact).plain,
    StepJacobian: lambda fact: step.jacobian(fact).plain,
    WeightGradient: lambda fact: step.weights(fact).plain,
    Proof: lambda fact: "\n".join(proof.lines(fact)),
}


def show(fact: object, format: str | None = None, view: View | None = None) -> str | bytes:  # noqa: A002
    """A fact as the command prints it; other formats and views are still the commands' own."""
    if format is not None or view is not None:
        raise NotImplementedError
    return plain(fact)


def plain(fact: object) -> str:
    """A fact as plain text."""
    return _PLAIN[type(fact)](fact)


def html(fact: object) -> str:
    """A fact as HTML; preformatted text where it has no HTML of its own."""
    return trace_html.render(fact) if isinstance(fact, Trace) else f"<pre>{escape(plain(fact))}</pre>"
