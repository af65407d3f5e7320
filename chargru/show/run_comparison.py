"""Runs side by side, a column a run; in a narrow terminal as several tables below each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from chargru import bundled
from chargru.run_comparison import RunComparison, Values
from chargru.show.columns import GAP, WIDTH, aligned, wrapped
from chargru.show.view import View
from chargru.shown import one_line

NARROWEST = 12
"""Terminal cells of a column, at least; where there is less room some runs stand in a table of their own."""

SHOWN_SUFFIXES = 3

TITLES = {
    "settings": "settings differ",
    "text": "texts differ",
    "versions": "versions differ",
}

DIGITS = {"val_bpc": ".4f", "val_nats": ".4f", "epochs": ",.2f", "seconds": ",.0f", "chars_per_second": ",.0f"}
"""The formats of figures that have as many digits in every column."""

Row = list[str]


def render(found: RunComparison, view: View) -> Text:
    """A sentence on the scores, then a column a run."""
    names, rows, width = short_names(found.runs), _rows(found), view.width or WIDTH
    table = [["", *names], *rows]
    longest = max(cell_len(word) for row in table for cell in row[1:] for word in cell.split() or [""])
    for count in range(len(names), 0, -1):
        lines = _tables(table, count, width)
        if longest <= _room(table, count, width) and max(map(cell_len, lines)) <= width:
            break
    return Text("\n".join([*wrapped(_sentence(found, names), width), "", *lines]))


def _tables(rows: Sequence[Row], count: int, width: int) -> list[str]:
    """The lines of tables of at most `count` runs each, a blank one between two."""
    room = _room(rows, count, width)
    lines: list[str] = []
    for begin in range(1, len(rows[0]), count):
        cut = [[row[0], *row[begin : begin + count]] for row in rows]
        lines += [*([""] if lines else []), *_table(cut, room)]
    return lines


def _room(rows: Sequence[Row], count: int, width: int) -> int:
    """The terminal cells that a column of `count` may take."""
    return max((width - max(len(row[0]) for row in rows)) // count - len(GAP), NARROWEST)


def short_names(runs: Sequence[str]) -> list[str]:
    """What to call runs: the names of their directories, where those tell them apart; else their paths."""
    called = [bundled.called(run) for run in runs]
    short = [Path(name).name or name for name in called]
    clear = len(set(short)) == len(set(called)) and not any(
        name in bundled.RUNS and name != whole for name, whole in zip(short, called, strict=True)
    )
    return list(map(one_line, short if clear else called))


def _sentence(found: RunComparison, names: Sequence[str]) -> str:
    bits = found.scores["val_bpc"]
    if found.same_text is None:
        return "One of them does not say which text it was scored on: the scores are not comparable."
    if not found.same_text:
        return "They were not scored on the same text: their scores are not comparable."
    if found.best is None:
        return "Fewer than two of them were validated."
    best = found.runs.index(found.best)
    others = sorted((value, name) for value, name in zip(bits, names, strict=True) if value is not None)
    second, runner_up = others[1]
    if second == bits[best]:
        return f"{others[0][1]} and {runner_up} score the same: {second:.4f} bits per character."
    less = f"{second - bits[best]:.4f} fewer than {runner_up}"
    return f"{names[best]} predicts best: {bits[best]:.4f} bits per character, {less}."


def _rows(found: RunComparison) -> list[Row]:
    """The name of each row, and a cell a run; a title has no cells."""
    rows = [["state", *found.states], *_named(found.scores)]
    for part, title in TITLES.items():
        values: Values = getattr(found, part)
        if part == "settings" and found.budget:
            values = {**values, "budget": tuple(map(_budget, found.budget["amount"], found.budget["unit"]))}
        rows += [[], [title], *([f"  {name}", *cells] for name, *cells in _named(values))] if values else []
    if len(rows) == 1 + len(_named(found.scores)):
        rows += [[], ["nothing else differs"]]
    return [row or [""] for row in rows]


def _budget(amount: float | None, unit: str | None) -> str | None:
    return None if amount is None else f"{amount:,g} {str(unit).removesuffix('s') if amount == 1 else unit}"


def _named(values: Values) -> list[Row]:
    return [
        [name, *(_cell(name, value) for value in row)]
        for name, row in values.items()
        if any(value is not None for value in row)
    ]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "paths":
        return ", ".join(Path(path).name for path in value) if isinstance(value, list) else str(value)
    if name == "sha256":
        return str(value)[:NARROWEST]
    if name == "suffixes" and isinstance(value, list) and len(value) > SHOWN_SUFFIXES:
        value = [*value[:1], f"{len(value) - 1} more"]
    if isinstance(value, list | tuple):
        return one_line(", ".join(map(str, value))) or "none"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return one_line(str(value))
    return f"{value:{DIGITS.get(name, ',' if isinstance(value, int) else ',.6g')}}"


def _table(rows: Sequence[Row], room: int) -> list[str]:
    """The rows as lines; a cell that is wider than its `room` goes on in the next line, with a new word if it can."""
    columns, lines = len(rows[0]), []
    for row in rows:
        if len(row) == 1:
            lines.append([row[0], *[""] * (columns - 1)])
            continue
        folded = [[row[0]], *(wrapped(cell, room) or [""] for cell in row[1:])]
        lines += [[part[line] if line < len(part) else "" for part in folded] for line in range(max(map(len, folded)))]
    return aligned(lines, [0] * columns, left={0})
