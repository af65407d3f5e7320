"""Facts that show themselves when they are printed: the one arrow that runs up, from here to `show`, by name."""

from importlib import import_module
from typing import Any

FORMATS = "chargru.show.formats"


class Shown:
    """A fact whose `str` is what the command prints, and whose HTML a notebook shows."""

    def __str__(self) -> str:
        return str(_formats().show(self))

    def _repr_html_(self) -> str:
        return str(_formats().html(self))


def _formats() -> Any:
    return import_module(FORMATS)
