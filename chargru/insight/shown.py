"""Facts that show themselves when printed or as a notebook's output: the one arrow that runs up, from here to `show`."""

from importlib import import_module


class Shown:
    """A fact whose `str` is what the command prints."""

    def __str__(self) -> str:
        return str(import_module("chargru.show.formats").plain(self))
