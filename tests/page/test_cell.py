"""The drawing of a step on the page: its numbers are those of a trace, its letters those of the convention."""

import re
from xml.etree import ElementTree as ET

import drawn
import numpy as np
import pytest

from chargru.conventions.authors import CONVENTIONS
from chargru.insight.exploration import explore
from chargru.insight.ledger import ledger
from chargru.insight.trace import trace
from chargru.show.formats import show
from chargru.show.trace.calculation import Unit
from chargru.show.trace.drawing import drawing
from chargru.show.view import View

pytestmark = pytest.mark.slow

STEP, INDEX = 12, 2
MODELS = {
    "after": drawn.model(),
    "before": drawn.model(reset="before", seed=1),
    "two layers": drawn.model(units=5, layers=2, seed=2, scale=1.5),
}
SLOTS = """(kind) => Object.fromEntries([...document.querySelectorAll(`#cell [data-${kind}]`)]
    .filter((slot) => getComputedStyle(slot.parentElement).display !== "none")
    .map((slot) => [slot.getAttribute(`data-${kind}`), slot.textContent]))"""


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


@pytest.fixture
def page(open_page, model):
    return open_page(show(explore(model), "html"), hash=f"step={STEP}&index={INDEX}&layer={model.architecture.layers}")


def expected(model, step=STEP, index=INDEX):
    """The numbers of the drawing, from a trace and the weights."""
    traced, layer = trace(model, steps=[step]), model.architecture.layers - 1
    cell, weights = traced.layers[layer], traced.weights.layers[layer]
    h_prev, r, z, n, h = (getattr(cell, name)[0] for name in ("h_prev", "r", "z", "n", "h"))
    after = model.architecture.reset == "after"
    fresh = weights.W_i("n")[index] @ traced.input(layer)[0] + weights.b_i("n")[index]
    said = weights.W_h("n")[index] @ (h_prev if after else r * h_prev) + weights.b_h("n")[index]
    heard = r[index] * (said if after else h_prev[index])
    assert n[index] == pytest.approx(np.tanh(fresh + (heard if after else said)), abs=1e-12)
    one = {name: value[index] for name, value in {"h_prev": h_prev, "r": r, "z": z, "n": n, "h": h}.items()}
    long = one | {"keep": one["z"], "take": 1 - one["z"], "kept": one["z"] * one["h_prev"]}
    long["taken"] = (1 - one["z"]) * one["n"]
    small = {"fresh": fresh, "said": said, "heard": heard, "sum": fresh + (heard if after else said)}
    found = {name: f"{value:z.4f}" for name, value in long.items()}
    found |= {name: f"{value:z.2f}" for name, value in small.items()}
    return found | {"x": f"layer {layer}" if layer else f"'{traced.char(0)}'"}


def test_the_numbers_are_those_of_the_trace(page, model):
    assert page.evaluate(SLOTS, "number") == expected(model)
    page.evaluate("() => chargru.store.set({ step: 5, index: 0 })")
    assert page.evaluate(SLOTS, "number") == expected(model, 5, 0)


def test_the_letters_and_the_two_products(page):
    found = page.evaluate(SLOTS, "letter")
    assert {name: found[name] for name in ("h_prev", "r", "z", "n", "h", "x", "keep", "take", "said", "fresh")} == {
        "h_prev": "h11", "r": "r12", "z": "z12", "n": "n12", "h": "h12", "x": "x12",
        "keep": "z", "take": "1 − z", "said": "Whn · + bhn", "fresh": "Win · + bin",
    }  # fmt: skip
    before = page.evaluate(SLOTS, "number")
    page.check("#letters input[value=course]", force=True)
    found = page.evaluate(SLOTS, "letter")
    assert [found[name] for name in ("h_prev", "z", "r", "n", "keep", "take")] == [
        "c<11>", "γu<12>", "γr<12>", "c\u0303<12>", "1 − γu", "γu",
    ]  # fmt: skip
    after = page.evaluate(SLOTS, "number")
    assert after == before | {"z": before["take"]} != before
    assert page.is_visible("#cell .when-takes")
    assert page.is_hidden("#cell .when-keeps")


def test_the_lines_into_the_sum_are_as_wide_as_the_shares(page, model):
    z = float(trace(model, steps=[STEP]).z[0, INDEX])
    for letters in ("torch", "chung"):
        page.evaluate("(letters) => chargru.store.set({ letters })", letters)
        keep, take = (
            float(page.get_attribute(f"#cell [data-width={name}]", "stroke-width")) for name in ("keep", "take")
        )
        assert keep == pytest.approx(1 + 10 * z, abs=1e-12)
        assert take == pytest.approx(1 + 10 * (1 - z), abs=1e-12)
        shown = page.evaluate("() => getComputedStyle(document.querySelector('#cell [data-width=keep]')).strokeWidth")
        assert float(shown.removesuffix("px")) == pytest.approx(keep, abs=1e-3)


def test_the_page_and_the_command_draw_the_same(page, model):
    layer = model.architecture.layers - 1
    for letters, convention in CONVENTIONS.items():
        page.evaluate("(letters) => chargru.store.set({ letters })", letters)
        root = ET.fromstring(drawing(Unit(trace(model, steps=[STEP]), 0, layer, INDEX, View(convention))))
        for kind in ("number", "letter"):
            texts = ["".join(slot.itertext()) for slot in root.iter() if f"data-{kind}" in slot.attrib]
            found = page.evaluate(
                "(kind) => [...document.querySelectorAll(`#cell [data-${kind}]`)].map((s) => s.textContent)", kind
            )
            assert found == texts
        shown = ("data-reset", "data-takes", "aria-label")
        assert [page.get_attribute("#cell svg", name) for name in shown] == [root.get(name) for name in shown]


def test_a_node_shows_its_formula(page, model):
    traced = trace(model, steps=[STEP])
    numbers = expected(model)
    line = page.locator("#cell .cell-formula")
    assert re.search(
        rf"^h_12 = \(1 - z_12\) \* n_12 \+ z_12 \* h_11.* = {re.escape(numbers['h'])}", line.text_content()
    )
    page.focus("#cell [data-node=keep]")
    assert line.text_content().startswith("z_12 * h_11 = ")
    assert f" = {numbers['kept']}" in line.text_content()
    page.hover("#cell [data-node=z]")
    assert re.match(rf"z_12 = sigmoid\(.*\) = {float(traced.z[0, INDEX]):.4f}", line.text_content())
    label = page.get_attribute("#cell [data-node=n]", "aria-label")
    assert re.match(rf"tanh\(.*\) = tanh\(.*\) = {re.escape(numbers['n'])}: candidate: ", label)


def test_what_happens_in_words(page, model):
    traced, layer = trace(model, steps=[STEP]), model.architecture.layers
    z, r = float(traced.z[0, INDEX]), float(traced.r[0, INDEX])
    word = "Kept" if z > 0.9 else "Replaced" if z < 0.1 else "Mixed"
    state, candidate, written, following = page.locator("#sentence p").all_text_contents()
    assert state.startswith(f"{word}: z_12[2] = {z:.2f}, so ")
    assert candidate.startswith(f"r_12[2] = {r:.2f}: ")
    shares = ledger(model, step=STEP, layer=layer).shares[:, INDEX]
    most = int(shares.argmax())
    assert written.startswith(f"{round(100 * shares[most])}% of h_12[2] was written ")
    assert f"at step {most}, at '{model.trace_text[most - 1]}'" in written or most == STEP
    first = ", ".join(f"'{char}' {p:.2f}" for char, p in traced.likeliest(0, 3))
    p = traced.probability_of_next(0)
    comes = f"What comes is '{model.trace_text[STEP]}', with p = {p:.2f}: {-np.log2(p):.2f} bits of surprise."
    assert following.replace("⏎", "\n") == f"Likeliest next: {first}. {comes}"


@pytest.mark.parametrize(("force", "said"), [
    ("r=0", "the candidate sees next to nothing of the old state. It is made of the character alone: "),
    ("z=1", "Almost all that it held stays."),
    ("z=0", "Almost all that it held is gone."),
])  # fmt: skip
def test_what_a_gate_held_makes_of_it(open_page, force, said):
    page = open_page(show(explore(MODELS["after"]), "html"), hash=f"step=6&index=1&hold={force}")
    assert said in page.text_content("#sentence")


def test_before_the_first_character(open_page):
    for name, said in {
        "after": "h_0 is 0 everywhere: what the old states say is b_hn alone.",
        "before": "h_0 is 0 everywhere, so r_1 changes nothing yet.",
    }.items():
        page = open_page(show(explore(MODELS[name]), "html"), hash="step=1&index=2")
        assert said in page.text_content("#sentence")
        page.evaluate("() => chargru.store.set({ step: 2 })")
        assert "is 0 everywhere" not in page.text_content("#sentence")


def test_text_in_the_drawing_can_be_read_on_a_narrow_screen(open_page):
    page = open_page(show(explore(MODELS["after"]), "html"), width=400)
    sizes = page.evaluate("""() => {
        const scale = document.querySelector("#cell svg").getScreenCTM().a;
        return [...document.querySelectorAll("#cell svg text")]
            .map((text) => scale * parseFloat(getComputedStyle(text).fontSize));
    }""")
    assert min(sizes) >= 11
    assert page.evaluate("() => document.documentElement.scrollWidth") == 400
