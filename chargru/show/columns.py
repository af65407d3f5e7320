"""Columns of plain text: as wide as what stands in them, two spaces apart, each heading over its own."""

from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP = "  "
WIDTH = 80
"""Where a line of plain text is broken, as far as it can be."""


def aligned(
    rows: Sequence[Sequence[str]], least: Sequence[int], *, left: Collection[int] = (), indent: str = ""
) -> list[str]:
    """Rows of cells, headings among them, as one line each.

    `least` says how wide each column is at least, in terminal cells; the columns `left` (0-based) are flush left, the
    others flush right.
    """
    columns = zip(least, zip(*rows, strict=True), strict=True)
    widths = [max(low, *map(cell_len, cells)) for low, cells in columns]
    return [(indent + GAP.join(_padded(row, widths, left))).rstrip() for row in rows]


def wrapped(text: str, width: int, *, indent: str = "", further: str = "") -> list[str]:
    """A paragraph in lines of at most `width` terminal cells; the first begins with `indent`, the others `further`."""
    from rich.console import Console
    from rich.text import Text

    lines = Text(text).wrap(Console(width=width), width - max(len(indent), len(further)))
    return [(further if number else indent) + line.plain.rstrip() for number, line in enumerate(lines)]


def fitted(text: str, width: int) -> str:
    """Text that was laid out in WIDTH columns, in `width`: sentences broken anew, rules cut, tables as they are."""
    lines: list[str] = []
    paragraph: list[str] = []
    for line in text.split("\n"):
        if paragraph and not _goes_on(paragraph[-1], line):
            lines += _broken_anew(paragraph, width)
            paragraph = []
        if _is_prose(line):
            paragraph.append(line)
        else:
            lines.append(line[:width] if line and set(line) == {"─"} else line)
    return "\n".join([*lines, *_broken_anew(paragraph, width)])


def _broken_anew(paragraph: list[str], width: int) -> list[str]:
    if all(cell_len(line) <= width for line in paragraph):
        return paragraph
    indent = " " * (len(paragraph[0]) - len(paragraph[0].lstrip()))
    return wrapped(" ".join(line.strip() for line in paragraph), width, indent=indent, further=indent)


def _goes_on(before: str, line: str) -> bool:
    """Whether a line was only begun because the one before had no room for its first word."""
    if not _is_prose(line) or len(before) - len(before.lstrip()) != len(line) - len(line.lstrip()):
        return False
    return cell_len(before) + 1 + cell_len(line.split()[0]) > WIDTH - 2


def _is_prose(line: str) -> bool:
    """Whether a line is plain words, and no row of a table or of a plot."""
    return bool(line.strip()) and "  " not in line.strip() and not set("|│─\x1b") & set(line)


def _padded(row: Sequence[str], widths: Sequence[int], left: Collection[int]) -> list[str]:
    room = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
    pairs = enumerate(zip(row, room, strict=True))
    return [cell + spaces if column in left else spaces + cell for column, (cell, spaces) in pairs]


def prose(text: str, width: int, style: str = "") -> Iterator[Text]:
    """Words in lines of at most `width` terminal cells; a word that is longer is broken."""
    for line in Text(text, style).wrap(Console(), width):
        line.rstrip()
        yield line
