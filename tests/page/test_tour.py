"""The guided tour: stops that set the whole view, gone through by buttons and keys."""

import drawn
import explored
import pytest

pytestmark = pytest.mark.slow

STOPS = [
    {"title": "One", "sentences": ["First.", "<b>Second</b>."], "view": "step=5&index=1", "see": "whatif"},
    {"title": "Two", "sentences": ["a", "b"], "view": "step=9&index=2&letters=course&hold=z[2]=0@9", "see": "values"},
    {"title": "Three", "sentences": ["c", "d"], "view": "gate=r&colour=mean&text=The+cats"},
]
VIEWS = [
    {"step": 5, "index": 1, "letters": "torch", "hold": [], "gate": "z", "text": None},
    {"step": 9, "index": 2, "letters": "course", "hold": ["z[2]=0@9"], "gate": "z", "text": None},
    {"step": 7, "index": 4, "letters": "torch", "hold": [], "gate": "r", "text": "The cats"},
]


@pytest.fixture(scope="module")
def page():
    return explored.page(drawn.model(), tour=STOPS, view="step=7&index=4")


def at(tab, stop):
    """Wait until a stop is shown, and check its whole view."""
    tab.wait_for_function("stop => chargru.store.view.tour === stop", arg=stop)
    view = tab.evaluate("chargru.store.view")
    wanted = VIEWS[stop - 1]
    assert {key: view[key] for key in wanted} == wanted
    assert f"{stop} of 3" in tab.locator("#tour").inner_text()
    assert tab.locator("#tour h2").inner_text() == STOPS[stop - 1]["title"]
    assert tab.locator("#tour div[aria-live] p").all_text_contents() == STOPS[stop - 1]["sentences"]


def test_the_buttons_go_on_back_and_close(open_page, page):
    tab = open_page(page)
    at(tab, 1)
    tab.get_by_role("button", name="Next", exact=True).click()
    at(tab, 2)
    tab.get_by_role("button", name="Back", exact=True).click()
    at(tab, 1)
    tab.get_by_role("button", name="Next", exact=True).click()
    tab.get_by_role("button", name="Next", exact=True).click()
    at(tab, 3)
    tab.get_by_role("button", name="Done").click()
    assert not tab.locator("#tour").is_visible()
    assert tab.evaluate("chargru.store.view.text") == "The cats"
    tab.get_by_role("button", name="Tour", exact=True).click()
    at(tab, 1)


def test_the_keys_do_the_same(open_page, page):
    tab = open_page(page)
    tab.keyboard.press("n")
    at(tab, 2)
    tab.keyboard.press("p")
    at(tab, 1)
    for key in ("q", "Escape"):
        tab.keyboard.press(key)
        assert not tab.locator("#tour").is_visible()
        tab.keyboard.press("t")
        at(tab, 1)
    tab.keyboard.press("q")
    tab.keyboard.press("n")
    assert tab.evaluate("chargru.store.view.gate") == "n"


def test_from_a_typed_text_it_begins_at_its_step_and_leaves_to_that_text(open_page):
    """The text that was typed is shorter than the step of the stop."""
    stops = [{**STOPS[0], "view": "step=20&index=1"}]
    tab = open_page(explored.page(drawn.model(), tour=stops), hash="step=3&index=2&text=The&letters=course")
    tab.get_by_role("button", name="Tour", exact=True).click()
    explored.until(tab, "chargru.experiment.own && chargru.store.view.step === 20")
    assert "h_20[1]" in tab.locator("#calculation").inner_text().replace("\u200b", "")
    tab.get_by_role("button", name="Close", exact=True).click()
    explored.until(tab, "chargru.experiment.T === 3")
    view = tab.evaluate("chargru.store.view")
    assert [view[key] for key in ("text", "step", "index", "letters", "tour")] == ["The", 3, 2, "course", 0]


def test_a_page_opens_at_its_beginning(open_page):
    tab = open_page(explored.page(drawn.model(), tour=STOPS), width=400, height=700)
    assert tab.evaluate("[chargru.store.view.tour, scrollY]") == [1, 0]


def test_enter_on_the_button_goes_on(open_page, page):
    tab = open_page(page)
    tab.get_by_role("button", name="Next", exact=True).focus()
    tab.keyboard.press("Enter")
    at(tab, 2)
    tab.keyboard.press("Enter")
    at(tab, 3)


def test_it_opens_by_itself_only_where_the_address_names_no_view(open_page, page):
    tab = open_page(page, hash="step=3&index=5")
    assert not tab.locator("#tour").is_visible()
    assert tab.evaluate("[chargru.store.view.step, chargru.store.view.index]") == [3, 5]


def test_a_stop_is_a_link_and_what_was_changed_at_it_stays(open_page, page):
    tab = open_page(page, hash="tour=2")
    at(tab, 2)
    tab.keyboard.press("ArrowRight")
    explored.until(tab, "location.hash.includes('step=10')")
    again = open_page(page, hash=tab.evaluate("location.hash.slice(1)"))
    assert again.evaluate("chargru.store.view") == tab.evaluate("chargru.store.view")
    assert again.locator("#tour h2").inner_text() == "Two"


def test_a_link_into_an_open_page_restores_the_view_and_the_stop(open_page, page):
    tab = open_page(page, hash="step=3&index=5")
    tab.evaluate("() => { location.hash = 'step=4&index=1&tour=2'; }")
    explored.until(tab, "chargru.store.view.tour === 2")
    assert tab.evaluate("[chargru.store.view.step, chargru.store.view.index, chargru.store.view.hold]") == [4, 1, []]
    tab.evaluate("() => { location.hash = 'tour=3'; }")
    explored.until(tab, "chargru.store.view.tour === 3")
    at(tab, 3)


def test_a_stop_is_shown_whole_where_a_shorter_text_was_typed(open_page, page):
    tab = open_page(page, hash="text=The+cat&step=7&index=0")
    tab.keyboard.press("t")
    explored.until(tab, "chargru.experiment.own")
    tab.keyboard.press("n")
    at(tab, 2)
    tab.evaluate("location.hash = 'text=The&step=2'")
    explored.until(tab, "chargru.experiment.T === 3")
    tab.evaluate("location.hash = 'tour=2&step=9&index=2&letters=course&hold=z[2]=0@9'")
    explored.until(tab, "chargru.experiment.own && chargru.experiment.held !== null")
    at(tab, 2)


@pytest.mark.parametrize("width", [1280, 400])
def test_what_it_speaks_of_is_outlined_and_in_sight(open_page, page, width):
    tab = open_page(page, width=width)
    seen = "Array.from(document.querySelectorAll('.seen'), one => one.getAttribute('aria-labelledby'))"
    assert tab.evaluate(seen) == ["h-whatif"]
    tab.keyboard.press("n")
    assert tab.evaluate(seen) == ["h-values"]
    top = "document.querySelector('.seen').getBoundingClientRect().top"
    tour = "document.getElementById('tour').getBoundingClientRect()"  # below, or above where there is room
    explored.until(tab, f"{top} >= 0 && {top} < {tour}.top" if width == 400 else f"{top} >= {tour}.bottom")
    explored.until(tab, f"{top} < innerHeight")
    tab.keyboard.press("n")
    assert tab.evaluate(seen) == []


def test_a_page_without_stops_has_no_tour(open_page):
    tab = open_page(explored.page(drawn.model(), tour=[]))
    tab.keyboard.press("t")
    assert not tab.locator("#tour").is_visible()
    assert tab.get_by_role("button", name="Tour", exact=True).count() == 0
