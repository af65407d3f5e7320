"""What `chargru trace --format table --all --index I` prints of one index, for tests of the page."""

from chargru.conventions.authors import CONVENTIONS
from chargru.insight.trace import trace
from chargru.show.formats import show
from chargru.show.view import View


def traced(model, step, index, force=()):
    return trace(model, steps=[step], indices=[index], force=force)


def printed(model, step, index, layer=1, convention="torch", digits=None, force=()):
    """The note on the input, unwrapped, and the lines of the calculation."""
    view = View(CONVENTIONS[convention], digits, layer, whole=True)
    text = show(traced(model, step, index, force), "table", view)
    before, _, after = text.partition(f"\n\nIndex {index} worked out\n")
    note = before.rpartition("\n\n")[2]
    return " ".join(note.split()), after.partition("\n\nWhat you can see\n")[0].splitlines()
