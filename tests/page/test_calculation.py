"""The worked calculation on the page: the lines of `chargru trace --all`, character for character."""

import re

import drawn
import pytest
from shown_calculation import printed

from chargru.conventions.authors import CONVENTIONS
from chargru.insight.exploration import explore
from chargru.insight.trace import trace
from chargru.show.formats import show

pytestmark = pytest.mark.slow

STEP, INDEX = 12, 2
MODELS = {
    "after": drawn.model(),
    "before": drawn.model(reset="before", seed=1),
    "two layers": drawn.model(units=12, layers=2, seed=2),
    "two layers, before": drawn.model(layers=2, reset="before", seed=3),
    "no head": drawn.model(head=False, seed=4),
}


def written(model):
    return show(explore(model), "html")


def look(page, **view):
    page.evaluate("(view) => chargru.store.set(view)", {"step": STEP, "index": INDEX, **view})
    return page.text_content("#calculation p"), page.text_content("#calculation .worked").splitlines()


def test_a_held_gate_says_so(open_page):
    model = MODELS["after"]
    page = open_page(written(model), hash=f"step={STEP}&index={INDEX}&hold=z[{INDEX}]=0.25@{STEP}&letters=course")
    z = trace(model, steps=[STEP]).z[0, INDEX]
    assert page.text_content("#calculation-held") == (
        f"gamma_u<{STEP}>[{INDEX}] is held at 0.7500 (computed: {1 - z:.4f}): a held gate reads nothing, so its "
        "weights count as 0 and its bias alone makes the value."
    )
    look(page, index=INDEX + 1)
    assert page.is_hidden("#calculation-held")


@pytest.mark.parametrize("name", MODELS)
def test_every_line_in_every_convention(open_page, name):
    model = MODELS[name]
    page = open_page(written(model))
    layers = range(1, model.architecture.layers + 1)
    for layer in layers:
        for letters in CONVENTIONS:
            shown = look(page, letters=letters, layer=layer)
            assert shown == printed(model, STEP, INDEX, layer, letters), (layer, letters)
    assert look(page, step=1, letters="torch", layer=1) == printed(model, 1, INDEX)


@pytest.mark.parametrize("force", ["z[2]=0.3@10-20", "r=1", "z=0@12", "r[0-3]=0.125@2-last"])
@pytest.mark.parametrize("name", ["after", "two layers, before"])
def test_with_a_gate_held(open_page, name, force):
    model = MODELS[name]
    page = open_page(written(model), hash=f"hold={force}")
    for layer in range(1, model.architecture.layers + 1):
        for letters in ("torch", "course"):
            shown = look(page, letters=letters, layer=layer)
            assert shown == printed(model, STEP, INDEX, layer, letters, force=[force])
    assert shown != printed(model, STEP, INDEX, layer, letters)


def test_more_digits(open_page):
    page = open_page(written(MODELS["after"]))
    look(page)
    page.fill("#digits", "9")
    assert look(page) == printed(MODELS["after"], STEP, INDEX, digits=9)


def test_the_characters_that_are_read(open_page):
    model = drawn.model("猫\u0301\n\tשלום\u200b 🐈'<b>" * 3, units=4)
    page = open_page(written(model))
    for step in range(1, 16):
        assert look(page, step=step)[0] == printed(model, step, INDEX)[0]


def test_how_far_the_page_is_from_chargru(open_page):
    model = MODELS["two layers"]
    found = explore(model)
    page = open_page(show(found, "html"))
    line = (
        r"This page's numbers differ from chargru's own by at most (\S+) \(([\d,]+) values at (\d+) steps compared\)\."
    )
    difference, values, steps = re.fullmatch(line, page.text_content("#calculation .check")).groups()
    assert 0 < float(difference) < 1e-12
    count = len(found.given.steps)
    bits = sum(step > 1 for step in found.given.steps)
    assert (int(values.replace(",", "")), int(steps)) == (2 * 5 * 12 * count + bits, count)


def test_the_comparison_is_of_the_page_s_own_text(open_page):
    page = open_page(written(MODELS["after"]), hash="text=The+cat")
    check = page.locator("#calculation .check")
    assert check.text_content() == "This page's numbers are compared with chargru's own where it shows its own text."
    page.evaluate("() => chargru.store.set({ text: null, hold: ['z=1@3'] })")
    page.wait_for_function("() => chargru.experiment.held && chargru.experiment.own")
    assert check.text_content().endswith(" The comparison is of the page's own text, with no gate held.")


def test_weights_of_half_the_digits_say_why_they_differ(open_page):
    page = open_page(show(explore(MODELS["after"], half=True), "html"))
    said = page.text_content("#calculation .check")
    assert said.endswith(" The page holds the weights with half the digits (float16), so the difference is larger.")
    assert 1e-6 < float(re.search(r"at most (\S+) ", said)[1]) < 1
