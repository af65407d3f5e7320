"""A model in a notebook: its figures, its settings, and the loss of the run that it was read from."""

from chargru import run_curves
from chargru.model import Model
from chargru.show import model as plain
from chargru.show.curves.html import drawing
from chargru.show.notebook.fragment import fragment, named, title
from chargru.show.view import View


def render(model: Model, _: View | None = None) -> str:
    """A fragment; all text is escaped."""
    figures = f"<div>{named(plain.facts(model))}{_settings(model)}</div>"
    curves = run_curves.own_curves(model)
    drawn = "" if curves is None else f'<div class="wide">{drawing(curves)}</div>'
    return fragment(title(plain.title(model)), f'<div class="beside">{figures}{drawn}</div>')


def _settings(model: Model) -> str:
    rows = plain.settings(model)
    return f"<details><summary>settings</summary>{named(rows)}</details>" if rows else ""
