"""The page that `chargru trace --format html` writes, in a browser: no script, no console error, nothing too wide."""

import drawn
import pytest

from chargru.insight.trace import trace
from chargru.show.formats import show

pytestmark = pytest.mark.slow

TEXT = "<b onclick=alert(1)>\"'</pre><script>alert(1)</script>\n猫\u0301 שלום\u200b"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_opens(contexts, tmp_path, width, scheme):
    said = []
    tab = contexts(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    model = drawn.model(TEXT * 3, layers=2, reset="before")
    (tmp_path / "trace.html").write_text(show(trace(model, steps=[1, 30], indices=[0, 3]), "html"), encoding="utf-8")
    tab.goto((tmp_path / "trace.html").as_uri())
    assert said == []
    assert tab.locator("script").count() == 0
    assert tab.locator("svg").count() == 8
    assert tab.locator("mark").all_text_contents() == ["<", TEXT[29]]
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    shown = tab.evaluate("() => getComputedStyle(document.querySelector('.gru-cell .when-after')).display")
    assert shown == "none"
