"""Which runs stay and which go, as plain lines."""

from rich.text import Text

from chargru.pruning import Pruning
from chargru.show.columns import WIDTH, aligned, wrapped
from chargru.show.view import View
from chargru.shown import one_line


def render(found: Pruning, view: View) -> Text:
    """A table of each text's runs, the best first, then those that are left alone, and why."""
    width = view.width or WIDTH
    blocks = []
    for text in found.texts:
        rows = [("keep", one) for one in text.keep] + [("remove", one) for one in text.remove]
        cells = [[what, f"{one.val_bpc:.4f}", in_bytes(one.bytes), one_line(one.checkpoint)] for what, one in rows]
        cells.insert(0, ["", "bits/char", "size", "run"])
        blocks.append([one_line(text.text), *aligned(cells, [0] * 4, left={0, 3}, indent="  ")])
    if found.left_alone:
        lines = [f"{one.checkpoint}: {one.why}" for one in found.left_alone]
        hung = [wrapped(one_line(line), width, indent="  ", further="    ") for line in lines]
        blocks.append(["left alone", *(part for parts in hung for part in parts)])
    return Text("\n\n".join("\n".join(block) for block in blocks))


def in_bytes(size: int) -> str:
    """A size in the unit that leaves few digits."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}" if size < 999.5 * unit else f"{size / unit:,.0f} {name}"
    return f"{size} bytes"
