"""The losses of runs by update as a picture, PNG or SVG, which matplotlib draws: the extra `plot`, loaded only here."""

import io
import warnings
from typing import Any

from chargru.bundled import called
from chargru.errors import SettingError
from chargru.run_curves import Curves
from chargru.show.curves.terminal import COLOURS, known
from chargru.show.view import View
from chargru.shown import one_line

SIZE = (7.5, 4.2)
"""Inches."""
DOTS = 160
"""Dots an inch of a PNG."""
_MARKERS = "osD^vPX*"
"""Of the validation points, a shape a run, so that runs can be told apart without colour."""


def as_png(found: Curves, _: View | None = None) -> bytes:
    """The picture in dots. Raises SettingError if matplotlib is not installed."""
    return _drawn(found, "png")


def as_svg(found: Curves, _: View | None = None) -> str:
    """The picture in lines, its text as text. Raises SettingError if matplotlib is not installed."""
    return _drawn(found, "svg").decode()


def _drawn(found: Curves, format: str) -> bytes:  # noqa: A002
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure  # without pyplot: no window, nothing global
    except ImportError:
        message = f"{format} is drawn by matplotlib, which is not installed"
        raise SettingError(message, 'install it with: pip install "chargru[plot]"') from None
    stream, (families, _) = io.BytesIO(), fonts(_names(found))
    with (
        warnings.catch_warnings(),
        mpl.rc_context(
            # Text stays text, and the same losses are the same bytes.
            {"svg.fonttype": "none", "svg.hashsalt": "chargru", "text.usetex": False, "font.family": families}
        ),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # `lacking` says so
        figure = Figure(SIZE, dpi=DOTS, layout="constrained")
        _draw(found, figure.add_subplot())
        figure.savefig(stream, format=format, metadata={"Date": None} if format == "svg" else {"Software": None})
    return stream.getvalue()


def lacking(found: Curves) -> str:
    """Characters of the runs' names that no font here has: a PNG has boxes for them. SVG leaves fonts to its viewer."""
    return fonts(_names(found))[1]


def fonts(text: str) -> tuple[list[str], str]:
    """Matplotlib's own font, and as many others that are installed as the text needs; and what none of them has."""
    from matplotlib.font_manager import findfont, fontManager
    from matplotlib.ft2font import FT2Font

    families = ["DejaVu Sans"]
    needed = {ord(character) for character in text if character.isprintable()}
    needed -= FT2Font(findfont(families[0])).get_charmap().keys()
    for font in sorted(fontManager.ttflist, key=lambda font: (font.weight != 400, font.name)) if needed else ():
        if "Last Resort" in font.name:  # it has boxes for all characters
            continue
        known = needed & FT2Font(font.fname).get_charmap().keys()
        if known:
            families.append(font.name)
            needed -= known
        if not needed:
            break
    return families, "".join(character for character in dict.fromkeys(text) if ord(character) in needed)


def _names(found: Curves) -> str:
    return "".join(one_line(called(one.checkpoint)) for one in found.runs)


def _draw(found: Curves, axes: Any) -> None:
    alone = len(found.runs) == 1
    for number, one in enumerate(found.runs):
        colour, marker = COLOURS[number % len(COLOURS)], _MARKERS[number % len(_MARKERS)]
        name = _text(called(one.checkpoint))
        for column, what, style in (("val_bpc", "validation", "-"), ("train_bpc", "training", ":")):
            points = known(one.curve, column)
            if points:
                axes.plot(
                    *zip(*points, strict=True),
                    style,
                    color=colour,
                    marker=marker if column == "val_bpc" else "",
                    markersize=4,
                    markevery=max(1, len(points) // 25),
                    label=what if alone else f"{what} of {name}",
                )
    axes.set_xlabel("update")
    axes.set_ylabel("bits per character")
    axes.set_title(f"Loss of {_text(called(found.runs[0].checkpoint))}" if alone else "Loss by update")
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _text(name: str) -> str:
    """A name as matplotlib draws it letter by letter: a dollar sign would begin a formula."""
    return one_line(name).replace("$", r"\$")
