"""The surprise of a text as HTML that needs nothing else: the text in colour, the legend, the hardest words."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from chargru.insight.surprise import Surprise
from chargru.show.characters import visible
from chargru.show.surprise import layout, levels, parts
from chargru.show.theme import themed
from chargru.show.view import View

CHARACTERS = 20_000
"""So many are shown if none are asked for."""

_HERE = ".chargru-surprise,body:has(>.chargru-surprise)"
_COLOURS = "--ink:#1c1e21;--soft:#565b63;--panel:#fff;--line:#d9d6cf"
_DARK = "--ink:#e9e7e2;--soft:#a5abb5;--panel:#1c1f25;--line:#363b44"
_STYLE = (
    f"{_HERE}{{color:var(--ink);background:var(--panel);color-scheme:light dark}}"
    f"{themed(_HERE, 'chargru-surprise', _COLOURS, _DARK)}"
    ".chargru-surprise{font:15px/1.5 system-ui,sans-serif;padding:4px 16px;max-width:900px;margin:0 auto}"
    ".chargru-surprise h1{font-size:1.2em;margin:12px 0 6px;overflow-wrap:anywhere}"
    ".chargru-surprise h2{font-size:1em;margin:18px 0 6px}.chargru-surprise .soft{color:var(--soft)}"
    ".chargru-surprise .text{font:14px/1.7 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "white-space:pre-wrap;overflow-wrap:anywhere;background:none;color:inherit;margin:8px 0 14px}"
    ".chargru-surprise .scroll{overflow-x:auto}.chargru-surprise table{border-collapse:collapse;color:inherit}"
    ".chargru-surprise thead th{border-bottom:1px solid var(--line)}"
    ".chargru-surprise td,.chargru-surprise th{padding:2px 0 2px 14px;text-align:right}"
    ".chargru-surprise.chargru-surprise tbody tr:nth-child(n){background:none}"
    ".chargru-surprise td{font-variant-numeric:tabular-nums}"
    ".chargru-surprise tr>:first-child{text-align:left;padding-left:0}"
)
_PRINTED = ".{0} span{{print-color-adjust:exact;-webkit-print-color-adjust:exact;forced-color-adjust:none}}"
_KEY = ".{0} .key span{{display:inline-block;padding:0 8px}}"


def render(found: Surprise, view: View | None = None) -> str:
    """A fragment for a notebook that is a page too; all text is escaped, and nothing in it runs."""
    return "\n".join(_parts(found, view or View())) + "\n"


def _parts(found: Surprise, view: View) -> Iterator[str]:
    yield '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f'<style>{_STYLE}{scale("chargru-surprise")}</style><div class="chargru-surprise">'
    yield f"<h1>{escape(parts.title(found))}</h1>"
    yield f"<p>{escape(' '.join(parts.sentences(found)))}</p>"
    words = parts.words(found)
    if len(words) > 1:
        yield f"<h2>Hardest words: those that take most bits, on average</h2>{_table(words)}"
    yield "<h2>The text</h2>"
    yield legend(found)
    shown = min(view.characters or CHARACTERS, len(found.text))
    yield f'<div class="text" dir="auto">{text(found, shown)}</div>'
    yield f'<p class="soft">{escape(parts.rest(found, shown))}</p>'
    yield "</div>"


def scale(name: str) -> str:
    """The rules of the levels within elements of a class, light and dark; the lowest has the page's own colours."""
    inks = range(1, len(levels.NAMES))
    rules = "".join(f".{name} .b{level}{{color:var(--b{level});background:var(--on{level})}}" for level in inks)
    light, dark = (
        "".join(f"--b{level}:{colours[level][0]};--on{level}:{colours[level][1]};" for level in inks)
        for colours in (levels.LIGHT, levels.DARK)
    )
    return f"{themed(f'.{name}', name, light, dark)}{rules}{_KEY.format(name)}{_PRINTED.format(name)}"


def legend(found: Surprise) -> str:
    """What the colours mean."""
    keys = "".join(f"<span class=b{level}>{name}</span>" for level, name in enumerate(levels.NAMES))
    left_out = " <s>struck through</s>: left out." if found.left_out else ""
    return f'<p class="key">bits of a character: {keys}{left_out}</p>'


def text(found: Surprise, shown: int) -> str:
    """The text; each character that takes 1 bit or more says how many."""
    left_out = set(found.left_out)
    of = levels.levels(found.bits[:shown]).tolist()
    written = []
    # What takes less stands together.
    for (level, struck, _), run in groupby(range(shown), lambda at: (of[at], at in left_out, at if of[at] else -1)):
        places = list(run)
        signs = escape("".join(_shown(found.text, at) for at in places))
        if level:
            signs = f'<span class=b{level} title="{found.bits[places[0]]:.2f} bits">{signs}</span>'
        written.append(f"<s>{signs}</s>" if struck else signs)
    return "".join(written)


def _shown(text: str, at: int) -> str:
    """A newline has its sign, and breaks the line."""
    return f"{visible(text[at])}\n" if text[at] == "\n" else layout.shown_at(text, at)


def _table(rows: list[list[str]]) -> str:
    heading, *others = ("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) for tag, row in _tagged(rows))
    body = "".join(f"<tr>{row}</tr>" for row in others)
    return f'<div class="scroll"><table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table></div>'


def _tagged(rows: list[list[str]]) -> Iterator[tuple[str, list[str]]]:
    for number, row in enumerate(rows):
        yield ("td" if number else "th"), row
