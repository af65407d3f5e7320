"""The head of the page: the run in one line, and the controls of step, index and layer."""

import drawn
import explored
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page():
    return explored.page(drawn.model(layers=2), run={"name": "mine", "figures": {"val_bpc": 1.2345}})


def test_the_run_stands_in_one_line(open_page, page):
    known = len(set(drawn.TEXT))
    assert open_page(page).locator("#summary").inner_text() == (
        f"mine: 2 GRU layers of 6 units, {known} characters known, 1.23 bits per character. "
        "It reads a text character by character and guesses the next one. "
        f"Here it reads all {len(drawn.TEXT)} characters of its text."
    )


def test_what_the_page_has_of_a_longer_text_is_said(open_page):
    page = explored.page(drawn.model(head=False), text_length=12345, run={"name": "mine"})
    said = open_page(page).locator("#summary").inner_text()
    assert f"the first {len(drawn.TEXT)} of 12,345 characters" in said
    assert "no head, so it predicts nothing" in said


def test_one_is_singular(open_page):
    tab = open_page(explored.page(drawn.model("a", units=1)))
    said = tab.locator("#summary").inner_text()
    assert ": 1 GRU layer of 1 unit, 1 character known. " in said
    assert said.endswith("Here it reads the one character of its text.")


def test_the_controls_change_step_index_and_layer(open_page, page):
    tab = open_page(page, hash="step=20&index=3")
    for name in ("Next step", "Next step", "Previous step", "Previous index"):
        tab.get_by_role("button", name=name).click()
    assert [tab.locator(f"#bar-{key}").input_value() for key in ("step", "index")] == ["21", "2"]
    tab.locator("#bar-step").fill("999")
    tab.keyboard.press("Enter")
    assert tab.locator("#bar-step").input_value() == str(len(drawn.TEXT))
    tab.locator("#bar-index").fill("")
    tab.keyboard.press("Tab")
    assert tab.locator("#bar-index").input_value() == "2"
    tab.locator("#bar-layer").select_option("2")
    view = tab.evaluate("chargru.store.view")
    assert (view["step"], view["index"], view["layer"]) == (len(drawn.TEXT), 2, 2)


def test_one_layer_needs_no_choice(open_page):
    assert open_page(explored.page(drawn.model())).locator("#bar-layer").count() == 0


def test_what_went_wrong_is_said_until_it_is_mended(open_page, page):
    tab = open_page(page, hash="step=20&index=3&hold=z[99]=1")
    assert "names index 99" in tab.locator("#problem").inner_text()
    tab.evaluate("chargru.store.set({hold: ['z[1]=1']})")
    explored.until(tab, "chargru.experiment.holds.length === 1")
    assert not tab.locator("#problem").is_visible()


def test_the_way_past_the_head_leaves_the_view_as_it_is(open_page, page):
    tab = open_page(page, hash="step=20&index=3&layer=1")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.keyboard.press("ArrowRight")
    explored.until(tab, "location.hash.includes('step=21&index=3')")


@pytest.mark.parametrize("width", [1280, 400])
def test_step_and_index_stay_in_sight(open_page, page, width):
    tab = open_page(page, width=width, height=700, hash="step=20&index=3")
    tab.locator("#values").scroll_into_view_if_needed()
    assert tab.evaluate("scrollY") > 700
    for key in ("step", "index"):
        box = tab.locator(f"#bar-{key}").bounding_box()
        assert 0 <= box["y"] < 100
