"""Losses as a picture; and what is said where matplotlib is missing."""

import re
import struct
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from chargru.errors import SettingError
from chargru.show.curves.picture import DOTS, SIZE
from chargru.show.formats import show

SVG = "{http://www.w3.org/2000/svg}"


def paths(root):
    """The points of every line drawn, as they stand in the picture: (N, 2) each."""
    found = []
    for group in root.iter(f"{SVG}g"):
        if re.fullmatch(r"line2d_\d+", group.get("id", "")):
            for path in group.findall(f"{SVG}path"):
                points = re.findall(r"[ML] ([\d.]+) ([\d.]+)", path.get("d"))
                found.append(np.array(points, dtype=float))
    return found


def test_svg_has_every_point_and_its_text_as_text(two):
    root = ET.fromstring(show(two, "svg"))
    said = {text.text for text in root.iter(f"{SVG}text")}
    expected = {f"{what} of {one.checkpoint}" for what in ("validation", "training") for one in two.runs}
    assert {"update", "bits per character", "Loss by update", *expected} <= said
    lines = [path for path in paths(root) if len(path) in (5, 10)]
    x, y = np.concatenate([line for line in lines if len(line) == 10][:2]).T
    curves = [one.curve for one in two.runs]
    for drawn, meant in ((x, [u for one in curves for u in one.update]), (y, [b for c in curves for b in c.train_bpc])):
        slope, start = np.polyfit(meant, drawn, 1)
        assert np.abs(slope * np.array(meant) + start - drawn).max() < 0.01  # points of 1/72 inch
        assert abs(slope) > 0.1


def test_the_same_losses_are_the_same_bytes(one):
    assert show(one, "svg") == show(one, "svg")
    assert show(one, "png") == show(one, "png")


def test_png_is_as_large_as_it_should_be(one):
    picture = show(one, "png")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == tuple(int(DOTS * inches) for inches in SIZE)


@pytest.mark.parametrize("picture", ["png", "svg"])
def test_without_matplotlib_it_says_what_to_type(one, picture, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SettingError) as error:
        show(one, picture)
    assert error.value.message == f"{picture} is drawn by matplotlib, which is not installed"
    assert error.value.hint == 'install it with: pip install "chargru[plot]"'


def only_in(family):
    """A character that this font of matplotlib's has, and its default font has not."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    own, default = (FT2Font(findfont(name)).get_charmap() for name in (family, "DejaVu Sans"))
    return chr(min(code for code in own.keys() - default.keys() if chr(code).isprintable()))


def test_a_font_is_found_that_has_the_characters_of_a_name():
    from chargru.show.curves.picture import fonts

    character = only_in("STIXGeneral")
    families, lacking = fonts(f"novel {character}")
    assert (families[0], lacking) == ("DejaVu Sans", "")
    assert len(families) == 2
    assert fonts("novel-001") == (["DejaVu Sans"], "")


def test_what_no_font_has_is_named(monkeypatch):
    from matplotlib.font_manager import fontManager

    from chargru.show.curves.picture import fonts

    monkeypatch.setattr(fontManager, "ttflist", [])
    assert fonts("novel 小说小 α") == (["DejaVu Sans"], "小说")
