"""How facts look: terminal, Markdown, LaTeX, HTML, JSON, CSV and NPZ.

The package is a function too: `chargru.show(fact, format=None, view=None)` gives a fact as text, or as bytes for "npz".
`format` is one that the command's option of that name has; without one it is what the command prints. A `View` of
`chargru.show.view` says in whose letters, how many digits, which layer. Raises SettingError for a format that this kind
of fact does not have.

>>> import chargru
>>> trace = chargru.trace(chargru.load("cats"), "The cats were full.", steps=[8])
>>> chargru.show(trace, "csv").splitlines()[0]
'step,char,layer,index,h_prev,r,z,n,h'
"""

import sys
from importlib import import_module
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

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return import_module, (__name__,)


sys.modules[__name__].__class__ = _Callable
