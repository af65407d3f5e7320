"""The page that `chargru evaluate --highlight --format html` writes, in a browser."""

import drawn
import pytest

from chargru.insight.surprise import surprise
from chargru.show.formats import show

pytestmark = pytest.mark.slow

TEXT = "<b onclick=alert(1)>\"'</div><script>alert(1)</script>\n猫\u0301 שלום\u200b" + "long" * 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_opens(contexts, tmp_path, width, scheme):
    said = []
    tab = contexts(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    found = surprise(drawn.model(TEXT), TEXT)
    (tmp_path / "page.html").write_text(show(found, "html"), encoding="utf-8")
    tab.goto((tmp_path / "page.html").as_uri())
    assert said == []
    assert tab.locator("script").count() == 0
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width
    shown = tab.locator(".text").text_content()
    assert shown == TEXT.replace("\n", "⏎\n").replace("\u200b", "\\u200b")
    marked = tab.locator(".text span")
    assert marked.count() == int((found.bits >= 1).sum())
    colour, ground = tab.evaluate(
        "() => { const one = getComputedStyle(document.querySelector('.text .b6'));"
        " return [one.color, one.backgroundColor]; }"
    )
    assert (colour, ground) == (
        ("rgb(255, 255, 255)", "rgb(94, 22, 13)") if scheme == "light" else ("rgb(0, 0, 0)", "rgb(255, 237, 196)")
    )
