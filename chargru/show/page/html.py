"""The page as one HTML file: template, style and script joined with the payload, under a strict policy."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from html import escape
from importlib.resources import files

from chargru.insight.exploration import Exploration
from chargru.show.page import data
from chargru.show.view import View

_WEB = files("chargru.show.page") / "web"
_IMPORT = re.compile(r'^import\s+\{[^}]*\}\s+from\s+"\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|const|class)\b)|^export \{\};\n", re.MULTILINE)
_JSDOC = re.compile(r"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*\n", re.MULTILINE)
"""One that has its lines to itself; a quarter of the script, for those who write it."""
_PLACE = re.compile(r"\{\{(\w+)\}\}")

FIRST = "main.js"


def render(found: Exploration, _: View | None = None) -> str:
    """The whole page; it needs no other file and no network."""
    style, script = stylesheet(), javascript()
    values = {
        "policy": escape(_policy(style, script)),
        "title": escape(f"{data.name(found)}, explored"),
        "style": style,
        "cell": _read("cell.svg"),
        "payload": json.dumps(data.document(found), separators=(",", ":")).replace("<", "\\u003c"),
        "weights": data.weights(found),
        "script": script,
    }
    return _PLACE.sub(lambda match: values[match[1]], _read("page.html"))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src '{_sha256(script)}'; style-src '{_sha256(style)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _sha256(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def stylesheet() -> str:
    """The style, base.css first."""
    names = sorted((entry.name for entry in _WEB.iterdir() if entry.name.endswith(".css")), key=_base_first)
    return "\n".join(map(_read, names))


def _base_first(name: str) -> tuple[bool, str]:
    return name != "base.css", name


def javascript(first: str = FIRST) -> str:
    """A module and all that it imports, joined in the order of their imports as one script, without JSDoc."""
    sources: dict[str, str] = {}
    graph: dict[str, list[str]] = {}
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in graph:
            sources[name] = _read(name)
            graph[name] = _IMPORT.findall(sources[name])
            waiting += graph[name]
    return "\n".join(_joinable(sources[name]) for name in _order(graph))


def _joinable(module: str) -> str:
    for left_out in (_JSDOC, _IMPORT, _EXPORT):
        module = left_out.sub("", module)
    return module


def _order(graph: dict[str, list[str]]) -> Iterator[str]:
    yield from TopologicalSorter(graph).static_order()


def _read(name: str) -> str:
    return (_WEB / name).read_text(encoding="utf-8")
