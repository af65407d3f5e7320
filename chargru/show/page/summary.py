"""What a page holds, in a few lines, and how it is written."""

from chargru.insight.exploration import Exploration
from chargru.show.page import data
from chargru.show.view import View


def render(found: Exploration, _: View | None = None) -> str:
    """Plain lines for Python's `print`."""
    one, T = found.model.architecture, len(found.text)
    network = f"{one.layers} layer{'s' * (one.layers != 1)} of {one.hidden_size:,} units"
    text = f"{T:,} character{'s' * (T != 1)}" + (f", the first of {found.length:,}" if T < found.length else "")
    held = [f"It opens with these gates held: {', '.join(found.held)}."] if found.held else []
    return "\n".join(
        [
            f"A page that explores {data.name(found)}: {network}, on {text}.",
            *held,
            'Write it to a file and open that in a browser, page being this: open("explorer.html", "w", '
            'encoding="utf-8").write(chargru.show(page, "html"))',
        ]
    )
