"""What a notebook shows, in a browser: in the colours of its theme, not too wide, with nothing that runs."""

import drawn
import pytest

import chargru
from chargru.show.notebook.fragment import CLASS

pytestmark = pytest.mark.slow

TEXT = "<b onclick=alert(1)>\"'</div><script>alert(1)</script>\n猫\u0301 שלום" + "long" * 40
PAGE = (
    '<!doctype html><meta charset="utf-8"><body data-jp-theme-light="{light}" style="color:{ink};background:{ground}">'
)
OF_A_NOTEBOOK = "<style>td,th{text-align:right}tbody tr:nth-child(odd){background:red}</style>"


def fragments():
    ours, cats = drawn.model(TEXT, units=6), chargru.load("cats")
    values = [
        ours,
        cats,
        chargru.sample(ours, prime=TEXT, length=300),
        chargru.evaluate(ours, TEXT, force=["r=1"]),
        chargru.curves("cats", "cats-rnn"),
        chargru.runs(),
    ]
    return "".join(value._repr_html_() for value in values)


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("width", [400, 1280])
def test_it_opens(contexts, tmp_path, width, light):
    """The system asks for the other colours than the notebook: the notebook's are taken."""
    said = []
    scheme = "dark" if light else "light"
    tab = contexts(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    ink, ground = ("#111", "#fff") if light else ("#eee", "#111")
    begin = PAGE.format(light=str(light).lower(), ink=ink, ground=ground)
    outside = "<p id=outside>outside <table><tbody><tr><td>one</table>"
    (tmp_path / "page.html").write_text(f"{begin}{OF_A_NOTEBOOK}{outside}{fragments()}", encoding="utf-8")
    tab.goto((tmp_path / "page.html").as_uri())
    assert said == []
    assert tab.locator("script").count() == 0
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= width

    def style(of, name):
        return tab.evaluate(f"() => getComputedStyle(document.querySelector({of!r}))[{name!r}]")

    words = "rgb(17, 17, 17)" if light else "rgb(238, 238, 238)"
    assert style(f".{CLASS} td", "color") == words
    assert style(f".{CLASS} svg text", "fill") == words
    assert style(f".{CLASS} tbody tr", "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert style(f".{CLASS} td", "textAlign") == "left"
    assert style("#outside + table tr", "backgroundColor") == "rgb(255, 0, 0)"
    level = style(f".{CLASS} .text .b6", "backgroundColor")
    assert level == ("rgb(94, 22, 13)" if light else "rgb(255, 237, 196)")
