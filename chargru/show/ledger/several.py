"""A trace with the ledger of each of its steps; as CSV and NPZ there is one step."""

from chargru.errors import SettingError
from chargru.insight.ledger import Ledger, Ledgers
from chargru.show.data import json_text
from chargru.show.ledger import data, table
from chargru.show.trace import data as trace_data
from chargru.show.view import View


def render(found: Ledgers, view: View | None = None) -> str:
    """One ledger below the other."""
    return "\n\n".join(table.render(ledger, view) for ledger in found.ledgers)


def as_json(found: Ledgers, _: View | None = None) -> str:
    """The trace document with `ledger`, a list of chargru.ledger/1 documents, one a step."""
    documents = [data.document(ledger) for ledger in found.ledgers]
    return json_text({**trace_data.document(found.trace), "ledger": documents})


def as_csv(found: Ledgers, _: View | None = None) -> str:
    """The one ledger. Raises SettingError if there are more."""
    return data.as_csv(_only(found, "csv"))


def as_npz(found: Ledgers, _: View | None = None) -> bytes:
    """The one ledger. Raises SettingError if there are more."""
    return data.as_npz(_only(found, "npz"))


def _only(found: Ledgers, format_: str) -> Ledger:
    if len(found.ledgers) > 1:
        message = f"a ledger as {format_} is of one step, but {len(found.ledgers)} are traced"
        raise SettingError(message, "give one --step")
    return found.ledgers[0]
