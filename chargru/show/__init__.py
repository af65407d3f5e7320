"""How facts look: terminal, Markdown, LaTeX, HTML, JSON, CSV and NPZ. The package is a function too: `chargru.show`."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chargru.show.view import View


class _Callable(ModuleType):
    """What `chargru.show` is once a file of the package is loaded: the package, and when called the function."""

    def __call__(
        self,
        fact: object,
        format: str | None = None,  # noqa: A002 -- the option's name
        view: "View | None" = None,
    ) -> str | bytes:
        from chargru.show import formats

        return formats.show(fact, format, view)


sys.modules[__name__].__class__ = _Callable
