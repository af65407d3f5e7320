"""`chargru trace --back N`: the ledger of each traced step, in the formats of `trace`."""

import json
from typing import Literal

from chargru.cli import inputs, terminal
from chargru.errors import SettingError
from chargru.insight.ledger import Ledger, ledger
from chargru.insight.trace import Trace
from chargru.model import Model
from chargru.show.ledger import data as ledger_export
from chargru.show.ledger import table as ledger_table
from chargru.show.trace import data as export
from chargru.show.view import View

Format = Literal["table", "json", "csv", "npz", "markdown", "latex"]


def write(
    model: Model,
    traced: Trace,
    indices: list[int] | None,
    back: int,
    view: View,
    format: Format,  # noqa: A002
    out: str | None,
) -> None:
    """Take the state of each traced step apart and print or write that.

    JSON is the trace document with `ledger`, a list of chargru.ledger/1 documents, one a step. Raises SettingError.
    """
    if back < 1:
        raise SettingError(f"--back is {back}, but it must be at least 1", "give the number of steps to list, say 20")
    taken = [ledger(model, traced.text, step=step, layer=view.layer, indices=indices) for step in traced.steps]
    data = _rendered(traced, taken, back, view, format)
    if out is not None:
        inputs.write_to(out, data)
        terminal.note(terminal.one_line(f"wrote {out}"))
    else:
        print(data.decode(), end="")


def _rendered(traced: Trace, taken: list[Ledger], back: int, view: View, format: Format) -> bytes:  # noqa: A002
    if format in ("csv", "npz") and len(taken) > 1:
        raise SettingError(f"a ledger as {format} is of one step, but {len(taken)} are traced", "give one --step")
    if format == "npz":
        return ledger_export.as_npz(taken[0])
    if format == "csv":
        text = ledger_export.as_csv(taken[0])
    elif format == "json":
        documents = [ledger_export.document(one) for one in taken]
        text = json.dumps({**export.document(traced), "ledger": documents}, allow_nan=False) + "\n"
    elif format == "table":
        text = "\n\n".join("\n".join(ledger_table.lines(one, back, view)) for one in taken) + "\n"
    else:
        raise SettingError(f"a ledger has no format {format}", "give --format table, json, csv or npz")
    return text.encode("utf-8", "backslashreplace")
