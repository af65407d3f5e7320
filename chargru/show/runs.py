"""A run and the figures of a trained run, as plain lines."""

from typing import Any

from rich.cells import chop_cells

from chargru.bundled import called
from chargru.run_summary import Report, RunDescription
from chargru.show.columns import WIDTH
from chargru.show.key_values import NAME_WIDTH, lines
from chargru.show.view import View

SHOWN_CHARACTERS = 300
"""Of a large vocabulary so many are shown; format json has them all."""


def description(found: RunDescription, _: View | None = None) -> str:
    """One run: its network, figures, settings, files, versions."""
    shown = [*lines(_main_facts(found)), *lines(_named(found.figures), "figures")]
    for title in ("init_from", "settings", "budget", "text", "versions"):
        values = getattr(found, title)
        if isinstance(values, dict):
            shown += lines(_named(values), title)
    files = [(name, f"{size:,} bytes") for name, size in found.files.items()]
    return "\n".join([*shown, *lines(files, "files")])


def _main_facts(found: RunDescription) -> list[tuple[str, str]]:
    rows = [("run", called(found.checkpoint)), ("state", found.state)]
    if found.written:
        rows.append(("written", minute(found.written)))
    if found.vocabulary is None:
        return [*rows, ("model", "none yet")]
    layers, head = found.layers, "a linear head" if found.head else "no head"
    rows += [
        ("network", f"{layers} GRU layer{'s' * (layers != 1)} of {found.hidden_size:,} units, {head}"),
        ("reset gate", f"acts {found.reset} the product"),
        ("parameters", f"{found.parameters:,}"),
    ]
    if found.forced:
        rows.append(("forced gates", ", ".join(found.forced)))
    return [*rows, *_vocabulary(found.vocabulary)]


def _vocabulary(entries: list[str | None]) -> list[tuple[str, str]]:
    """The size, and the characters as Python would write them, in lines that fit 80 columns."""
    known = [entry for entry in entries if entry is not None]
    rows = chop_cells(repr("".join(known[:SHOWN_CHARACTERS])), WIDTH - 1 - NAME_WIDTH)
    if len(known) > SHOWN_CHARACTERS:
        rows.append(f"and {len(known) - SHOWN_CHARACTERS:,} more")
    if len(known) < len(entries):
        rows.append("and the unknown symbol")
    size = f"{len(entries):,} characters, by id:"
    return [("vocabulary", size), *(("", row) for row in rows)]


def _named(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, _shown(value)) for name, value in values.items() if value is not None]


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | list):
        return str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def minute(written: str | None) -> str:
    """A time of ISO 8601, without seconds."""
    return str(written or "")[:16].replace("T", " ")


def report(found: Report, _: View | None = None) -> str:
    """The figures of a run that was trained; first those before training, if it began from another run."""
    figures = {name: value for name, value in vars(found).items() if name not in ("init_from", "overfitting")}
    if found.init_from is not None:
        before = {f"{name} before": found.init_from[name] for name in ("val_nats", "val_bpc")}
        figures = {"init_from": found.init_from["checkpoint"] or "a model of no run", **before, **figures}
    return "\n".join(lines([(name, _figure(value)) for name, value in figures.items()]))


def _figure(value: object) -> str:
    if value is None:
        return "not validated"
    if isinstance(value, float):
        return f"{value:.4f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
