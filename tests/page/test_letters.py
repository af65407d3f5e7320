"""The convention switch: all that is shown changes its letters together, and what is another network is said so."""

import drawn
import pytest

from chargru.conventions.authors import CONVENTIONS
from chargru.conventions.convention import QUANTITIES
from chargru.insight.exploration import explore
from chargru.insight.other_network import why
from chargru.insight.trace import trace
from chargru.show.formats import show
from chargru.show.notation import Notation

pytestmark = pytest.mark.slow

MODELS = {reset: drawn.model(reset=reset) for reset in ("after", "before")}


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


@pytest.fixture
def page(open_page, model):
    return open_page(show(explore(model), "html"), hash="step=12&index=2")


def choose(page, name):
    page.check(f"#letters input[value={name}]", force=True)


def test_there_are_eight_authors(page):
    assert page.locator("#letters label").all_text_contents() == [
        "Andrew Ng's course" if one.name == "course" else one.who for one in CONVENTIONS.values()
    ]
    assert page.locator("#letters input:checked").get_attribute("value") == "torch"


def test_each_author_s_table_and_notes(page, model):
    reset = model.architecture.reset
    for convention in CONVENTIONS.values():
        choose(page, convention.name)
        cells = [row.locator("th, td").all_text_contents() for row in page.locator("#letters tbody tr").all()]
        own = convention.own_reset(reset)
        rows = [(name, reset, convention.meaning[name]) for name in QUANTITIES]
        if own != reset:
            who = "Andrew Ng's course" if convention.name == "course" else convention.who
            rows.insert(3, ("n", own, f"{who} itself: another network's candidate"))
        assert cells == [
            [str(convention.letters[name]), meaning, Notation().write(convention.formula(name, 12, place))]
            for name, place, meaning in rows
        ]
        notes = [note.replace(": see --convention course", "") for note in convention.notes_on(reset)]
        assert page.locator("#letters div > p.soft").all_text_contents()[1:] == notes


def test_another_network_is_said_and_a_renaming_too(page, model):
    for convention in CONVENTIONS.values():
        choose(page, convention.name)
        another = why(trace(model, steps=[12]), convention)
        marked, plain = page.locator("#letters .another"), page.locator("#letters .renaming")
        assert (marked.count(), plain.count()) == (bool(another), not another)
        assert not another or marked.text_content() == another


def test_all_letters_change_together(page):
    choose(page, "course")
    assert page.evaluate("() => location.hash").endswith("letters=course")
    assert "c<12>[2]" in page.text_content("#sentence")
    assert "gamma_u<12>[2] = " in page.text_content("#sentence")
    assert page.text_content("#calculation .worked").startswith("  gamma_r<12> = sigmoid(W_rx x<12> + b_rx + ")
    assert page.text_content("#cell .cell-formula").startswith(
        "c<12> = gamma_u<12> * c~<12> + (1 - gamma_u<12>) * c<11>"
    )
    numbers = page.text_content("#cell [data-number=h]")
    choose(page, "torch")
    assert page.text_content("#cell [data-number=h]") == numbers
    for place in ("#sentence", "#calculation", "#cell"):
        assert "gamma" not in page.text_content(place)


def test_the_keyboard_chooses(page):
    page.focus("#letters input:checked")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => chargru.store.view.letters") == "course"


def test_a_link_brings_the_letters(open_page, model):
    page = open_page(show(explore(model), "html"), hash="step=12&letters=onnx")
    assert page.locator("#letters input:checked").get_attribute("value") == "onnx"
    assert page.text_content("#cell [data-letter=h]") == "H12"
