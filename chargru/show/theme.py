"""Two sets of colours for one piece of HTML: by the theme of the notebook that it stands in, else by the system's."""

_IN_LIGHT = ":is([data-jp-theme-light=true],.vscode-light)"
_IN_DARK = ":is([data-jp-theme-light=false],.vscode-dark)"
"""How JupyterLab, what nbconvert writes, and Visual Studio Code mark their pages."""


def themed(here: str, name: str, light: str, dark: str) -> str:
    """CSS that gives the elements `here` (a selector) the declarations `light` or `dark`.

    `name` is the class among these selectors that a fragment in a notebook has.
    """
    return (
        f"{here}{{{light}}}@media (prefers-color-scheme:dark){{{here}{{{dark}}}}}"
        f"{_IN_LIGHT} .{name}{{{light}}}{_IN_DARK} .{name}{{{dark}}}"
    )
