"""axe-core finds nothing that would keep somebody out. Its script is put in past the policy of the page."""

import drawn
import explored
import pytest

pytestmark = pytest.mark.slow

STOPS = [{"title": "One", "sentences": ["First.", "Second."], "view": "step=5&index=1&hold=z[1]=0@5", "see": "whatif"}]
CURVE = {"update": [0, 9], "train_bpc": [3.0, 1.0], "val_bpc": [2.0, 1.5], "learning_rate": [0.1, 0.2]}
RUN = {"name": "mine", "figures": {"val_bpc": 1.5}, "settings": {"layers": 2}}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light"), (400, "dark")])
@pytest.mark.parametrize("state", ["tour", "held and typed", "keys"])
def test_nothing_serious_is_found(contexts, tmp_path, width, scheme, state):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    path = tmp_path / "page.html"
    path.write_text(explored.page(drawn.model(layers=2), tour=STOPS, curve=CURVE, run=RUN), encoding="utf-8")
    context = contexts(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    hash_ = "" if state == "tour" else "#step=9&index=2&hold=1:z[2]=0@9&hold=r=1&text=The+cats+were+full"
    tab.goto(path.as_uri() + hash_)
    tab.wait_for_selector("html[data-ready]:not([data-busy])", state="attached")
    if state == "keys":
        tab.keyboard.press("?")
    found = axe.Axe().run(tab).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    told = [(one["id"], one["help"], [node["html"][:120] for node in one["nodes"]]) for one in serious]
    assert told == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_narrow_screen(open_page, scheme):
    page = explored.page(drawn.model(layers=2), tour=STOPS, curve=CURVE, run=RUN)
    tab = open_page(page, width=400, height=800, scheme=scheme, hash="tour=1")
    explored.until(tab, "chargru.experiment.held !== null")
    assert tab.evaluate("document.documentElement.scrollWidth") == 400
