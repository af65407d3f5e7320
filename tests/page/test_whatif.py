"""Gates held by hand: what the page computes then is what chargru computes with --force."""

import subprocess

import drawn
import explored
import numpy as np
import pytest

from chargru.insight.trace import trace

pytestmark = pytest.mark.slow

STATE = "run => run.layers.map((rows) => Array.from(rows.h))"
NEXT = "run => Array.from({length: run.T}, (_, t) => Array.from(run.nextProbabilities(t + 1)))"


def model(**options):
    return drawn.model(**{"units": 6, **options})


def settled(tab):
    """Wait until what was asked for is computed and shown."""
    explored.until(tab, "!('busy' in document.documentElement.dataset)")
    explored.until(tab, "JSON.stringify(chargru.experiment.holds) === JSON.stringify(chargru.store.view.hold)")


def drag(tab, gate, value):
    tab.locator(f"#whatif-{gate}").fill(str(value))
    settled(tab)


def holds(tab):
    return tab.evaluate("chargru.store.view.hold")


def compare(tab, reference):
    """The largest difference of h and of the next probabilities at any step."""
    states = np.array(tab.evaluate(f"({STATE})(chargru.experiment.held)"))
    wanted = np.stack([layer.h.ravel() for layer in reference.layers])
    following = np.array(tab.evaluate(f"({NEXT})(chargru.experiment.held)"))
    expected = np.stack([reference.next_probabilities(at) for at in range(len(reference.steps))])
    assert (states.shape, following.shape) == (wanted.shape, expected.shape)
    return max(np.abs(states - wanted).max(), np.abs(following - expected).max())


@pytest.mark.parametrize(("layers", "reset"), [(1, "after"), (2, "before")])
@pytest.mark.parametrize(
    ("gate", "reach", "which", "written"),
    [
        ("z", "at this step only", "this index", "z[3]=0.9@20"),
        ("z", "from here on", "this index", "z[3]=0.9@20-last"),
        ("r", "at every step", "this index", "r[3]=0.9"),
        ("r", "from here on", "all indices", "r=0.9@20-last"),
    ],
)
def test_it_computes_what_force_computes(open_page, layers, reset, gate, reach, which, written):
    network = model(layers=layers, reset=reset)
    tab = open_page(explored.page(network), hash=f"step=20&index=3&layer={layers}")
    tab.get_by_label(reach).check()
    tab.get_by_label(which, exact=True).check()
    drag(tab, gate, 0.9)
    force = f"{layers}:{written}" if layers > 1 else written
    assert holds(tab) == [force]
    steps = range(1, len(drawn.TEXT) + 1)
    assert compare(tab, trace(network, steps=steps, force=[force])) < 1e-9
    assert compare(tab, trace(network, steps=steps)) > 1e-6


def test_an_update_gate_that_takes_is_held_at_one_minus(open_page):
    network = model()
    tab = open_page(explored.page(network), hash="step=20&index=3&letters=course")
    assert tab.locator("label[for=whatif-z]").inner_text() == "gamma_u, update gate"
    shown = float(tab.locator("#whatif-z ~ output").inner_text())
    z = trace(network, steps=[20]).layers[0].z[0, 3]
    assert abs(shown - (1 - z)) <= 0.5e-4
    drag(tab, "z", 0.9)
    assert holds(tab) == ["z[3]=0.1@20"]
    assert tab.locator("#whatif-held li span").inner_text() == "gamma_u[3] at 0.9 at step 20"
    assert tab.locator("#whatif-z ~ output").inner_text() == "0.9000"


def test_the_choices_move_what_the_slider_holds(open_page):
    tab = open_page(explored.page(model()), hash="step=20&index=3&hold=r=0@5")
    drag(tab, "z", 0.5)
    tab.get_by_label("from here on").check()
    settled(tab)
    assert holds(tab) == ["r=0@5", "z[3]=0.5@20-last"]
    drag(tab, "z", 0.25)
    assert holds(tab) == ["r=0@5", "z[3]=0.25@20-last"]
    tab.keyboard.press("Tab")
    tab.evaluate("chargru.store.set({step: 21})")
    tab.get_by_label("at this step only").check()
    drag(tab, "z", 1)
    assert holds(tab) == ["r=0@5", "z[3]=0.25@20-last", "z[3]=1@21"]


def test_gates_are_let_go_one_by_one_and_all_at_once(open_page):
    tab = open_page(explored.page(model()), hash="step=20&index=3&hold=z[3]=0@20&hold=r=1&hold=z[1]=1@3-9")
    tab.get_by_role("button", name="Let go r of all indices at 1 at every step").click()
    settled(tab)
    assert holds(tab) == ["z[3]=0@20", "z[1]=1@3-9"]
    tab.get_by_role("button", name="let all go").click()
    settled(tab)
    assert holds(tab) == []
    assert tab.evaluate("chargru.experiment.held") is None
    assert "Nothing is held" in tab.locator("#whatif-findings").inner_text()


def test_what_was_let_go_stays_let_go(open_page):
    tab = open_page(explored.page(model()), hash="step=20&index=3")
    drag(tab, "r", 1)
    tab.get_by_role("button", name="let go", exact=False).first.click()
    settled(tab)
    tab.get_by_label("from here on").check()
    settled(tab)
    assert holds(tab) == []
    drag(tab, "r", 1)
    assert holds(tab) == ["r[3]=1@20-last"]


def test_the_newest_of_many_values_wins(open_page):
    tab = open_page(explored.page(model(units=64)), hash="step=2&index=3")
    tab.evaluate(
        """async () => {
          const slider = document.getElementById("whatif-z");
          for (let k = 0; k <= 100; k++) {
            slider.value = k / 100;
            slider.dispatchEvent(new Event("input"));
            if (k % 10 === 0) await new Promise(requestAnimationFrame);
          }
          slider.dispatchEvent(new Event("change"));
        }"""
    )
    explored.until(tab, "chargru.store.view.hold[0] === 'z[3]=1@2'")
    settled(tab)
    assert holds(tab) == ["z[3]=1@2"]
    explored.until(tab, "location.hash.includes(encodeURIComponent('z[3]=1@2'))")


def test_what_changed_is_said_in_sentences(open_page):
    network = model(seed=3)
    force = "z[3]=0@20"
    tab = open_page(explored.page(network), hash=f"step=20&index=3&hold={force}")
    explored.until(tab, "document.getElementById('whatif-most').textContent.includes('most after')")
    steps = range(1, len(drawn.TEXT) + 1)
    before, after = trace(network, steps=steps), trace(network, steps=steps, force=[force])
    old, new = (np.stack([found.next_probabilities(at) for at in range(len(found.steps))]) for found in (before, after))
    most = int(np.abs(new - old).sum(axis=1).argmax())
    id_ = int(np.abs(new - old)[most].argmax())
    character = network.vocabulary.characters[id_].replace("\n", "⏎")
    assert tab.locator("#whatif-most").inner_text() == (
        f"Held z[3] at 0 at step 20: the next character changes most after step {most + 1}: "
        f"'{character}' {old[most, id_]:.2f} → {new[most, id_]:.2f}."
    )
    h = [found.layers[0].h[19, 3] for found in (before, after)]
    assert tab.locator("#whatif-h").inner_text() == f"h[3] at step 20: {h[0]:.4f} → {h[1]:.4f}."
    ids = network.vocabulary.encode(drawn.TEXT)
    bits = [round(float(-np.log2(found[range(len(ids) - 1), ids[1:]]).sum()), 1) for found in (old, new)]
    change = f"{abs(bits[1] - bits[0]):.1f} {'more' if bits[1] > bits[0] else 'fewer'}"
    assert tab.locator("#whatif-bits").inner_text() == (
        f"To predict the whole text took {bits[0]:.1f} bits and takes {bits[1]:.1f} now, {change}."
    )
    line = np.abs(after.layers[0].h - before.layers[0].h).max(axis=1)
    assert f"up to {line.max():.4f}, at step {line.argmax() + 1}." in tab.locator("#whatif-line").inner_text()


def test_the_likeliest_characters_stand_side_by_side(open_page):
    network = model(seed=3)
    tab = open_page(explored.page(network), hash="step=20&index=3&hold=z[3]=0@20")
    old, new = trace(network, steps=[20]), trace(network, steps=[20], force=["z[3]=0@20"])
    before, after = old.next_probabilities(0), new.next_probabilities(0)
    likeliest = np.argsort(-np.maximum(before, after), kind="stable")[:5]
    shown = [network.vocabulary.characters[id_].replace("\n", "⏎") for id_ in likeliest]
    wanted = [
        [f"'{one}'", f"{before[id_]:.2f}", f"{after[id_]:.2f}"] for one, id_ in zip(shown, likeliest, strict=True)
    ]
    rows = tab.locator('.whatif-next table[data-step="20"] tbody tr').all()
    assert [[cell.text_content() for cell in row.locator("th, td").all()] for row in rows] == wanted


def test_a_key_leaves_the_focus_where_it_is(open_page):
    tab = open_page(explored.page(model()), hash="step=20&index=3&hold=z[3]=0@20")
    tab.get_by_role("button", name="Copy", exact=True).focus()
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("[chargru.store.view.step, document.activeElement.textContent]") == [21, "Copy"]
    assert "--step 21 " in tab.locator("#whatif-command").text_content()
    tab.keyboard.press("x")
    explored.until(tab, "chargru.experiment.held === null")
    assert not tab.locator("#whatif-command").is_visible()


@pytest.mark.parametrize(
    ("text", "written"),
    [(None, 'chargru trace -c mine --step 20 --force "z[3]=0.9@20"'), ('The cat\'s $HOME `x` "!"\n', None)],
)
def test_the_command_does_the_same(open_page, text, written):
    network = drawn.model(drawn.TEXT + "$HOME`x'\"!")
    run = {"name": "mine", "checkpoint": "mine"}
    tab = open_page(explored.page(network, run=run), hash="step=20&index=3")
    if text:
        tab.locator("#write-text").fill(text)
        tab.keyboard.press("Control+Enter")
        explored.until(tab, "!chargru.experiment.own")
    drag(tab, "z", 0.9)
    command = tab.locator("#whatif-command").text_content()
    assert written in (None, command)
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {command}"], capture_output=True, text=True, check=True
    ).stdout.split("\0")
    step = tab.evaluate("chargru.store.view.step")
    more = ["--text", text] if text else []
    wanted = ["chargru", "trace", "-c", "mine", "--step", str(step), "--force", f"z[3]=0.9@{step}", *more, ""]
    assert words == wanted


@pytest.mark.parametrize(
    ("where", "option"),
    [("the run's text", ""), ("--text", f' --text "{drawn.TEXT[:20]}"'), ("a book.txt", ' --file "a book.txt"')],
)
def test_the_command_names_the_text_of_the_page(open_page, where, option):
    page = explored.page(model(), drawn.TEXT[:20], where=where)
    tab = open_page(page, hash="step=2&hold=r=0@2")
    assert tab.locator("#whatif-command").text_content() == f"chargru trace --step 2 --force r=0@2{option}"


def test_a_text_that_ends_before_a_gate_is_held_says_so(open_page):
    tab = open_page(explored.page(model()), hash="step=7&index=3&hold=z[3]=0@20&hold=r=0@2-30&text=The+cats")
    held = tab.locator("#whatif-held li span").all_text_contents()
    assert held == ["z[3] at 0 at step 20, after the end of this text", "r of all indices at 0 at steps 2 to 30"]
    assert tab.locator("#whatif-command").text_content().endswith('--step 7 --force r=0@2-last --text "The cats"')


def test_a_gate_that_cannot_be_held_leaves_the_others_as_they_were(open_page):
    tab = open_page(explored.page(model()), hash="step=20&index=3&hold=r=0@2")
    tab.evaluate("chargru.store.set({hold: ['z[99]=1']})")
    explored.until(tab, "chargru.store.problem.includes('names index 99')")
    assert tab.locator("#whatif-held li span").all_text_contents() == ["r of all indices at 0 at step 2"]
    drag(tab, "z", 0.5)
    assert holds(tab) == ["r=0@2", "z[3]=0.5@20"]
    assert tab.evaluate("chargru.store.problem") == ""


def test_a_network_without_a_head_compares_h_alone(open_page):
    tab = open_page(explored.page(model(head=False)), hash="step=20&index=3&hold=z[3]=0@20")
    assert "has no head, so only h" in tab.locator("#whatif-most").inner_text()
    assert tab.locator("#whatif-bits").count() == 0


def test_a_link_restores_what_is_held(open_page):
    page = explored.page(model(layers=2))
    tab = open_page(page, hash="step=20&index=3&layer=1")
    drag(tab, "r", 0.25)
    explored.until(tab, "location.hash.includes('hold')")
    again = open_page(page, hash=tab.evaluate("location.hash.slice(1)"))
    assert again.evaluate("chargru.store.view") == tab.evaluate("chargru.store.view")
    assert holds(again) == ["1:r[3]=0.25@20"]
    same = f"({STATE})(chargru.experiment.run)"
    assert again.evaluate(same) == tab.evaluate(same)
