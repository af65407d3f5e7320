"""How facts are shown: one table, kind of fact -> format -> writer, and `show`, which looks there.

A writer is a function (fact, View) that returns text, rich Text (which a terminal may colour) or bytes, and says in its
annotation which. The table names it by module and function, a leading dot for this folder, and it is loaded when it is
first used: so nothing is loaded in vain, and this file knows no fact. A new format is a writer and a row for each kind
that has it; a new kind of fact is a `Kind`, under the name of its class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chargru.errors import SettingError, named
from chargru.show.view import View

if TYPE_CHECKING:
    from rich.text import Text

Writer = Callable[[Any, View], "str | Text | bytes"]

NOTEBOOK = "html"
"""What a notebook shows: a fragment, which a command writes only where it is a page too."""


PLAIN = {"table", "text"}
"""Formats that no ending asks for: they are what is written anyway."""

OTHER_ENDINGS = {"htm": "html", "md": "markdown", "tex": "latex"}
"""Endings of file names that are not the format's own name."""

FOREIGN = {
    *("bmp", "eps", "gif", "jpeg", "jpg", "pdf", "ps", "tif", "tiff", "webp"),
    *("doc", "docx", "ipynb", "jsonl", "npy", "odt", "parquet", "rtf", "tsv", "xls", "xlsx", "xml", "yaml", "yml"),
}
"""Endings of pictures and documents that no command writes; a plain table under such a name would not open."""


FRAME = 'width="100%" height="900" style="border:0"'
"""How large the frame is in which a notebook shows a whole document."""


@dataclass(frozen=True)
class Kind:
    """A kind of fact: how a message calls it, and its writers by format; the first is what `str` shows.

    `page`: whether its html is a page that a command writes, too. `whole`: whether it is a whole document, which a
    notebook shows in a frame.
    """

    name: str
    writers: dict[str, str]
    page: bool = False
    whole: bool = False


_FIELDS = {"json": ".data:as_json"}


def _data(folder: str) -> dict[str, str]:
    return {name: f".{folder}.data:as_{name}" for name in ("json", "csv", "npz")}


TABLE = {
    "Trace": Kind(
        "a trace",
        {
            "table": ".trace.terminal:render",
            **_data("trace"),
            "markdown": ".trace.markdown:render",
            "latex": ".trace.latex:render",
            "html": ".trace.html:render",
        },
        page=True,
    ),
    "Comparison": Kind("a comparison", {"table": ".trace.comparison:render", "json": ".trace.comparison:as_json"}),
    "Ledger": Kind("a ledger", {"table": ".ledger.table:render", **_data("ledger")}),
    "Ledgers": Kind("a ledger", {"table": ".ledger.table:render", **_data("ledger")}),
    "Gates": Kind(
        "the gates of a text",
        {
            "table": ".gates.terminal:render",
            "json": ".gates.data:as_json",
            "csv": ".gates.data:as_csv",
            "markdown": ".gates.markdown:render",
            "html": ".gates.html:render",
        },
        page=True,
    ),
    "Exploration": Kind(
        "a page", {"table": ".page.summary:render", "html": ".page.html:render"}, page=True, whole=True
    ),
    "GradientReport": Kind("a gradient", {"table": ".gradient.table:render", **_data("gradient")}),
    "StepJacobian": Kind("the derivative of a step", {"table": ".gradient.step:jacobian", **_data("gradient")}),
    "WeightGradient": Kind("the gradient of W_hh", {"table": ".gradient.step:weights", **_data("gradient")}),
    "Proof": Kind("a proof", {"table": ".proof:render", "json": ".proof:as_json"}),
    "ConventionList": Kind("the list of conventions", {"table": ".conventions:render", "json": ".conventions:as_json"}),
    "AgreementReport": Kind(
        "an agreement",
        {"table": ".agreement:render", "json": ".agreement:as_json", "csv": ".agreement:as_csv"},
    ),
    "Model": Kind("a model", {"table": ".model:render", "html": ".notebook.model:render"}),
    "Evaluation": Kind("a score", {"table": ".evaluation:render", **_FIELDS, "html": ".notebook.evaluation:render"}),
    "Surprise": Kind(
        "the surprise of a text",
        {
            "table": ".surprise.terminal:render",
            "json": ".surprise.data:as_json",
            "csv": ".surprise.data:as_csv",
            "html": ".surprise.html:render",
        },
        page=True,
    ),
    "Ablation": Kind(
        "an ablation",
        {"table": ".ablation:render", **_FIELDS, "csv": ".ablation:as_csv", "markdown": ".ablation:markdown"},
    ),
    "Retraining": Kind(
        "a retraining",
        {"table": ".retraining:render", **_FIELDS, "csv": ".retraining:as_csv", "markdown": ".retraining:markdown"},
    ),
    "Sample": Kind("a sample", {"text": ".samples:one", "html": ".notebook.sample:one"}),
    "Samples": Kind("a list of samples", {"text": ".samples:render", **_FIELDS, "html": ".notebook.sample:several"}),
    "RunDescription": Kind("a run", {"table": ".runs:description", **_FIELDS}),
    "Curves": Kind(
        "a plot of losses",
        {
            "table": ".curves.terminal:render",
            "json": ".curves.data:as_json",
            "csv": ".curves.data:as_csv",
            "png": ".curves.picture:as_png",
            "svg": ".curves.picture:as_svg",
            "html": ".curves.html:render",
        },
    ),
    "RunComparison": Kind("a comparison of runs", {"table": ".run_comparison:render", **_FIELDS}),
    "Pruning": Kind("a choice of runs to remove", {"table": ".pruning:render", **_FIELDS}),
    "RunList": Kind("a list of runs", {"table": ".tables:runs", **_FIELDS, "html": ".notebook.runs:render"}),
    "Report": Kind("a report of training", {"table": ".runs:report", **_FIELDS}),
    "TrainingSummary": Kind(
        "a report of training", {"table": ".training_summary:render", "json": ".training_summary:as_json"}
    ),
    "System": Kind("the description of a system", {"table": ".tables:system", **_FIELDS}),
    "WrittenCorpus": Kind("a corpus", {"table": ".corpus:render", **_FIELDS}),
}
"""What `show` and every command write through, by the name of the fact's class."""


def show(fact: object, format: str | None = None, view: View | None = None) -> str | bytes:  # noqa: A002
    """A fact in a format (None: as the command prints it), as `view` says where the format has a view.

    Raises SettingError for a format that its kind does not have.
    """
    made = writer(kind_of(fact), format)(fact, View() if view is None else view)
    return made if isinstance(made, str | bytes) else made.plain


def html(fact: object) -> str:
    """A fact as HTML; preformatted text where its kind has no HTML of its own."""
    kind = TABLE[kind_of(fact)]
    if NOTEBOOK in kind.writers and not kind.whole:
        return str(show(fact, NOTEBOOK))
    from html import escape  # it brings thousands of entities, which only this needs

    if kind.whole:
        return f'<iframe srcdoc="{escape(str(show(fact, NOTEBOOK)))}" {FRAME}></iframe>'
    return f'<pre style="font-family:monospace">{escape(str(show(fact)))}</pre>'


def kind_of(fact: object) -> str:
    """The name of the fact's class in the table, or of one that it inherits from. Raises SettingError if none is."""
    for one in type(fact).__mro__:
        if one.__name__ in TABLE:
            return one.__name__
    message = f"there is no way to show a thing of type {type(fact).__name__}"
    raise SettingError(message, f"show one of: {', '.join(TABLE)}")


def choices(kind: str) -> list[str]:
    """The formats in which a command writes this kind of fact."""
    return [name for name in TABLE[kind].writers if name != NOTEBOOK or TABLE[kind].page]


def of_ending(file: str) -> str | None:
    """The format that a file's name asks for by its ending: None for .txt, for no ending and for what tells nothing.

    For an ending of a picture or a document that nothing here writes it is that ending, which `check` then refuses.
    """
    ending = Path(file).suffix.lower().removeprefix(".")
    format = OTHER_ENDINGS.get(ending, ending)  # noqa: A001
    known = {name for kind in TABLE.values() for name in kind.writers} - PLAIN
    return format if format in known or format in FOREIGN else None


def check(kind: str, format: str) -> None:  # noqa: A002
    """Raises SettingError for a format in which a command does not write this kind of fact."""
    if format not in choices(kind):
        raise _none(kind, format)


def _none(kind: str, format: str | None) -> SettingError:  # noqa: A002
    *most, last = choices(kind)
    names = f"{', '.join(most)} or {last}" if most else last
    return SettingError(f"{TABLE[kind].name} has no format {format}", f"give {named('format')} {names}")


def writer(kind: str, format: str | None = None) -> Writer:  # noqa: A002
    """The writer of a kind of fact in a format (None: its first). Raises SettingError if there is none."""
    rows = TABLE[kind].writers
    place = rows.get(next(iter(rows)) if format is None else format)
    if place is None:
        raise _none(kind, format)
    module, _, function = place.partition(":")
    found: Writer = getattr(import_module(module, __package__), function)
    return found


def gives(writer: Writer) -> object:
    """What a writer returns, by its annotation: str, rich's Text or bytes."""
    return writer.__annotations__["return"]
