"""What a notebook shows of a model, a sample, a score and the runs: the right numbers, everything escaped."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru import bundled
from chargru.sampling import Samples
from chargru.show.curves.html import HEIGHT, WIDTH
from chargru.show.notebook.fragment import CLASS
from chargru.text.sample import Sample

EVIL = "<script>alert(1)</script>&amp;\"'\u202e\x1b[2J"
NAMELESS = {"path", "polyline", "circle"}


class Reader(HTMLParser):
    """What a browser would see: the tags, the text outside of style, the rows of tables."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.rules, self.rows, self.inside = [], [], "", [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, _):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "style":
            self.rules += data
            return
        self.text.append(data)
        if self.inside in ("td", "th"):
            self.rows[-1].append(data)

    def of(self, tag, **attributes):
        return [found for name, found in self.tags if name == tag and attributes.items() <= found.items()]


def values(html):
    return dict(row for row in Reader(html).rows if len(row) == 2)


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Every value that has HTML of its own, of a model whose text and whose prime are nasty."""
    monkeypatch.chdir(tmp_path)
    ours = model(TEXT + EVIL)
    return {
        "model": ours.force("z=0"),
        "cats": chargru.load("cats"),
        "sample": chargru.sample(ours, prime=EVIL, length=60),
        "samples": Samples(None, 0, EVIL, (EVIL, "b"), ("z=0",), ("c", "d")),
        "score": chargru.evaluate(ours, TEXT + EVIL),
        "held": chargru.evaluate(ours, [(EVIL, EVIL)], force=["r=1"]),
        "surprise": chargru.surprise(ours, EVIL),
        "curves": chargru.curves("cats", "cats-rnn"),
        "runs": chargru.runs(),
    }


def test_nothing_in_a_text_is_taken_for_html_and_no_style_leaks(shown):
    for name, value in shown.items():
        found = Reader(value._repr_html_())
        allowed = (
            "style div span table thead tbody tr th td p details summary svg g path text polyline circle s meta h1 h2"
        )
        assert {tag for tag, _ in found.tags} <= set(allowed.split()), name
        assert not [key for _, given in found.tags for key in given if key.startswith("on")], name
        assert "\x1b" not in value._repr_html_()
        if name == "surprise":
            continue
        assert "\u202e" not in value._repr_html_(), name
        selectors = re.findall(r"([^{}]+)\{", re.sub(r"@media[^{]*\{", "", found.rules))
        parts = [part for one in selectors for part in re.sub(r"\([^()]*\)", "", one).split(",")]
        assert parts
        assert [one for one in parts if f".{CLASS}" not in one] == [], name


def test_a_model_has_its_figures_settings_and_curve(shown):
    found = Reader(shown["cats"]._repr_html_())
    facts = values(shown["cats"]._repr_html_())
    assert "cats: 0.5103 bits per character" in found.text
    assert facts["network"] == "GRU, 1 layer of 48 units, 12,990 parameters"
    assert facts["score"] == "0.5103 bits per character on the validation split (a blind guess: 4.91); perplexity 1.424"
    assert facts["best"] == "at update 27,000 of 27,000 (120 epochs)"
    assert (facts["hidden_size"], facts["learning_rate"], facts["seed"]) == ("48", "0.008", "6")
    (drawing,) = found.of("svg", role="img")
    assert drawing["viewbox"] == f"0 0 {WIDTH} {HEIGHT}"
    assert len(found.of("polyline")) == 2
    assert any("lowest 0.5103 at update 27,000" in one for one in found.text)


def test_a_model_of_no_run_has_no_figures(shown):
    found = Reader(shown["model"]._repr_html_())
    assert "A model of no run" in found.text
    assert {"network", "reset gate", "vocabulary", "forced gates", "note"} == {row[0] for row in found.rows}
    assert not found.of("svg")
    assert str(shown["model"]).splitlines()[0] == "A model of no run"


def test_a_printed_model_is_its_facts():
    lines = str(chargru.load("cats")).splitlines()
    assert lines[0] == "cats: 0.5103 bits per character"
    assert "vocabulary         30 characters" in lines
    assert lines[-1] == "The rest: chargru info cats"


def test_the_points_of_a_curve_stand_where_they_belong():
    """The nested drawing spans the axes: x from 0 to the last update, y from the highest tick down to the lowest."""
    found = Reader(chargru.curves("cats")._repr_html_())
    curve = chargru.curves("cats").runs[0].curve
    (inner,) = (one for _, one in found.tags if one.get("overflow") == "hidden")
    wide, tall = float(inner["width"]), float(inner["height"])
    ticks = [float(text) for text in found.text if re.fullmatch(r"0\.\d\d", text)]
    points = [(update, bits) for update, bits in zip(curve.update, curve.val_bpc, strict=True) if bits is not None]
    expected = [
        (update / curve.update[-1] * wide, (max(ticks) - bits) / (max(ticks) - min(ticks)) * tall)
        for update, bits in points
    ]
    drawn = [tuple(map(float, pair.split(","))) for pair in found.of("polyline")[1]["points"].split()]
    assert np.abs(np.array(drawn) - np.array(expected)).max() <= 0.06
    dots = [(float(one["cx"]), float(one["cy"])) for one in found.of("circle")]
    assert dots == drawn


def test_a_sample_has_its_prime_set_off():
    html = Sample(" sat\non <b>.\u202e", "The\tcat\r\n")._repr_html_()
    assert '<span class="prime" title="prime">The\tcat\n</span> sat\non &lt;b&gt;.\\u202e</div>' in html
    assert 'class="prime"' not in Sample("x")._repr_html_()


def test_several_samples_say_which_they_are(shown):
    found = Reader(shown["samples"]._repr_html_())
    assert [text for text in found.text if text.startswith("sample")] == [
        "sample 1 of 2, held: z=0",
        "sample 2 of 2, held: z=0",
        "sample 1 of 2, without the gates held",
        "sample 2 of 2, without the gates held",
    ]
    assert len(found.of("span", **{"class": "prime"})) == 4


def test_of_a_long_sample_the_beginning_is_shown():
    html = Sample("<" * 30_000, "The")._repr_html_()
    assert html.count("&lt;") == 19_997
    assert '<p class="soft">... 10,003 more characters</p>' in html
    whole = Sample("<" * 19_997, "The")._repr_html_()
    assert whole.count("&lt;") == 19_997
    assert "more character" not in whole
    assert "... 1 more character<" in Sample("<" * 19_998, "The")._repr_html_()
    assert Sample("made", "<" * 30_000)._repr_html_().count("&lt;") == 20_000


def test_of_many_samples_the_first_are_shown():
    html = Samples(None, 0, "p", ("<" * 11_999, ">" * 11_999, "&" * 11_999), (), ("$" * 11_999,))._repr_html_()
    assert [html.count(char) for char in ("&lt;", "&gt;", "&amp;", "$")] == [11_999, 7_999, 0, 0]
    assert "sample 2 of 3" in html
    assert "sample 3 of 3" not in html
    assert "... 28,000 more characters<" in html


def test_a_name_of_a_run_is_no_html(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("<b>&", "<i>&"):
        shutil.copytree(bundled.run_path(), name)
    titled = chargru.load(Path("<b>&"))._repr_html_()
    assert '<div class="title">&lt;b&gt;&amp;: 0.5103 bits per character</div>' in titled
    assert "<b>" not in titled
    drawn = chargru.curves(Path("<b>&"), Path("<i>&"))._repr_html_()
    for name in ("&lt;b&gt;&amp;", "&lt;i&gt;&amp;"):
        assert f"</span> {name}, validation: " in drawn
        assert f"</span> {name}, training: " in drawn
    assert not {"b", "i"} & {tag for tag, _ in Reader(drawn).tags}


def test_a_score_has_its_figures_and_its_text_in_colour(shown):
    score, cats = shown["score"], shown["cats"]
    facts = values(score._repr_html_())
    assert facts["bits"] == f"{score.val_bpc:.4f} per character"
    assert facts["nats"] == f"{score.val_nats:.4f} per character"
    assert facts["perplexity"] == f"{score.perplexity:.4g} per character"
    html = chargru.evaluate(cats, "The cats were full.")._repr_html_()
    bits = chargru.surprise(cats, "The cats were full.").bits
    said = re.findall(r'<span class=b(\d) title="([\d.]+) bits">(.)</span>', html)
    assert [(float(number), char) for _, number, char in said] == [
        (round(float(one), 2), char) for one, char in zip(bits, "The cats were full.", strict=True) if one >= 1
    ]


def test_held_gates_stand_beside_the_model_without(shown):
    found = Reader(shown["held"]._repr_html_())
    score = shown["held"]
    assert ["bits", f"{score.val_bpc:.4f} per character", f"{score.original.val_bpc:.4f} per character"] in found.rows


def test_a_long_text_is_coloured_at_its_beginning_only():
    ours = model()
    html = chargru.evaluate(ours, TEXT * 300)._repr_html_()
    assert (
        f"The first 2,000 of {len(TEXT) * 300:,} characters; chargru.surprise(model, text) has all."
        in Reader(html).text
    )
    kept = chargru.evaluate(ours, TEXT * 300).beginning
    assert (len(kept.text), len(kept.bits)) == (20_000, 20_000)
    np.testing.assert_array_equal(kept.bits, chargru.surprise(ours, TEXT * 300).bits[:20_000])


def test_the_score_of_the_validation_split_has_no_text():
    score = chargru.evaluate(chargru.load("cats"))
    assert score.beginning is None
    assert "bits of a character" not in score._repr_html_()


def test_the_text_is_not_in_the_document(shown):
    assert "beginning" not in chargru.show(shown["score"], "json")
    assert shown["score"] == chargru.evaluate(model(TEXT + EVIL), TEXT + EVIL)


def test_the_runs_are_a_table(shown):
    found = Reader(shown["runs"]._repr_html_())
    assert found.rows[0] == ["run", "state", "written", "bits per character", "units", "updates"]
    first, second = ([*row[:2], *row[-3:]] for row in found.rows[1:])  # what was never written has an empty cell
    assert first == ["cats", "bundled", "0.5103", "1 x 48", "27,000"]
    assert second == ["cats-rnn", "bundled", "0.5400", "1 x 48", "28,500"]
