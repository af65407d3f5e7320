"""What fits a narrow terminal: the list of runs drops columns, the description of the machine folds."""

from pathlib import Path

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chargru import bundled
from chargru.run import RUNS
from chargru.run_summary import RunList, RunSummary
from chargru.show.columns import WIDTH, aligned
from chargru.show.runs import minute
from chargru.show.view import View
from chargru.shown import one_line
from chargru.system import System

HEADINGS = ("run", "state", "bits/char", "units", "updates", "written")

LEFT = ("run", "state", "written")
"""The columns of words; the others are flush right."""

LEAST_FIRST = ("updates", "written", "units", "state", "bits/char")
"""The order in which columns go where the width lacks."""


def runs(found: RunList, view: View) -> Text:
    """A row a run; where the width lacks, without the columns that matter least."""
    width = view.width or WIDTH
    rows = [list(HEADINGS), *(row for one in found.runs for row in _rows(one, width))]
    for least in (*LEAST_FIRST, None):
        left = {column for column, name in enumerate(rows[0]) if name in LEFT}
        lines = aligned(rows, [0] * len(rows[0]), left=left)
        if least is None or max(map(cell_len, lines)) <= width:
            break
        gone = rows[0].index(least)
        rows = [row[:gone] + row[gone + 1 :] for row in rows]
    return Text("\n".join(lines))


def _rows(one: RunSummary, width: int) -> list[list[str]]:
    """The cells of a run; a name that alone is wider than the screen goes on in rows of its own."""
    name = one_line(_name(one))
    first, *further = [name] if cell_len(name) <= width else chop_cells(name, width // 2)
    cells = [one.state, _bits(one), _units(one), _count(one.updates), minute(one.written)]
    return [[first, *cells], *([part, *[""] * len(cells)] for part in further)]


def _name(one: RunSummary) -> str:
    """What `-c` takes: below ./checkpoints the run's own name, unless `-c` takes that for a run that ships."""
    path = Path(one.checkpoint)
    clear = path.name not in bundled.RUNS or one.state == "bundled"
    return path.name if clear and path == RUNS / path.name else bundled.called(one.checkpoint)


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
    parts = Console(width=view.width or WIDTH).render(table)
    lines = Text.assemble(*((part.text, part.style or "") for part in parts))
    lines.right_crop(1)  # the end of the last line
    return lines
