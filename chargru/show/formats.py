"""How facts are shown: one table, kind of fact -> format -> writer, and `show`, which looks there.

A writer is a function (fact, View) that returns text, rich Text (which a terminal may colour) or bytes, and says in its
annotation which. The table names it by module and function, a leading dot for this folder, and it is loaded when it is
first used: so nothing is loaded in vain, and this file knows no fact. A new format is a writer and a row for each kind
that has it; a new kind of fact is a `Kind`, under the name of its class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chargru.errors import SettingError
from chargru.show.view import View

if TYPE_CHECKING:
    from rich.text import Text

Writer = Callable[[Any, View], "str | Text | bytes"]

NOTEBOOK = "html"
"""What a notebook shows: a fragment, which no command writes."""


@dataclass(frozen=True)
class Kind:
    """A kind of fact: how a message calls it, and its writers by format; the first is what `str` shows."""

    name: str
    writers: dict[str, str]


TABLE = {
    "Trace": Kind(
        "a trace",
        {
            "table": ".trace.terminal:render",
            "json": ".trace.data:as_json",
            "csv": ".trace.data:as_csv",
            "npz": ".trace.data:as_npz",
            "markdown": ".trace.markdown:render",
            "latex": ".trace.latex:render",
            "html": ".trace.html:render",
        },
    ),
    "Ledger": Kind(
        "a ledger",
        {
            "table": ".ledger.table:render",
            "json": ".ledger.data:as_json",
            "csv": ".ledger.data:as_csv",
            "npz": ".ledger.data:as_npz",
        },
    ),
    "Ledgers": Kind(
        "a ledger",
        {
            "table": ".ledger.several:render",
            "json": ".ledger.several:as_json",
            "csv": ".ledger.several:as_csv",
            "npz": ".ledger.several:as_npz",
        },
    ),
    "GradientReport": Kind(
        "a gradient",
        {
            "table": ".gradient.table:render",
            "json": ".gradient.data:as_json",
            "csv": ".gradient.data:as_csv",
            "npz": ".gradient.data:as_npz",
        },
    ),
    "StepJacobian": Kind(
        "the derivative of a step",
        {
            "table": ".gradient.step:jacobian",
            "json": ".gradient.data:as_json",
            "csv": ".gradient.data:as_csv",
            "npz": ".gradient.data:as_npz",
        },
    ),
    "WeightGradient": Kind(
        "the gradient of W_hh",
        {
            "table": ".gradient.step:weights",
            "json": ".gradient.data:as_json",
            "csv": ".gradient.data:as_csv",
            "npz": ".gradient.data:as_npz",
        },
    ),
    "Proof": Kind("a proof", {"table": ".proof:render", "json": ".proof:as_json"}),
    "ConventionList": Kind("the list of conventions", {"table": ".conventions:render", "json": ".conventions:as_json"}),
    "Evaluation": Kind("a score", {"table": ".evaluation:render", "json": ".data:as_json"}),
    "RunDescription": Kind("a run", {"table": ".runs:description", "json": ".data:as_json"}),
    "RunList": Kind("the list of runs", {"table": ".runs:listing", "json": ".data:as_json"}),
    "Report": Kind("the report of a training", {"table": ".runs:report", "json": ".data:as_json"}),
    "System": Kind("what is said of the system", {"table": ".runs:system", "json": ".data:as_json"}),
    "WrittenCorpus": Kind("what is said of a corpus", {"table": ".corpus:render", "json": ".data:as_json"}),
    "Samples": Kind("a list of samples", {"text": ".samples:render", "json": ".data:as_json"}),
}
"""What `show` and every command write through, by the name of the fact's class."""


def show(fact: object, format: str | None = None, view: View | None = None) -> str | bytes:  # noqa: A002
    """A fact in a format (None: as the command prints it), as `view` says where the format has a view.

    Raises SettingError for a format that its kind does not have.
    """
    made = writer(type(fact).__name__, format)(fact, View() if view is None else view)
    return made if isinstance(made, str | bytes) else made.plain


def html(fact: object) -> str:
    """A fact as HTML; preformatted text where its kind has no HTML of its own."""
    if NOTEBOOK in TABLE[type(fact).__name__].writers:
        return str(show(fact, NOTEBOOK))
    return f"<pre>{escape(str(show(fact)))}</pre>"


def choices(kind: str) -> list[str]:
    """The formats in which a command writes this kind of fact."""
    return [name for name in TABLE[kind].writers if name != NOTEBOOK]


def writer(kind: str, format: str | None = None) -> Writer:  # noqa: A002
    """The writer of a kind of fact in a format (None: its first). Raises SettingError if there is none."""
    if kind not in TABLE:
        raise SettingError(f"there is no way to show a {kind}", f"show one of: {', '.join(TABLE)}")
    rows = TABLE[kind].writers
    place = rows.get(next(iter(rows)) if format is None else format)
    if place is None:
        *most, last = choices(kind)
        hint = f"give --format {', '.join(most)} or {last}" if most else f"give --format {last}"
        raise SettingError(f"{TABLE[kind].name} has no format {format}", hint)
    module, _, function = place.partition(":")
    found: Writer = getattr(import_module(module, __package__), function)
    return found


def gives(writer: Writer) -> object:
    """What a writer returns, by its annotation: str, rich's Text or bytes."""
    return writer.__annotations__["return"]
