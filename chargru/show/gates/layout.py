"""The map of a layer: rows of indices below the characters of the text, wrapped into blocks of some width.

A column is as wide as its character is shown: two cells for one of East Asia, more for an escape.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from chargru.insight.gates import Gates, LayerGates
from chargru.show.characters import alone, visible
from chargru.show.gates.levels import SIGNS, levels

LABEL = 7
"""Cells before a row: the index and two spaces."""


@dataclass(frozen=True)
class Column:
    """One step of the map: its place among the steps, its character as shown, cells, and whether a gap goes before."""

    position: int
    step: int
    shown: str
    cells: int
    gap: bool


@dataclass(frozen=True)
class Row:
    """An index and its levels, one a column."""

    index: int
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """Some columns and the rows below them."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def across(self, cells: Sequence[str]) -> str:
        """A string a column, each as wide as its column, with the gaps."""
        pairs = zip(self.columns, cells, strict=True)
        return "".join(" " * column.gap + cell + " " * (column.cells - cell_len(cell)) for column, cell in pairs)

    @property
    def characters(self) -> str:
        """The line of characters."""
        return self.across([column.shown for column in self.columns])

    @property
    def ruler(self) -> str:
        """The numbers of the steps: the first of each stretch where it begins, each tenth where it ends."""
        line, at = "", 0
        for number, column in enumerate(self.columns):
            at += column.gap
            label, first = str(column.step), number == 0 or column.gap
            start = at if first else at + column.cells - len(label)
            if (first or column.step % 10 == 0) and start >= len(line) + bool(line):
                line = line.ljust(start) + label
            at += column.cells
        return line

    def marks(self, steps: frozenset[int]) -> str:
        """A line with a caret below each character of these steps."""
        return self.across(["^" if column.step in steps else "" for column in self.columns]).rstrip()

    def signs(self, row: Row) -> Iterator[tuple[str, int | None]]:
        """A row's cells with their level; a gap has none."""
        for column, level in zip(self.columns, row.levels, strict=True):
            if column.gap:
                yield " ", None
            yield SIGNS[level] * column.cells, level


def columns(found: Gates) -> list[Column]:
    """Every step that is kept for the map."""
    made: list[Column] = []
    for position, step in enumerate(found.steps):
        shown = visible(found.text[step - 1])
        if not cell_len(shown):  # a mark that would stand on the character before it
            shown = alone(found.text[step - 1])[1:-1]
        made.append(
            Column(position, step, shown, cell_len(shown), bool(position) and step != found.steps[position - 1] + 1)
        )
    return made


def blocks(found: Gates, layer: LayerGates, indices: Sequence[int], room: int) -> Iterator[Block]:
    """The map in blocks of at most `room` cells a row; a column wider than that has a block of its own."""
    used, taken = 0, list[Column]()
    for column in columns(found):
        wide = column.cells + column.gap
        if taken and used + wide > room:
            yield block(found, layer, indices, taken)
            used, taken = 0, []
        taken.append(column)
        used += wide
    yield block(found, layer, indices, taken)


def block(found: Gates, layer: LayerGates, indices: Sequence[int], taken: Sequence[Column]) -> Block:
    """These columns and the rows of these indices; no gap goes before the first column."""
    first, *rest = taken
    positions = [column.position for column in taken]
    table = levels(found.gate, layer.values[positions][:, list(indices)]).T.tolist()
    rows = tuple(Row(index, tuple(row)) for index, row in zip(indices, table, strict=True))
    start = Column(first.position, first.step, first.shown, first.cells, gap=False)
    return Block((start, *rest), rows)
