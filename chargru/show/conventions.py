"""Who writes a GRU how: the table of conventions, as text of at most 80 columns and as a document."""

import textwrap
from typing import Any

from chargru.conventions.authors import NOTES, TABLE

SCHEMA = "chargru.conventions/1"
WIDTH = 80
_HEADINGS = ("name", "who", "z times", "reset", "biases", "order", "after", "before")


def lines() -> list[str]:
    """The table and its notes."""
    cells = [_HEADINGS, *((row.name or "", *row[1:], row.on("after"), row.on("before")) for row in TABLE)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = [" ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    notes = [line for note in NOTES for line in textwrap.wrap(note, WIDTH)]
    return [rows[0], "─" * (sum(widths) + len(widths) - 1), *rows[1:], "", *notes]


def document() -> dict[str, Any]:
    """The same as `chargru.conventions/1`."""
    rows = [{**row._asdict(), "on_reset_after": row.on("after"), "on_reset_before": row.on("before")} for row in TABLE]
    return {"schema": SCHEMA, "conventions": rows, "notes": list(NOTES)}
