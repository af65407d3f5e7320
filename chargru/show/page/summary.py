"""What a page holds, in a few lines, and how it is written."""

from chargru.insight.exploration import Exploration
from chargru.show.page import data
from chargru.show.view import View

_WRITING = 'pathlib.Path("explorer.html").write_text(chargru.show(page, "html"), encoding="utf-8")'


def render(found: Exploration, _: View | None = None) -> str:
    """Plain lines for Python's `print`."""
    one, T = found.model.architecture, len(found.text)
    network = f"{one.layers} layer{'s' * (one.layers != 1)} of {one.hidden_size:,} unit{'s' * (one.hidden_size != 1)}"
    text = f"{T:,} character{'s' * (T != 1)}" + (f", the first of {found.length:,}" if found.length > T else "")
    held = [f"It opens with these gates held: {', '.join(found.held)}."] if found.held else []
    first = f"A page that explores {data.name(found)}: {network}, on {text}."
    return "\n".join([first, *held, "Write it to a file, and open that in a browser:", f"    {_WRITING}"])
