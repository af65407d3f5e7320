"""The table of a step: the numbers that chargru computes, sortable, with the selected index marked."""

import drawn
import explored
import numpy as np
import pytest

from chargru.insight.trace import trace


@pytest.fixture(scope="module")
def network():
    return drawn.model(layers=2, units=40)


@pytest.fixture(scope="module")
def page(network):
    return explored.page(network)


def rows(tab):
    return [row.locator("th, td").all_text_contents() for row in tab.locator("#values tbody tr").all()]


def values(network, step, layer):
    """h before, r, z, n, h of all indices, (5, H)."""
    found = trace(network, steps=[step]).layers[layer - 1]
    return np.stack([found.h_prev[0], found.r[0], found.z[0], found.n[0], found.h[0]])


@pytest.mark.parametrize(("step", "layer", "letters"), [(1, 1, "torch"), (20, 2, "torch"), (20, 1, "course")])
def test_it_shows_the_numbers_of_the_step(open_page, network, page, step, layer, letters):
    tab = open_page(page, hash=f"step={step}&index=3&layer={layer}&letters={letters}")
    wanted = values(network, step, layer)
    z = wanted[2].copy()
    if letters == "course":
        wanted[2] = 1 - z
    shown = rows(tab)
    assert [row[0] for row in shown] == [str(index) for index in range(40)]
    numbers = np.array([row[1:6] for row in shown], dtype=float).T
    assert np.abs(numbers - wanted).max() <= 0.5e-4 + 1e-9
    assert [row[6] for row in shown] == ["kept" if one > 0.9 else "replaced" if one < 0.1 else "mixed" for one in z]


def test_the_letters_are_those_of_the_author(open_page, page):
    tab = open_page(page, hash="step=20&index=3&letters=course")
    heads = [one.strip(" ▲") for one in tab.locator("#values thead th").all_text_contents()]
    assert heads == ["index", "c before", "gamma_r", "gamma_u", "c~", "c", "what happened"]


def test_a_column_sorts_the_rows(open_page, network, page):
    tab = open_page(page, hash="step=20&index=3&layer=2")
    z = values(network, 20, 2)[2]
    down = [str(index) for index in np.argsort(-z, kind="stable")]
    button = tab.locator("#values thead").get_by_role("button", name="z", exact=True)
    button.click()
    assert [row[0] for row in rows(tab)] == down
    head = tab.locator("#values thead th", has=tab.locator('[data-by="z"]'))
    assert head.get_attribute("aria-sort") == "descending"
    tab.keyboard.press("Enter")
    assert [row[0] for row in rows(tab)] == [str(index) for index in np.argsort(z, kind="stable")]
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_selected_row_is_marked_and_in_its_box(open_page, page):
    tab = open_page(page, hash="step=20&index=3")
    for index, key in ((3, None), (39, "set"), (38, "ArrowUp")):
        if key == "set":
            tab.evaluate("chargru.store.set({index: 39})")
        elif key:
            tab.keyboard.press(key)
        marked = tab.locator("#values tr[aria-current]")
        assert marked.count() == 1
        assert marked.get_attribute("data-index") == str(index)
        row, box = marked.bounding_box(), tab.locator(".values-box").bounding_box()
        assert box["y"] <= row["y"]
        assert row["y"] + row["height"] <= box["y"] + box["height"] + 1


def test_where_one_is_is_said_after_a_key(open_page, network, page):
    tab = open_page(page, hash="step=19&index=3&layer=2")
    tab.keyboard.press("ArrowRight")
    explored.until(tab, "document.querySelector('#values [aria-live]').textContent !== ''")
    before, r, z, n, h = values(network, 20, 2)[:, 3]
    word = "kept" if z > 0.9 else "replaced" if z < 0.1 else "mixed"
    assert tab.locator("#values [aria-live]").text_content() == (
        f"Step 20, '{drawn.TEXT[19]}'; index 3: "
        f"h before {before:z.2f}, r {r:.2f}, z {z:.2f}, n {n:z.2f}, h {h:z.2f}, {word}."
    )


def test_it_is_a_table_for_those_who_hear_it(open_page, page):
    tab = open_page(page, hash="step=20&index=3&layer=1")
    rules = explored.payload(page)["conventions"][0]["rules"]
    assert (
        tab.locator("#values caption").text_content()
        == f"Step 20, '{drawn.TEXT[19]}': all 40 indices of layer 1; {rules}."
    )
    assert tab.locator("#values thead th:not([scope=col])").count() == 0
    assert tab.locator("#values tbody th:not([scope=row])").count() == 0
    assert tab.locator(".values-box").get_attribute("tabindex") == "0"


def test_printed_it_is_whole_and_the_controls_are_gone(open_page, page):
    tab = open_page(page, hash="step=20&index=3&hold=z[3]=0@20")
    tab.emulate_media(media="print")
    for gone in ("#bar", "#write", "#whatif-z", ".whatif-choices", "#whatif-held button"):
        assert not tab.locator(gone).first.is_visible()
    box = tab.evaluate("[document.querySelector('.values-box')].map(one => [one.scrollHeight, one.clientHeight])[0]")
    assert box[0] == box[1]
    assert tab.locator("#whatif-most").is_visible()
