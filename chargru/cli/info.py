"""`chargru info`."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from chargru import bundled, run
from chargru.cli import key_values, options, terminal
from chargru.cli import system as machine
from chargru.errors import ChargruError, DamagedRunError, RunError
from chargru.model import MODEL, Document, Model, read_model

FIGURES = ("val_nats", "val_bpc", "best_update", "updates", "epochs", "seconds", "chars_per_second", "trace_nats")
SHOWN_CHARACTERS = 300
"""Of a large vocabulary so many are shown; --format json has them all."""


def info(
    given: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run's directory. Left out: a table of the runs found.")
    ] = None,
    system: Annotated[
        bool, typer.Option("--system", help="Instead: this machine, the versions here, and what runs a layer.")
    ] = False,
    format: options.Format = "table",  # noqa: A002 -- the option's name
) -> None:
    """Show what a run holds: settings, figures, vocabulary, sizes, versions; or which runs there are.

    Without RUN it lists the runs below ./checkpoints, finished, unfinished or damaged, and the bundled one.

    Example: chargru info checkpoints/novel-001
    """
    if system:
        about = machine.describe()
        terminal.json_result(about) if format == "json" else _print_system(about)
        return
    if given is not None:
        document = describe(Path(given))
        terminal.json_result(document) if format == "json" else _print_run(document)
        return
    rows = summaries()
    if format == "json":
        terminal.json_result({"schema": "chargru.runs/1", "runs": rows})
    elif rows:
        _print_runs(rows)
    if not rows:
        terminal.note("there are no runs below ./checkpoints; train one with: chargru train")


def _print_system(about: Document) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in about.items():
        if name != "schema":
            table.add_row(name, Text("not installed" if value is None else str(value)))
    terminal.result(table)


# One run ----------------------------------------------------------------------------------------------------------


def describe(path: Path) -> Document:
    """All of a run but its weights, `chargru.run/1`; an entry is null where the run does not say.

    Raises RunError if there is no run, DamagedRunError if a file of it is damaged.
    """
    if not path.is_file() and not run.is_run(path):
        here = "is not a run: it holds no model.safetensors" if path.is_dir() else "does not exist"
        raise RunError(f"{path} {here}", "list the runs with: chargru info")
    last = run.read_training(path, tensors=False)[0] if (path / run.TRAINING).is_file() else {}
    model = read_model(path) if path.is_file() or (path / MODEL).is_file() else None
    trained = model.trained if model else {}
    return {
        "schema": "chargru.run/1",
        "checkpoint": str(path),
        "state": _state(path, last),
        "written": last.get("written"),
        **_network(model),
        "figures": {name: last.get(name, trained.get(name)) for name in FIGURES},
        "settings": last.get("settings") or trained.get("settings"),
        "budget": last.get("budget") or trained.get("budget"),
        "text": trained.get("text") or last.get("text"),
        "files": {file.name: file.stat().st_size for file in _files(path)},
        "versions": trained.get("versions") or last.get("versions"),
    }


def _state(path: Path, last: Document) -> str:
    if last:
        return "finished" if last.get("finished") is True else "unfinished"
    return "bundled" if _is_bundled(path) else "model only"


def _is_bundled(path: Path) -> bool:
    try:
        return path.resolve() == bundled.run_path().resolve()
    except ChargruError:
        return False


def _network(model: Model | None) -> Document:
    if model is None:
        return dict.fromkeys(("vocabulary", "hidden_size", "layers", "reset", "head", "forced", "parameters"))
    architecture = model.architecture
    return {
        "vocabulary": model.vocabulary.to_document(),
        "hidden_size": architecture.hidden_size,
        "layers": architecture.layers,
        "reset": architecture.reset,
        "head": architecture.head,
        "forced": list(model.forced),
        "parameters": architecture.parameters,
    }


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [path / name for name in (MODEL, run.TRAINING, run.METRICS) if (path / name).is_file()]


def _print_run(document: Document) -> None:
    key_values.show(_main_facts(document))
    key_values.show(_named(document["figures"]), "figures")
    for title in ("settings", "budget", "text", "versions"):
        if isinstance(document[title], dict):
            key_values.show(_named(document[title]), title)
    key_values.show([(name, f"{size:,} bytes") for name, size in document["files"].items()], "files")
    if document["state"] == "unfinished":
        terminal.note(f"go on with: chargru train --resume --out {shlex.quote(document['checkpoint'])}")


def _main_facts(document: Document) -> list[tuple[str, str]]:
    rows = [("run", document["checkpoint"]), ("state", document["state"])]
    if document["written"]:
        rows.append(("written", _minute(document["written"])))
    if document["vocabulary"] is None:
        return [*rows, ("model", "none yet")]
    layers, head = document["layers"], "a linear head" if document["head"] else "no head"
    rows += [
        ("network", f"{layers} GRU layer{'s' * (layers != 1)} of {document['hidden_size']:,} units, {head}"),
        ("reset gate", f"acts {document['reset']} the product"),
        ("parameters", f"{document['parameters']:,}"),
    ]
    if document["forced"]:
        rows.append(("forced gates", ", ".join(map(str, document["forced"]))))
    return [*rows, *_vocabulary(document["vocabulary"])]


def _vocabulary(entries: list[str | None]) -> list[tuple[str, str]]:
    """The size, and the characters as Python would write them, in lines that fit 80 columns."""
    from rich.cells import chop_cells

    known = [entry for entry in entries if entry is not None]
    shown = repr("".join(known[:SHOWN_CHARACTERS]))
    lines = chop_cells(shown, 79 - key_values.NAME_WIDTH)
    if len(known) > SHOWN_CHARACTERS:
        lines.append(f"and {len(known) - SHOWN_CHARACTERS:,} more")
    if len(known) < len(entries):
        lines.append("and the unknown symbol")
    size = f"{len(entries):,} characters, by id:"
    return [("vocabulary", size), *(("", line) for line in lines)]


def _named(values: Document) -> list[tuple[str, str]]:
    return [(name, _shown(value)) for name, value in values.items() if value is not None]


def _shown(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | list):
        return str(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def _minute(written: object) -> str:
    return str(written)[:16].replace("T", " ")


# The runs found ---------------------------------------------------------------------------------------------------


def summaries() -> list[Document]:
    """A row for each run below ./checkpoints, the latest first, and one for the bundled run if it is elsewhere."""
    paths = run.runs()
    try:
        shipped = bundled.run_path()
        if run.is_run(shipped) and not any(_is_bundled(path) for path in paths):
            paths.append(shipped)
    except ChargruError:
        pass
    return [_summary(path) for path in paths]


def _summary(path: Path) -> Document:
    row: Document = dict.fromkeys(("state", "val_bpc", "layers", "hidden_size", "updates", "written", "error"))
    try:
        whole = describe(path)
    except DamagedRunError as error:
        return {"checkpoint": str(path), **row, "state": "damaged", "error": error.message}
    known = {**whole, **whole["figures"]}
    return {"checkpoint": str(path)} | {name: known.get(name) for name in row}


def _print_runs(rows: list[Document]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("run", overflow="fold")
    for name, justify in (("state", "left"), ("bits/char", "right"), ("units", "right"), ("updates", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("written", no_wrap=True)
    for row in rows:
        cells = (row["state"], _bits(row), _units(row), _count(row["updates"]), _minute(row["written"] or ""))
        table.add_row(Text(terminal.one_line(row["checkpoint"])), *(Text(cell) for cell in cells))
    terminal.result(table)
    for row in rows:
        if row["error"]:
            terminal.note(f"damaged: {terminal.one_line(row['error'])}")


def _bits(row: Document) -> str:
    return f"{row['val_bpc']:.4f}" if isinstance(row["val_bpc"], float) else "-"


def _units(row: Document) -> str:
    return f"{row['layers']} x {row['hidden_size']}" if row["hidden_size"] else "-"


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"
