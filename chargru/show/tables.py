"""What folds in a narrow terminal: the list of runs, and the machine."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chargru.bundled import called
from chargru.run_summary import RunList, RunSummary
from chargru.show.columns import WIDTH
from chargru.show.runs import minute
from chargru.show.view import View
from chargru.shown import one_line
from chargru.system import System


def runs(found: RunList, view: View) -> Text:
    """A row a run."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("run", overflow="fold")
    table.add_column("state", no_wrap=True)
    for name in ("bits/char", "units", "updates"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("written", no_wrap=True)
    for one in found.runs:
        cells = (one.state, _bits(one), _units(one), _count(one.updates), minute(one.written))
        table.add_row(Text(one_line(called(one.checkpoint))), *map(Text, cells))
    return _text(table, view)


def _bits(one: RunSummary) -> str:
    return "-" if one.val_bpc is None else f"{one.val_bpc:.4f}"


def _units(one: RunSummary) -> str:
    return f"{one.layers} x {one.hidden_size}" if one.hidden_size else "-"


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"


def system(found: System, view: View) -> Text:
    """The machine, the versions here, and what runs a layer."""
    table = Table.grid(padding=(0, 2))
    for name, value in vars(found).items():
        table.add_row(name, Text("not installed" if value is None else str(value)))
    return _text(table, view)


def _text(table: Table, view: View) -> Text:
    """The table in the columns of the view, without the end of its last line."""
    found = Text.assemble(*((part.text, part.style or "") for part in Console(width=view.width or WIDTH).render(table)))
    found.right_crop(1)
    return found
