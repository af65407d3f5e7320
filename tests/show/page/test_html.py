"""A page as a file: one document that nothing in a text or a run can break out of; its parts fit together."""

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from drawn import TEXT, model

from chargru import bundled
from chargru.insight.exploration import explore
from chargru.model import read_model, write_model
from chargru.show.formats import html as in_a_notebook
from chargru.show.formats import show
from chargru.show.page import html
from chargru.text.vocabulary import Vocabulary

HOSTILE = (
    *("<script>alert(1)</script>", "</script>", "<!--", "]]>", "\u2028", "\0", "</SCRIPT >", "<!--<script>", "&lt;"),
    *("{{script}}", "\\u003c", '"}', "\u202e", "-->"),
)


class Reader(HTMLParser):
    """The elements of a document, each with its attributes and what stands in it, as a browser tells them apart."""

    def __init__(self, document):
        super().__init__()
        self.found = []
        self.inside = False
        self.feed(document)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes), []))
        self.inside = True

    def handle_endtag(self, _):
        self.inside = False

    def handle_data(self, text):
        if self.inside:
            self.found[-1][2].append(text)

    def texts(self, tag, **attributes):
        return ["".join(text) for name, own, text in self.found if name == tag and attributes.items() <= own.items()]


def read(document):
    """The payload of a page."""
    (written,) = Reader(document).texts("script", id="payload")
    return json.loads(written)


def page(text=None, **changed):
    ours = model()
    if text is not None:
        vocabulary = Vocabulary.from_text(text + "<>")
        ours = model(text + "<>")
        ours = replace(ours, vocabulary=vocabulary, trace_text=text)
    return show(explore(replace(ours, **changed)), "html")


def test_it_is_one_document():
    found = Reader(page())
    assert page().startswith('<!doctype html>\n<html lang="en">')
    assert b'<meta name="generator" content="chargru page">' in page().encode()[:200]
    assert [tag for tag, _, _ in found.found].count("script") == 3
    assert found.texts("title") == ["a network, explored"]
    assert not [own for _, own, _ in found.found if own.keys() & {"src", "style", "srcset"}]
    links = [own["href"] for _, own, _ in found.found if "href" in own]
    assert all(link.startswith("#") for link in links)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_a_text_is_markup(hostile):
    found, plain = page(f"ab{hostile}ba"), page()
    assert read(found)["text"] == f"ab{hostile}ba"
    assert read(found)["network"]["vocabulary"] == sorted(set(f"ab{hostile}ba<>"))
    tags = [[(tag, own.get("id")) for tag, own, _ in Reader(one).found] for one in (found, plain)]
    assert tags[0] == tags[1]
    assert Reader(found).texts("script", type="module") == Reader(plain).texts("script", type="module")
    assert "\0" not in found
    assert "\u2028" not in found


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_a_run_is_markup(tmp_path, hostile):
    path = tmp_path / hostile.replace("/", "_").replace("\0", "_")
    path.mkdir()
    write_model(path, replace(model(), trained={"settings": {"note": hostile, hostile: 1}, "versions": {"x": hostile}}))
    found = show(explore(read_model(path), where=hostile), "html")
    assert [tag for tag, _, _ in Reader(found).found] == [tag for tag, _, _ in Reader(page()).found]
    assert "\u202e" not in found
    settings = read(found)["run"]["settings"]
    assert settings["note"] in (hostile, hostile.encode("unicode_escape").decode())
    (title,) = Reader(found).texts("title")
    assert title == f"{read(found)['run']['name']}, explored"


def test_the_payload_and_the_weights_stand_on_a_line_each():
    found = page("\n<\u2028")
    scripts = re.findall(r'<script type="[^"]*" id="[^"]*">(.*)</script>\n', found)
    assert len(scripts) == 2
    assert "<" not in "".join(scripts)
    assert re.fullmatch(r"[A-Za-z0-9+/]*=*", scripts[1])
    assert scripts[0].isascii()


def test_the_policy_lets_in_the_script_and_the_style_and_nothing_else():
    found = Reader(page())
    (policy,) = [own["content"] for _, own, _ in found.found if own.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for rule, texts in (("script-src", found.texts("script", type="module")), ("style-src", found.texts("style"))):
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        assert rules.pop(rule) == f"'sha256-{digest}'"
    assert rules.pop("default-src") == "'none'"
    assert "unsafe" not in policy
    assert rules == {
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def shipped():
    """(name, text) of every file that pages are made of."""
    return [(entry.name, entry.read_text()) for entry in html._WEB.iterdir()]


def test_what_is_shipped_cannot_end_its_element():
    for name, text in shipped():
        if name.endswith((".js", ".css")):
            assert not re.search(r"</(script|style)|<!--", text, re.IGNORECASE), name


def test_every_module_is_joined_after_what_it_imports():
    joined = html.javascript()
    declared = re.compile(r"^(?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
    places = {match[1]: match.start() for match in declared.finditer(joined)}
    for _, text in (one for one in shipped() if one[0] in used()):
        for names, source in re.findall(r'^import \{([^}]*)\} from "\./([\w-]+\.js)";$', text, re.MULTILINE):
            own = declared.search(re.sub(r"^export ", "", text, flags=re.MULTILINE))
            for name in filter(None, map(str.strip, names.split(","))):
                assert name in places, f"{name} of {source} is not there"
                assert own is None or places[name] < places[own[1]]
    assert not re.search(r"^\s*(import|export)\b(?!\()", joined, re.MULTILINE)


def test_comments_for_those_who_write_it_are_left_out_and_nothing_else():
    joined = html.javascript()
    assert not re.search(r"^\s*(/\*\*| \* )", joined, re.MULTILINE)
    modules = (re.sub(r"^import [^;]*;\n", "", dict(shipped())[name], flags=re.MULTILINE) for name in used())
    comment = re.compile(r"\s*(/\*\*.*\*/$|/\*\*[^/]*$|\*|export \{\};)")
    code = [line for module in modules for line in module.splitlines() if line and not comment.match(line)]
    kept = [line.removeprefix("export ") for line in code]
    assert Counter(line for line in joined.splitlines() if line) == Counter(kept)


def used():
    """The modules that the page's first one reaches."""
    sources, waiting, found = dict(shipped()), [html.FIRST], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r'^import .* from "\./([\w-]+\.js)";', sources[name], re.MULTILINE)
    return found


def test_no_name_stands_twice_at_the_top_of_the_modules():
    """They are joined to one script, where a name can be declared once. Of every module, joined yet or not."""
    declared = r"^(?:export )?(?:async )?(?:function\*?|const|let|var|class) (\w+)"
    names = [name for file, text in shipped() if file.endswith(".js") for name in re.findall(declared, text, re.M)]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert len(names) > 20


def test_modules_import_and_export_in_the_one_way_that_is_joined():
    for file, text in (one for one in shipped() if one[0].endswith(".js")):
        for line in re.findall(r"^(?:import|export)\b.*", text, re.MULTILINE):
            known = r"import \{.*|export (?:async )?(?:function|const|class) .*|export \{\};"
            assert re.fullmatch(known, line), f"{file}: {line}"
        assert not re.search(r"^import\b[^;]*\bas\b", text, re.MULTILINE), file
        assert not re.search(r"\bimport\(\s*[^\".]", text), file


def test_no_module_writes_markup():
    forbidden = r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function|setHTMLUnsafe)\b"
    assert [name for name, text in shipped() if name.endswith(".js") and re.search(forbidden, text)] == []


def test_a_notebook_has_the_page_in_a_frame():
    explored = explore(model(TEXT + "<\"'&"), "The <\"'& cat")
    shown = in_a_notebook(explored)
    assert shown == explored._repr_html_()
    (tag, attributes, _) = Reader(shown).found[0]
    assert (tag, len(Reader(shown).found)) == ("iframe", 1)
    assert attributes["srcdoc"] == show(explored, "html")
    assert unescape(shown.split('srcdoc="')[1].split('"')[0]) == show(explored, "html")


def test_a_page_of_the_bundled_run_is_small():
    assert len(show(explore(read_model(bundled.run_path())), "html").encode()) < 400_000


def test_two_pages_of_the_same_are_the_same():
    assert page() == page()
