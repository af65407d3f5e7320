"""A run and the figures of a trained run, as plain lines."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from chargru.bundled import called
from chargru.model import MODEL, TRAINING
from chargru.run_summary import Report, RunDescription
from chargru.show.columns import WIDTH
from chargru.show.key_values import INDENT, NAME_WIDTH, lines
from chargru.show.view import View

SHOWN_CHARACTERS = 300
"""Of a large vocabulary so many are shown; format json has them all."""

SHOWN_DIGITS = 16


def description(found: RunDescription, view: View) -> Text:
    """One run: its network, figures, settings, files, versions; the values in one column."""
    blocks = {"": _main_facts(found), "figures": _named(found.figures)}
    for title in ("init_from", "settings", "budget", "text", "versions"):
        values = getattr(found, title)
        if isinstance(values, dict):
            blocks[title] = _named(values)
    blocks["files"] = [(name, f"{size:,} bytes") for name, size in found.files.items()]
    column = len(INDENT) + max(NAME_WIDTH, *(len(name) for rows in blocks.values() for name, _ in rows))
    room = (view.width or WIDTH) - 1 - column
    blocks[""] += _vocabulary(found.vocabulary, room)
    if "text" in blocks:
        blocks["text"] = [(name, _digits(value, room) if name == "sha256" else value) for name, value in blocks["text"]]
    return Text("\n".join(line for title, rows in blocks.items() for line in lines(rows, title, column)))


def _main_facts(found: RunDescription) -> list[tuple[str, str]]:
    rows = [("run", called(found.checkpoint)), ("state", found.state)]
    if found.written:
        rows.append(("written", minute(found.written)))
    if MODEL not in found.files and TRAINING in found.files:
        rows.append(("model", "none; this is the last state"))
    layers, head = found.layers, "a linear head" if found.head else "no head"
    rows += [
        ("network", f"{layers} GRU layer{'s' * (layers != 1)} of {found.hidden_size:,} units, {head}"),
        ("reset gate", f"acts {found.reset} the product"),
        ("parameters", f"{found.parameters:,}"),
    ]
    if found.forced:
        rows.append(("forced gates", ", ".join(found.forced)))
    return rows


def _vocabulary(entries: list[str | None], room: int) -> list[tuple[str, str]]:
    """The size, and the characters as Python would write them, in lines of at most `room` terminal cells."""
    known = [entry for entry in entries if entry is not None]
    rows = _literals(known[:SHOWN_CHARACTERS], room)
    if len(known) > SHOWN_CHARACTERS:
        rows.append(f"and {len(known) - SHOWN_CHARACTERS:,} more")
    if len(known) < len(entries):
        rows.append("and the unknown symbol")
    size = f"{len(entries):,} characters, by id:"
    return [("vocabulary", size), *(("", row) for row in rows)]


def _literals(characters: Sequence[str], room: int) -> list[str]:
    """The characters in as many strings as there must be lines, each in quotes, so that a space at an end is seen."""
    parts = [""]
    for character in characters:
        if parts[-1] and cell_len(repr(parts[-1] + character)) > room:
            parts.append("")
        parts[-1] += character
    return list(map(repr, parts))


def _digits(sha256: str, room: int) -> str:
    """A fingerprint; its first digits where the room lacks. Format json has them all."""
    return sha256 if len(sha256) <= room else f"{sha256[:SHOWN_DIGITS]}…"


def _named(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, _shown(value)) for name, value in values.items() if value is not None]


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | list):
        return str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def minute(written: str | None) -> str:
    """A time of ISO 8601, without seconds."""
    return str(written or "")[:16].replace("T", " ")


def report(found: Report, _: View | None = None) -> str:
    """The figures of a run that was trained; first those before training, if it began from another run."""
    figures = {name: value for name, value in vars(found).items() if name not in ("init_from", "overfitting")}
    if found.init_from is not None:
        before = {f"{name} before": found.init_from.get(name) for name in ("val_nats", "val_bpc")}
        figures = {"init_from": found.init_from.get("checkpoint") or "a model of no run", **before, **figures}
    return "\n".join(lines([(name, _figure(value)) for name, value in figures.items()]))


def _figure(value: object) -> str:
    if value is None:
        return "not validated"
    if isinstance(value, float):
        return f"{value:.4f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
