"""Who writes a GRU how, as one fact."""

from dataclasses import dataclass

from chargru.conventions.authors import NOTES, TABLE, Usage
from chargru.shown import Shown


@dataclass(frozen=True)
class ConventionList(Shown):
    """Who means what, with the notes on it."""

    rows: tuple[Usage, ...] = TABLE
    notes: tuple[str, ...] = NOTES
