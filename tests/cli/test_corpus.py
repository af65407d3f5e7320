"""`chargru corpus`: what it writes, what it reports, what it refuses."""

import json

import pytest

from chargru.cats import grammar


def test_it_writes_the_grammars_text_and_reports_its_bits(chargru, tmp_path):
    out = tmp_path / "more.txt"
    result = chargru("corpus", "cats", "--out", out, "--size", 3000, "--seed", 5, "--format", "json")
    found, text = json.loads(result.stdout), out.read_text()
    assert text == grammar.write(3000, 5)
    bits = grammar.surprisal(text).sum()
    assert abs(found["bits"] - bits) < 1e-6 * bits
    assert abs(found["bits_per_character"] - bits / len(text)) < 1e-6
    assert found["entropy_rate"] == grammar.entropy_rate()
    assert (found["characters"], found["paragraphs"]) == (len(text), text.count("\n"))
    assert (found["schema"], found["corpus"], found["seed"], found["out"]) == ("chargru.corpus/1", "cats", 5, str(out))


def test_the_table_shows_the_same_figures(chargru, tmp_path):
    shown = chargru("corpus", "cats", "--out", tmp_path / "more.txt", "--size", 3000).stdout
    text = (tmp_path / "more.txt").read_text()
    assert f"{len(text):,} characters in {text.count(chr(10))} paragraphs" in shown
    assert f"{grammar.entropy_rate():.4f} bits per character" in shown


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("dogs", "--out", "new.txt"), "there is no corpus 'dogs'", "there are: cats, village"),
        (("cats", "--out", "old.txt"), "old.txt already exists and is never overwritten", "choose another --out"),
        (("cats", "--out", "none/new.txt"), "there is no directory none", "make it first"),
        (("cats", "--out", "new.txt", "--size", "0"), "the size must be", "give it another size"),
        (("cats", "--out", "new.txt", "--seed", "-1"), "the seed must be", "give it another seed"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(chargru, tmp_path, monkeypatch, arguments, message, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.txt").write_text("precious")
    result = chargru("corpus", *arguments)
    assert result.exit_code == 1
    assert f"error: {message}" in result.stderr
    assert f"hint: {hint}" in result.stderr
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("old.txt", "precious")]


def test_a_corpus_needs_a_place(chargru):
    assert chargru("corpus", "cats").exit_code == 2
