"""A text typed into the page, and a text that the network writes on."""

import drawn
import explored
import numpy as np
import pytest

from chargru.insight.trace import trace

pytestmark = pytest.mark.slow

HOSTILE = "</script><script>document.title='caught'</script><img src=x onerror=alert(1)>&amp;"


@pytest.fixture(scope="module")
def network():
    return drawn.model(drawn.TEXT + HOSTILE, units=16, scale=6.0)


def typed(tab, text):
    tab.locator("#write-text").fill(text)
    tab.get_by_role("button", name="Read", exact=True).click()
    explored.until(tab, "chargru.experiment.characters.join('') === data", text)


def said(tab):
    return tab.locator("#write-said").inner_text()


def test_a_typed_text_runs_as_chargru_runs_it(open_page, network):
    tab = open_page(explored.page(network))
    typed(tab, "The cats were full")
    states = np.array(tab.evaluate("Array.from(chargru.experiment.run.layers[0].h)"))
    reference = trace(network, "The cats were full", steps=range(1, 19)).layers[0].h
    assert np.abs(states.reshape(18, -1) - reference).max() < 1e-9
    best = trace(network, "The cats were full", steps=[18]).likeliest(0, 3)
    likeliest = ", ".join(f"'{char}' {p:.2f}" for char, p in best)
    assert said(tab) == f"The page shows your text, 18 characters. After its last character: {likeliest}."
    assert tab.evaluate("chargru.store.view.step") == 18
    assert "a text of 18 characters that was typed here" in tab.locator("#summary").inner_text()


def test_gates_held_at_steps_of_another_text_are_let_go(open_page, network):
    tab = open_page(explored.page(network), hash="step=5&hold=z[3]=0@9&hold=r[1]=1")
    typed(tab, "The cats")
    assert tab.evaluate("chargru.store.view.hold") == ["r[1]=1"]


@pytest.mark.parametrize("how", ["a pause", "Control+Enter"])
def test_it_is_read_after_a_pause_and_at_a_key(open_page, network, how):
    tab = open_page(explored.page(network))
    tab.locator("#write-text").fill("The dog")
    if how != "a pause":
        tab.keyboard.press(how)
    explored.until(tab, "chargru.experiment.T === 7")
    assert tab.evaluate("chargru.store.view.text") == "The dog"


def test_hostile_text_is_text(open_page, network):
    page = explored.page(network)
    tab = open_page(page)
    typed(tab, HOSTILE)
    explored.until(tab, "location.hash.includes('text=')")
    again = open_page(page, hash=tab.evaluate("location.hash.slice(1)"))
    for one in (tab, again):
        assert one.locator("#write-text").input_value() == HOSTILE
        assert one.title() != "caught"
        assert one.locator("img").count() == 0
        assert one.locator("script").count() == 3


def test_what_the_network_does_not_know_is_named_and_nothing_is_lost(open_page, network):
    tab = open_page(explored.page(network))
    typed(tab, "The cats")
    tab.locator("#write-text").fill("The c€ts €100\u200b")
    tab.get_by_role("button", name="Read", exact=True).click()
    assert said(tab).startswith(
        "The network was not trained on '€' (character 6 and 1 more time), '0' (character 12 and 1 more time), "
        "U+200B (character 14): change that, and the text is read. It knows "
    )
    known = [char for char in network.vocabulary.to_document() if char.strip()]
    assert set(said(tab).partition("It knows ")[2].split()) >= set(known)
    assert tab.locator("#write-said.problem").count() == 1
    assert tab.locator("#write-text").input_value() == "The c€ts €100\u200b"
    assert tab.evaluate("chargru.experiment.characters.join('')") == "The cats"
    typed(tab, "The cats w")


def test_a_text_may_be_as_long_as_the_page_says(open_page, network):
    tab = open_page(explored.page(network))
    tab.locator("#write-text").fill("a" * 4003)
    tab.get_by_role("button", name="Read", exact=True).click()
    assert said(tab) == "This text has 4,003 characters, and the page reads at most 4,000: shorten it by 3."
    tab.locator("#write-text").fill("")
    tab.get_by_role("button", name="Read", exact=True).click()
    assert said(tab) == "Type at least one character."
    typed(tab, "a" * 4000)
    tab.get_by_role("button", name="Let it write on").click()
    assert said(tab) == "The text is as long as the page reads, 4,000 characters: shorten it first."


def test_an_address_may_have_no_longer_text(open_page, network):
    page = explored.page(network)
    tab = open_page(page, hash=f"text={'a' * 4001}")
    assert tab.locator("#problem").inner_text() == (
        "This text has 4,001 characters, and the page reads at most 4,000: shorten it by 1."
    )
    assert tab.evaluate("[chargru.experiment.own, chargru.store.view.text]") == [True, None]
    assert open_page(page, hash=f"text={'a' * 4000}").evaluate("chargru.experiment.T") == 4000


@pytest.mark.parametrize("wrong", ["text=%E2%82%AC", "hold=q%3D1"])
def test_what_an_address_cannot_have_does_not_stay_in_the_way(open_page, network, wrong):
    tab = open_page(explored.page(network), hash="step=7&index=3")
    tab.evaluate("(wrong) => { location.hash = `step=7&index=3&${wrong}`; }", wrong)
    explored.until(tab, "chargru.store.problem !== ''")
    tab.locator("#whatif-z").fill("0.25")
    explored.until(tab, "chargru.experiment.held")
    assert tab.evaluate("chargru.store.view.hold") == ["z[3]=0.25@7"]
    assert not tab.locator("#problem").is_visible()


def test_one_goes_back_to_the_text_of_the_page(open_page, network):
    tab = open_page(explored.page(network), hash="text=The+dogs&hold=z%5B1%5D%3D1%401")
    assert tab.locator("#write-text").input_value() == "The dogs"
    tab.get_by_role("button", name="Back to the page's text").click()
    explored.until(tab, "chargru.experiment.own")
    assert tab.locator("#write-text").input_value() == drawn.TEXT + HOSTILE
    assert tab.evaluate("chargru.store.view.hold") == ["z[1]=1@1"]
    assert not tab.get_by_role("button", name="Back to the page's text").is_visible()


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_stay_those_of_the_page(open_page, ends):
    tab = open_page(explored.page(drawn.model(drawn.TEXT.replace("\n", ends))))
    tab.get_by_role("button", name="Read", exact=True).click()
    assert tab.evaluate("[chargru.store.view.text, chargru.experiment.own]") == [None, True]
    tab.locator("#write-text").fill("The dogs\nThe cats\n")
    tab.keyboard.press("Control+Enter")
    explored.until(tab, "!chargru.experiment.own")
    assert tab.evaluate("chargru.experiment.characters.join('')") == f"The dogs{ends}The cats{ends}"


def active(force, steps):
    """Whether a text of so many steps reaches what a force names; chargru refuses it otherwise."""
    first = force.partition("@")[2].partition("-")[0]
    return not first or int(first) <= steps


def greedy(network, text, count, force=()):
    """The likeliest next character, again and again."""
    for _ in range(count):
        found = trace(network, text, steps=[len(text)], force=[one for one in force if active(one, len(text))])
        text += network.vocabulary.characters[int(found.next_probabilities(0).argmax())]
    return text


@pytest.mark.parametrize("force", [(), ("z=0.9@12-last", "r=0@3")])
def test_at_temperature_0_it_writes_the_likeliest_and_gates_stay_held(open_page, network, force):
    tab = open_page(explored.page(network), hash="&".join(["text=The+cats", *(f"hold={one}" for one in force)]))
    tab.locator("#write-temperature").fill("0")
    tab.locator("#write-count").fill("25")
    tab.get_by_role("button", name="Let it write on").click()
    explored.until(tab, "chargru.experiment.T === 33")
    written = tab.evaluate("chargru.store.view.text")
    assert written == greedy(network, "The cats", 25, force)
    assert not force or written != greedy(network, "The cats", 25)
    assert tab.locator("#write-text").input_value() == written
    assert tab.locator("#write-text").is_editable()


def test_the_same_seed_writes_the_same_and_what_is_unread_is_read_first(open_page, network):
    found = []
    for seed in ("7", "7", "8"):
        tab = open_page(explored.page(network))
        tab.locator("#write-text").fill("The dogs")
        tab.locator("#write-seed").fill(seed)
        tab.locator("#write-count").fill("40")
        tab.get_by_role("button", name="Let it write on").click()
        explored.until(tab, "chargru.experiment.T === 48")
        found.append(tab.evaluate("chargru.store.view.text"))
    assert all(one.startswith("The dogs") for one in found)
    assert found[0] == found[1] != found[2]


def test_writing_can_be_stopped_and_what_is_written_stays(open_page, network):
    tab = open_page(explored.page(network), hash="text=The+cats")
    tab.locator("#write-count").fill("150")
    tab.get_by_role("button", name="Let it write on").click()
    explored.until(tab, "document.getElementById('write-text').value.length > 10")
    tab.get_by_role("button", name="Stop").click()
    explored.until(tab, "chargru.experiment.T > 10")
    assert 10 < tab.evaluate("chargru.experiment.T") < 158
    assert tab.locator("#write-text").input_value() == tab.evaluate("chargru.store.view.text")
    assert tab.get_by_role("button", name="Let it write on").is_visible()


def test_going_on_to_another_text_drops_what_is_being_written(open_page, network):
    tab = open_page(explored.page(network), hash="text=The+cats")
    tab.locator("#write-count").fill("150")
    tab.get_by_role("button", name="Let it write on").click()
    explored.until(tab, "document.getElementById('write-text').value.length > 10")
    tab.get_by_role("button", name="Back to the page's text").click()
    explored.until(tab, "!document.getElementById('write-text').readOnly && chargru.experiment.own")
    assert tab.evaluate("chargru.store.view.text") is None
    assert tab.locator("#write-text").input_value() == drawn.TEXT + HOSTILE


def test_a_network_without_a_head_cannot_write(open_page):
    tab = open_page(explored.page(drawn.model(head=False)))
    assert "has no head, so it cannot write" in tab.locator("#write").inner_text()
    assert tab.locator("#write-start").count() == 0
