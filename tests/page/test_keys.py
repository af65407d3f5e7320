"""The keyboard: what each key changes, when it changes nothing, and its list."""

import drawn
import explored
import numpy as np
import pytest

import chargru

pytestmark = pytest.mark.slow

VIEW = "step=20&index=3&layer=1"


@pytest.fixture(scope="module")
def page():
    return explored.page(drawn.model(layers=2), tour=[], view="step=1&index=0")


@pytest.mark.parametrize(
    ("keys", "changed"),
    [
        ("ArrowLeft", {"step": 19}),
        ("ArrowRight ArrowRight", {"step": 22}),
        ("ArrowUp", {"index": 2}),
        ("ArrowDown", {"index": 4}),
        ("ArrowUp ArrowUp ArrowUp ArrowUp ArrowUp", {"index": 0}),
        ("Home", {"step": 1}),
        ("End", {"step": len(drawn.TEXT)}),
        ("End ArrowRight", {"step": len(drawn.TEXT)}),
        ("PageUp", {"step": 10}),
        ("PageDown", {"step": 30}),
        ("PageUp PageUp PageUp", {"step": 1}),
        ("r", {"gate": "r"}),
        ("n", {"gate": "n"}),
        ("H", {"gate": "h"}),
        ("h z", {"gate": "z"}),
        ("2", {"colour": "mean"}),
        ("3", {"colour": "surprise"}),
        ("4", {"colour": "share"}),
        ("5", {"colour": "gradient"}),
        ("5 1", {"colour": "gate"}),
        ("o", {"order": "age"}),
        ("o o o", {"order": "index"}),
        ("l", {"layer": 2}),
        ("l l", {"layer": 1}),
        ("t", {"tour": 0}),
        ("x", {"hold": []}),
        ("Control+ArrowLeft", {}),
        ("Alt+n", {}),
        ("Meta+x", {}),
        ("k", {}),
    ],
)
def test_a_key_changes_the_view(open_page, page, keys, changed):
    tab = open_page(page, hash=f"{VIEW}&hold=z[3]=0@5")
    before = tab.evaluate("chargru.store.view")
    for key in keys.split():
        tab.keyboard.press(key)
    assert tab.evaluate("chargru.store.view") == {**before, **changed}


def test_up_and_down_go_along_the_rows_of_the_map(open_page, page):
    """By age: the rows stand as chargru's own mean ages order them."""
    ages = chargru.gates(drawn.model(layers=2), drawn.TEXT).layers[0].age
    rows = np.argsort(-ages, kind="stable").tolist()
    assert rows != sorted(rows)
    tab = open_page(page, hash=f"step=20&index={rows[0]}&layer=1&order=age")
    seen = []
    for _ in rows:
        seen.append(tab.evaluate("chargru.store.view.index"))
        tab.keyboard.press("ArrowDown")
    assert seen == rows
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate("chargru.store.view.index") == rows[-2]


def test_c_goes_through_the_letters(open_page, page):
    tab = open_page(page)
    names = [one["name"] for one in explored.payload(page)["conventions"]]
    seen = []
    for _ in names:
        seen.append(tab.evaluate("chargru.store.view.letters"))
        tab.keyboard.press("c")
    assert seen == names
    assert tab.evaluate("chargru.store.view.letters") == names[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_m_and_d_switch_light_and_dark(open_page, page, scheme):
    tab = open_page(page, scheme=scheme)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    first = tab.evaluate(ground)
    tab.keyboard.press("m")
    second = tab.evaluate(ground)
    tab.keyboard.press("d")
    assert tab.evaluate(ground) == first != second


@pytest.mark.parametrize("field", ["#write-text", "#whatif-z", "#bar-step", "#bar-layer", "#write-seed", ".values-box"])
def test_keys_belong_to_the_field_that_has_the_focus(open_page, page, field):
    tab = open_page(page, hash=VIEW)
    tab.locator(field).focus()
    for key in ("n", "x", "4", "?"):
        tab.keyboard.press(key)
    view = tab.evaluate("chargru.store.view")
    assert (view["gate"], view["colour"], view["step"], view["index"]) == ("z", "gate", 20, 3)
    assert not tab.locator("#keys").is_visible()


def test_the_list_names_every_key_and_escape_closes_it(open_page, page):
    tab = open_page(page, hash=VIEW)
    tab.keyboard.press("?")
    assert tab.locator("#keys").is_visible()
    listed = tab.locator("#keys kbd").all_text_contents()
    assert listed[0] == "←"
    assert listed[-1] == "Escape"
    assert {"←", "→", "↑", "↓", "Home", "End", "Page up", "z", "r", "n", "h", "1", "5", "o", "c", "l", "t"} <= set(
        listed
    )
    assert {"x", "m", "d", "?", "q", "p", "Escape"} <= set(listed)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("chargru.store.view.step") == 20
    tab.keyboard.press("Escape")
    assert not tab.locator("#keys").is_visible()
    tab.get_by_role("button", name="Keys (?)").click()
    tab.locator("#keys").get_by_role("button", name="Close").click()
    assert not tab.locator("#keys").is_visible()


def test_a_view_stands_in_the_address_and_the_address_restores_it(open_page, page):
    tab = open_page(page, hash=VIEW)
    for key in ["ArrowRight", "ArrowDown", "r", "3", "o", "c", "l"]:
        tab.keyboard.press(key)
    explored.until(tab, "location.hash.includes('layer=2')")  # the last key's
    again = open_page(page, hash=tab.evaluate("location.hash.slice(1)"))
    view = again.evaluate("chargru.store.view")
    assert view == tab.evaluate("chargru.store.view")
    assert (view["step"], view["index"], view["gate"], view["colour"]) == (21, 4, "r", "surprise")


def test_what_a_page_begins_with_stays_let_go(open_page):
    page = chargru.show(chargru.explore(drawn.model(), force=["z[3]=0@5"]), "html")
    tab = open_page(page)
    assert tab.evaluate("chargru.experiment.holds") == ["z[3]=0@5"]
    tab.keyboard.press("x")
    explored.until(tab, "!chargru.experiment.held && location.hash.includes('hold=')")
    again = open_page(page, hash=tab.evaluate("location.hash.slice(1)"))
    assert again.evaluate("[chargru.store.view.hold, chargru.experiment.holds]") == [[], []]


def test_a_link_to_a_part_of_the_page_leaves_the_view(open_page, page):
    tab = open_page(page, hash=VIEW)
    tab.evaluate("() => { location.hash = 'main'; }")
    explored.until(tab, "location.hash === '#main'")
    tab.keyboard.press("ArrowRight")
    explored.until(tab, "location.hash.includes('step=')")
    assert tab.evaluate("[chargru.store.view.step, chargru.store.view.index]") == [21, 3]


def test_many_keys_change_the_address_seldom(open_page, page):
    """A browser refuses more than 100 changes in 30 seconds; the last one counts all the same."""
    tab = open_page(page, hash="step=1&index=0")
    changes = tab.evaluate(
        """async () => {
          const replaceState = history.replaceState.bind(history);
          let count = 0;
          history.replaceState = (...all) => (count++, replaceState(...all));
          const since = performance.now();
          for (let step = 2; step <= 80; step++) {
            chargru.store.set({ step });
            await new Promise(requestAnimationFrame);
          }
          return count / (1 + (performance.now() - since) / 400);
        }"""
    )
    assert changes <= 1
    explored.until(tab, "location.hash.includes('step=80')")
