"""Pages of all kinds of texts and runs, opened: they compute the numbers they were given, and nothing else runs."""

from dataclasses import replace

import pytest
from drawn import model

from chargru.insight.exploration import explore
from chargru.model import read_model, write_model
from chargru.show.formats import html, show
from chargru.text.vocabulary import Vocabulary

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert(1)</script></script><!-- ]]>\u2028\0\u202e&lt;<img src=x onerror=alert(1)>{{script}}"
TEXTS = {
    "Chinese": "猫坐在垫子上。狗不在。",
    "right to left": "החתול ישב. القطة جلست.",
    "emoji": "🐈\u200d⬛ and 👩\u200d👩\u200d👧, e\u0301\u200b",
    "control characters": "a\tb\r\n\x1b[31m\x07\x85",
    "hostile": HOSTILE,
}
COMPARED = """(async () => {
    const { payload, experiment, network } = globalThis.chargru;
    const ids = network.encode(Array.from(payload.text));
    let difference = 0;
    payload.given.layers.forEach((layer, number) => {
        for (const name of ["r", "z", "n", "h", "h_prev"]) {
            const bytes = Uint8Array.from(atob(layer[name]), (one) => one.charCodeAt(0));
            const values = new Float64Array(bytes.buffer);
            payload.given.steps.forEach((t, row) => {
                const ours = experiment.plain.row(name, number, t);
                ours.forEach((value, i) => {
                    difference = Math.max(difference, Math.abs(value - values[row * network.H + i]));
                });
            });
        }
    });
    return [ids.length, difference];
})()"""


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("layers", "reset"), [(1, "after"), (2, "before")])
def test_a_page_of_any_text_computes_the_run_s_numbers(open_page, name, layers, reset):
    text = TEXTS[name]
    tab = open_page(show(explore(model(text, layers=layers, reset=reset)), "html"))
    length, difference = tab.evaluate(COMPARED)
    assert length == len(text)
    assert difference < 1e-12
    assert tab.evaluate("chargru.payload.text") == text
    assert tab.evaluate("document.querySelectorAll('script').length") == 3
    assert tab.evaluate("document.querySelectorAll('img').length") == 0


def test_a_page_of_two_bytes_a_weight_is_another_network_by_a_little(open_page):
    difference = open_page(show(explore(model(), half=True), "html")).evaluate(COMPARED)[1]
    assert 1e-6 < difference < 0.1


def test_a_run_with_markup_in_all_it_says(open_page, tmp_path):
    path = tmp_path / HOSTILE.replace("/", "_").replace("\0", "_")
    path.mkdir()
    write_model(path, replace(model(), trained={"settings": {"note": HOSTILE, HOSTILE: 1}, "text": {"a": HOSTILE}}))
    tab = open_page(show(explore(read_model(path), where=HOSTILE), "html"))
    assert tab.evaluate("document.querySelectorAll('img').length") == 0
    assert tab.title() == f"{tab.evaluate('chargru.payload.run.name')}, explored"


def test_an_unknown_symbol_reads_what_the_vocabulary_lacks(open_page):
    ours = model("abcd")
    ours = replace(ours, vocabulary=Vocabulary(("a", "b", None, "c")))
    tab = open_page(show(explore(ours, "aQ<猫b"), "html"))
    assert tab.evaluate("Array.from(chargru.experiment.ids)") == [0, 2, 2, 2, 1]
    assert tab.evaluate(COMPARED)[1] < 1e-12
    assert tab.locator("#text .cell").all_text_contents() == list("aQ<猫b")
    tab.evaluate("chargru.store.set({ step: 4 })")
    assert "which is '猫'" in tab.text_content("#calculation p")


def test_gates_held_by_force_are_held_when_it_opens(open_page):
    force = ["z[3]=0.9@20-last", "2:r=0"]
    tab = open_page(show(explore(model(layers=2), force=force), "html"))
    assert tab.evaluate("chargru.store.view.hold") == force
    assert tab.evaluate("chargru.experiment.held.row('z', 1, 40)[3]") == pytest.approx(0.9, abs=1e-15)
    assert tab.evaluate("chargru.experiment.held.row('r', 1, 5)[0]") == 0
    assert tab.evaluate(COMPARED)[1] < 1e-12


def test_a_model_with_gates_held_at_some_steps_is_the_page_s_network(open_page):
    ours = model().force("z[2]=1@5-9", "r=0.5")
    assert open_page(show(explore(ours), "html")).evaluate(COMPARED)[1] < 1e-12


def test_the_page_works_in_a_notebook_s_frame(open_page):
    notebook = f"<!doctype html><html data-ready='true'><body>{html(explore(model()))}</body></html>"
    frame = open_page(notebook).frames[-1]
    frame.wait_for_selector("html[data-ready]", state="attached")
    frame.evaluate("chargru.store.set({ step: 20 })")
    assert frame.evaluate("chargru.store.view.step") == 20
    assert frame.evaluate(COMPARED)[1] < 1e-12
