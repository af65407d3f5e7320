"""The scales: even in lightness, also to eyes that lack a kind of cone, and letters that can be read on them.

The three matrices are those of Machado, Oliveira and Fernandes (2009) at severity 1, on linear RGB; OKLab is
Ottosson's.
"""

import numpy as np
import pytest

pytestmark = pytest.mark.slow

SEQUENTIAL = ("gate", "share", "bits", "gradient")
THEMES = ("light", "dark")
EYES = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colours):
    part = np.asarray(colours) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def seen(colours, eyes):
    """OKLab of sRGB colours, (n, 3), as these eyes see them."""
    light = np.clip(linear(colours) @ np.asarray(EYES[eyes]).T, 0, 1)
    return np.cbrt(light @ TO_LMS.T) @ TO_LAB.T


def luminance(colours):
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


@pytest.fixture
def colours(modules):
    """The 256 colours of a scale in a theme, and the ink on each: colours("gate", "dark") -> (256, 3), list."""
    run = modules("colour.js")

    def read(name, theme):
        scale = run(
            "(() => { document.documentElement.dataset.theme = data[1]; const { css, ink } = scaleNamed(data[0]);"
            " return { css, ink }; })()",
            [name, theme],
        )
        return np.array([[int(part) for part in one[4:-1].split()] for one in scale["css"]]), scale["ink"]

    return read


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*SEQUENTIAL, "state"])
def test_letters_stand_out_on_every_colour(colours, name, theme):
    grounds, inks = colours(name, theme)
    assert set(inks) <= {"#000000", "#ffffff"}
    ground = luminance(grounds)
    ink = np.array([1.0 if one == "#ffffff" else 0.0 for one in inks])
    contrast = (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
    assert contrast.min() >= 4.5


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", SEQUENTIAL)
def test_fifths_of_a_scale_are_told_apart_by_lightness(colours, name, theme, eyes):
    lightness = seen(colours(name, theme)[0], eyes)[:, 0]
    middles = lightness[np.round(255 * np.arange(0.1, 1, 0.2)).astype(int)]
    steps = np.diff(middles)
    assert np.abs(steps).min() > 0.08
    assert len(set(np.sign(steps))) == 1


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_states_are_told_apart_by_lightness_in_size_and_by_hue_in_sign(colours, theme, eyes):
    lab = seen(colours("state", theme)[0], eyes)
    sizes = np.arange(0.1, 1, 0.2)
    above, below = (lab[np.round(127.5 + sign * 127.5 * sizes).astype(int)] for sign in (1, -1))
    for side in (above, below):
        steps = np.diff(side[:, 0])
        assert np.abs(steps).min() > 0.05
        assert len(set(np.sign(steps))) == 1
    assert np.linalg.norm(above - below, axis=1)[2:].min() > 0.12


def test_a_number_beyond_an_end_has_the_colour_of_the_end_and_none_has_none(modules):
    run = modules("colour.js")
    levels = run('[-9, -6, -3, 0, 2, NaN, -Infinity].map((value) => scaleNamed("gradient").level(value))')
    assert levels == [0, 0, 128, 255, 255, -1, 0]
    assert run('[0, 0.25, 1].map((share) => scaleNamed("share").level(share))') == [0, 128, 255]
    assert run('scaleNamed("bits", 12).ticks') == [0, 3, 6, 9, 12]
