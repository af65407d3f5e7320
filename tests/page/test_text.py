"""The text of a page: the colour of a cell and the number in its line are the library's."""

import drawn
import numpy as np
import pytest

import chargru

pytestmark = pytest.mark.slow

LAYERS = 2
STEP, INDEX = 30, 4
ODD = "عر بي中文e\u0301👩\u200d<b>&amp;</b>\n\x00\tx"
SHOWN = [*"عر بي中文e", "◌\u0301", "👩", "\\u200d", *"<b>&amp;</b>", "⏎", "\\x00", "⇥", "x"]


@pytest.fixture(scope="module")
def model():
    return drawn.model(layers=LAYERS, reset="before")


@pytest.fixture
def html(model):
    return chargru.show(chargru.explore(model), "html")


@pytest.fixture
def css(modules):
    """The colours of numbers on a scale: css("gate", values, high, theme) -> [(r, g, b), ...], None for none."""
    run = modules("colour.js")

    def colours(name, values, high=None, theme="light"):
        numbers = [None if np.isnan(value) else max(float(value), -1e9) for value in values]
        found = run(
            "(() => { const { name, high, theme, numbers } = data; document.documentElement.dataset.theme = theme;"
            " const scale = scaleNamed(name, high ?? undefined);"
            " return numbers.map((one) => one === null ? null : scale.css[scale.level(one)]); })()",
            {"name": name, "high": high, "theme": theme, "numbers": numbers},
        )
        return [one and tuple(map(int, one[4:-1].split())) for one in found]

    return colours


def cells(page):
    """The colours of the cells as css has them."""
    found = page.eval_on_selector_all(
        "#text .cell", "(cells) => cells.map((cell) => getComputedStyle(cell).backgroundColor)"
    )
    return [None if one == "rgba(0, 0, 0, 0)" else tuple(int(part) for part in one[4:-1].split(",")) for one in found]


def show(page, **view):
    page.evaluate("(view) => chargru.store.set(view)", view)
    page.wait_for_selector("#text [role=listbox]:not([aria-busy])")


def line(page, step):
    page.hover(f"#step-{step}")
    return page.inner_text("#text .reading")


def values(model, layer=LAYERS):
    """Every value of a layer, (T, H) each."""
    text = model.trace_text
    return chargru.trace(model, text, steps=range(1, len(text) + 1)).layers[layer - 1]


def surprise(model, force=()):
    """-log2 p of every character but the first, nan for it, from the states of the top layer."""
    held = model.force(*force, steps=len(model.trace_text), where="the text")
    weights = held.weights
    logits = values(held).h[:-1] @ weights.head_weight.T.astype(float) + weights.head_bias.astype(float)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    ids = model.vocabulary.encode(model.trace_text).astype(int)
    return np.array([np.nan, *(-logs[np.arange(len(logs)), ids[1:]] / np.log(2))])


@pytest.mark.parametrize(("gate", "scale"), [("z", "gate"), ("r", "gate"), ("n", "state"), ("h", "state")])
@pytest.mark.parametrize("layer", [1, 2])
def test_an_index_has_the_colours_of_the_trace(open_page, html, model, css, gate, scale, layer):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&layer={layer}&colour=gate&gate={gate}")
    expected = getattr(values(model, layer), gate)
    assert cells(page) == css(scale, expected[:, INDEX])
    assert line(page, 9) == f"step 9 “{model.trace_text[8]}”: {gate}_9[{INDEX}] = {expected[8, INDEX]:z.4f}"
    show(page, colour="mean")
    assert cells(page) == css(scale, expected.mean(axis=1))
    assert line(page, 12) == f"step 12 “{model.trace_text[11]}”: mean {gate}_12 = {expected[11].mean():z.4f}"


def test_surprise_has_the_colours_of_the_scored_text(open_page, html, model, css):
    page = open_page(html, hash="step=3&index=0&colour=surprise")
    bits = surprise(model)
    assert cells(page) == css("bits", bits, high=int(np.ceil(np.log2(len(model.vocabulary)))))
    assert line(page, 20).endswith(f": {bits[19]:.2f} bits")
    assert "nothing is predicted" in line(page, 1)


def test_shares_have_the_colours_of_the_ledger(open_page, html, model, css):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&layer=1&colour=share")
    for step in (STEP, STEP + 7):
        show(page, step=step)
        shares = chargru.ledger(model, step=step, layer=1).shares[:, INDEX]
        later = [None] * (len(model.trace_text) - step)
        assert cells(page) == [*css("share", shares[1:]), *later]
        largest = int(shares[1:].argmax()) + 1
        assert line(page, largest).endswith(f": share {shares[largest]:.4f} of h_{step}[{INDEX}]")
        assert f"{shares[0]:.3f} is from before the text" in page.inner_text("#text .legend")
        assert line(page, step + 1).endswith(f": later than step {step}")


def test_the_gradient_has_the_colours_of_the_library(open_page, html, model, css):
    page = open_page(html, hash=f"step={STEP}&index=0&colour=gradient")
    page.wait_for_selector("#text [role=listbox]:not([aria-busy])")
    sizes = chargru.gradient(model, lags=range(1, STEP), positions=[STEP]).whole.log10[0][::-1]
    later = [None] * (len(model.trace_text) - STEP)
    assert cells(page) == [*css("gradient", sizes), *later]
    assert line(page, 9).endswith(f": log10 {sizes[8]:z.2f} of the gradient at step {STEP}")
    show(page, step=len(model.trace_text))
    assert cells(page) == [None] * len(model.trace_text)
    assert "no character, so there is no loss" in line(page, 5)


def test_where_the_gate_takes_number_colour_and_legend_are_turned(open_page, html, model, css):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&colour=gate&gate=z&letters=course")
    gamma_u = 1 - values(model).z
    assert cells(page) == css("gate", gamma_u[:, INDEX])
    assert line(page, 9).endswith(f": gamma_u<9>[{INDEX}] = {gamma_u[8, INDEX]:z.4f}")
    assert page.locator("#text .legend-ends span").all_inner_texts() == ["keeps the old state", "takes the candidate"]
    show(page, letters="torch")
    assert cells(page) == css("gate", values(model).z[:, INDEX])
    assert page.locator("#text .legend-ends span").all_inner_texts() == ["takes the candidate", "keeps the old state"]


def test_a_click_selects_a_step_and_the_selects_choose(open_page, html):
    page = open_page(html, hash="step=3&index=2&gate=z")
    page.click("#step-12")
    assert page.evaluate("chargru.store.view.step") == 12
    assert page.eval_on_selector_all("#text [aria-selected=true]", "(found) => found.map((one) => one.id)") == [
        "step-12"
    ]
    assert page.get_attribute("#text [role=listbox]", "aria-activedescendant") == "step-12"
    page.locator("#text select").nth(1).select_option("r")
    page.locator("#text select").nth(0).select_option("mean")
    view = page.evaluate("chargru.store.view")
    assert (view["gate"], view["colour"]) == ("r", "mean")
    assert page.locator("#text select option:checked").all_inner_texts()[0] == "mean r of all 6 indices"


def test_a_quantity_is_offered_where_the_colour_is_of_one(open_page, html):
    page = open_page(html, hash="step=3&index=0")
    quantity = page.locator("#text label", has_text="Quantity")
    shown = {}
    for colour in ("gate", "share", "mean", "gradient", "surprise"):
        page.evaluate("(colour) => chargru.store.set({ colour })", colour)
        shown[colour] = quantity.is_visible()
    assert shown == {"gate": True, "share": False, "mean": True, "gradient": False, "surprise": False}


def test_the_cells_are_one_stop_of_the_tab_key(open_page, html):
    page = open_page(html)
    assert (
        page.eval_on_selector_all("#text .strip, #text .strip *", "(all) => all.map((one) => one.tabIndex)").count(0)
        == 1
    )


def test_only_cells_of_another_colour_are_touched(open_page, html):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&colour=share")
    before = cells(page)
    page.evaluate("""() => {
        globalThis.touched = new Set();
        const { get } = Object.getOwnPropertyDescriptor(HTMLElement.prototype, "style");
        Object.defineProperty(HTMLElement.prototype, "style", {
            get() {
                if (this.id.startsWith("step-")) touched.add(this.id);
                return get.call(this);
            },
        });
    }""")
    show(page, step=STEP + 3)
    after = cells(page)
    changed = {f"step-{step}" for step, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]}
    touched = set(page.evaluate("[...touched]"))
    assert touched == changed
    assert 0 < len(changed) < len(after)


def test_any_script_has_a_cell_for_every_character(open_page):
    model = drawn.model(ODD)
    page = open_page(chargru.show(chargru.explore(model), "html"), hash="step=2&index=0")
    assert page.locator("#text .cell").all_text_contents() == SHOWN
    boxes = page.eval_on_selector_all(
        "#text .cell",
        "(all) => all.map((one) => one.getClientRects()[0]).map((box) => [box.top, box.left, box.width])",
    )
    newline = ODD.index("\n")
    lefts = [left for _, left, _ in boxes]
    assert lefts[: newline + 1] == sorted(lefts[: newline + 1])
    assert boxes[newline + 1][0] > boxes[newline][0]
    assert min(width for _, _, width in boxes) > 4
    assert line(page, 1).startswith("step 1 “ع”: ")


def test_a_long_text_scrolls_in_its_own_box_to_the_selected_step(open_page):
    model = drawn.model("a" * 2000 + "b")
    page = open_page(chargru.show(chargru.explore(model, steps=2001), "html"), width=400, hash="step=1&index=0")
    show(page, step=2001)
    inside = page.evaluate(
        "() => { const box = document.querySelector('.strip').getBoundingClientRect();"
        " const cell = document.getElementById('step-2001').getBoundingClientRect();"
        " return cell.top >= box.top && cell.bottom <= box.bottom && scrollY === 0; }"
    )
    assert inside
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_another_text_has_its_own_cells_and_columns(open_page, html, model, css):
    page = open_page(html, hash=f"step={len(model.trace_text)}&index={INDEX}&gate=h")
    for text in ("The cat", "The cats were full."):
        show(page, text=text)
        page.wait_for_function("(T) => document.querySelectorAll('#text .cell').length === T", arg=len(text))
        states = chargru.trace(model, text, steps=range(1, len(text) + 1)).layers[-1].h
        assert cells(page) == css("state", states[:, INDEX])
        assert line(page, 3).endswith(f": h_3[{INDEX}] = {states[2, INDEX]:z.4f}")
        page.wait_for_function(
            "(T) => document.querySelector('#map canvas').ariaLabel.includes(T)", arg=f" {len(text)} steps"
        )
    assert page.inner_text("#map .reading").startswith("step 7 “t”, ")


def test_where_holding_a_gate_changed_the_surprise_is_marked(open_page, html, model):
    force = ["z=0@20-40"]
    page = open_page(html, hash="step=3&index=0")
    assert page.locator("#text .changed").count() == 0
    show(page, hold=force)
    page.wait_for_selector("#text .changed")
    change = np.abs(surprise(model, force) - surprise(model))
    expected = [f"step-{step}" for step in np.flatnonzero(change >= 0.1) + 1]
    assert page.eval_on_selector_all("#text .changed", "(all) => all.map((one) => one.id)") == expected
    assert expected


def test_the_theme_changes_the_colours(open_page, html, model, css):
    page = open_page(html, hash=f"step={STEP}&index={INDEX}&gate=h", scheme="dark")
    states = values(model).h[:, INDEX]
    assert cells(page) == css("state", states, theme="dark")
    page.evaluate("() => { document.documentElement.dataset.theme = 'light'; }")
    assert cells(page) == css("state", states)
    page.evaluate("() => { delete document.documentElement.dataset.theme; }")
    assert cells(page) == css("state", states, theme="dark")
    ink = page.eval_on_selector(".cell", "(cell) => getComputedStyle(cell).color")
    page.emulate_media(color_scheme="light")
    page.wait_for_function("(before) => getComputedStyle(document.querySelector('.cell')).color !== before", arg=ink)
    assert cells(page) == css("state", states)


def test_without_a_head_nothing_that_is_predicted_can_be_chosen(open_page):
    page = open_page(chargru.show(chargru.explore(drawn.model(head=False)), "html"), hash="step=2&index=0")
    off = page.eval_on_selector_all("#text select option:disabled", "(all) => all.map((one) => one.value)")
    assert off == ["surprise", "gradient"]
