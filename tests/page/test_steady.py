"""What stands below the texts of a step does not jump when a key changes them."""

import explored
import pytest

import chargru

pytestmark = pytest.mark.slow

TOPS = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const found = [];
    for (let step = 1; step <= 30; step++) {
        chargru.store.set({ step });
        await frame();
        found.push(["cell", "h-calculation", "h-letters"].map(
            (id) => document.getElementById(id).getBoundingClientRect().top + scrollY,
        ));
    }
    return found;
}"""


@pytest.mark.parametrize("width", [1280, 400])
def test_steps_that_were_seen_before_move_nothing(open_page, width):
    tab = open_page(explored.page(chargru.load("cats"), tour=[]), width=width, hash="step=1&index=30")
    first, again = tab.evaluate(TOPS), tab.evaluate(TOPS)
    assert max(first) > min(first)  # their texts are not of one height
    assert again == [again[0]] * 30
