"""The run: its curves as a picture and in words, its settings and figures as lists."""

import drawn
import explored
import numpy as np
import pytest

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)></script><b>bold</b>"
CURVE = {
    "update": [0, 100, 200, 300],
    "train_bpc": [None, 2.5, 1.5, 1.25],
    "val_bpc": [4.0, None, 1.0, 1.75],
    "learning_rate": [0.0, 0.002, 0.004, 0.001],
}
RUN = {
    "name": f"mine {MARKUP}",
    "checkpoint": None,
    "figures": {"val_bpc": 0.51034, "updates": 27000, "seconds": None},
    "settings": {"hidden_size": 48, "force": [], "note": MARKUP, "fine": True, "few": ["a", "b"]},
    "budget": {"unit": "updates"},
    "text": {"paths": MARKUP},
    "versions": None,
}


@pytest.fixture
def tab(open_page):
    return open_page(explored.page(drawn.model(), run=RUN, curve=CURVE))


def points(tab, kind):
    written = tab.locator(f"polyline.loss-{kind}").get_attribute("points")
    return [tuple(map(float, one.split(","))) for one in written.split()]


def test_each_line_has_a_point_for_each_value(tab):
    """Bits go from 0 at the foot (226) to 4 at the head (10); the learning rate has its own scale, to 0.004."""
    train, validation, rate = (points(tab, kind) for kind in ("train", "val", "rate"))
    assert [y for _, y in train] == [91.0, 145.0, 158.5]
    assert [y for _, y in validation] == [10.0, 172.0, 131.5]
    assert [y for _, y in rate] == [226.0, 118.0, 10.0, 172.0]
    x = [x for x, _ in rate]
    assert [one for one, _ in train] == x[1:]
    assert [one for one, _ in validation] == [x[0], x[2], x[3]]
    assert np.abs(np.diff(x) - (x[3] - x[0]) / 3).max() < 0.11


def test_the_picture_has_its_words(tab):
    assert tab.locator(".loss-chart").get_attribute("aria-label") == (
        "Bits per character: training from 2.5 at update 100 to 1.25 at update 300, lowest 1.25 at update 300; "
        "validation from 4 at update 0 to 1.75 at update 300, lowest 1 at update 200."
    )


def test_the_values_below_the_pointer_are_said(tab):
    box = tab.locator(".loss-chart").bounding_box()
    x = points(tab, "rate")[1][0] / tab.evaluate("document.querySelector('.loss-chart').viewBox.baseVal.width")
    tab.locator(".loss-chart").hover(position={"x": x * box["width"] + 2, "y": 40})
    assert tab.locator(".loss-at").inner_text() == (
        "Update 100: validation 4 (update 0), training 2.5, learning rate 0.002."
    )


def test_settings_and_figures_are_lists_and_markup_is_text(tab):
    rows = tab.locator("#run dl div").all()
    shown = [tuple(row.locator("dt, dd").all_text_contents()) for row in rows]
    assert shown == [
        ("val bpc", "0.51034"),
        ("updates", "27,000"),
        ("hidden size", "48"),
        ("force", "none"),
        ("note", MARKUP),
        ("fine", "yes"),
        ("few", "a, b"),
        ("unit", "updates"),
        ("paths", MARKUP),
    ]
    assert tab.locator("#summary strong").inner_text() == RUN["name"]
    assert tab.locator("img, #run b").count() == 0


def test_a_run_without_metrics_says_so(open_page):
    tab = open_page(explored.page(drawn.model(), curve=None, run={"name": "mine"}))
    assert (
        tab.locator("#run").inner_text().strip() == "This run brings no metrics.jsonl, so there are no curves to draw."
    )


@pytest.mark.parametrize(
    ("least", "most", "count", "wanted"),
    [
        (0, 4, 5, [0, 1, 2, 3, 4]),
        (0.5, 0.5675, 5, [0.5, 0.52, 0.54, 0.56]),
        (0, 0.008, 4, [0, 0.002, 0.004, 0.006, 0.008]),
        (0, 27000, 7, [0, 5000, 10000, 15000, 20000, 25000]),
    ],
)
def test_ticks_are_round_numbers(modules, least, most, count, wanted):
    assert modules("ticks.js")("niceTicks(...data)", [least, most, count]) == wanted
