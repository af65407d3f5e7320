"""The list of runs in a notebook."""

from collections.abc import Iterator

from chargru.bundled import called
from chargru.run_summary import RunList, RunSummary
from chargru.show.notebook.fragment import fragment, table
from chargru.show.runs import minute
from chargru.show.view import View
from chargru.shown import one_line


def render(found: RunList, _: View | None = None) -> str:
    """A fragment: a row a run."""
    heading = ("run", "state", "written", "bits per character", "units", "updates")
    return fragment(table([heading, *(tuple(_cells(one)) for one in found.runs)], left=3))


def _cells(one: RunSummary) -> Iterator[str]:
    yield one_line(called(one.checkpoint))
    yield one.state if one.error is None else f"{one.state}: {one_line(one.error)}"
    yield minute(one.written)
    yield "-" if one.val_bpc is None else f"{one.val_bpc:.4f}"
    yield "-" if one.hidden_size is None else f"{one.layers} x {one.hidden_size:,}"
    yield "-" if one.updates is None else f"{one.updates:,}"
