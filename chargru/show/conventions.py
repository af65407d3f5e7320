"""Who writes a GRU how: the table of conventions, as text of at most 80 columns and as a document."""

import textwrap

from chargru.conventions.authors import ConventionList
from chargru.show.columns import WIDTH
from chargru.show.data import json_text
from chargru.show.view import View

SCHEMA = "chargru.conventions/1"
_HEADINGS = ("name", "who", "z times", "reset", "biases", "order", "after", "before")


def render(found: ConventionList, _: View | None = None) -> str:
    """The table and its notes."""
    cells = [_HEADINGS, *((row.name or "", *row[1:], row.on("after"), row.on("before")) for row in found.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = [" ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    notes = [line for note in found.notes for line in textwrap.wrap(note, WIDTH)]
    return "\n".join([rows[0], "─" * (sum(widths) + len(widths) - 1), *rows[1:], "", *notes])


def as_json(found: ConventionList, _: View | None = None) -> str:
    """The same as `chargru.conventions/1`."""
    rows = [
        {**row._asdict(), "on_reset_after": row.on("after"), "on_reset_before": row.on("before")} for row in found.rows
    ]
    return json_text({"schema": SCHEMA, "conventions": rows, "notes": list(found.notes)}, indent=2)
