"""Both grammars: what they write, the agreements in it, and that the figures of it are exact."""

import math
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from chargru.cats.grammar import CORPORA, agreements, entropy_rate, grammar, paragraphs, surprisal, write
from chargru.errors import SettingError, TextError
from chargru.text.corpus import split_point

CATS = Path(__file__).parents[2] / "data" / "cats.txt"
README = CATS.with_name("README.md")
each_corpus = pytest.mark.parametrize("corpus", CORPORA)
LECTURE = "The cat, which the dogs near the old barn had chased, was full. It slept.\n"


# Writing


def test_cats_txt_is_what_the_grammar_writes():
    assert CATS.read_bytes() == write(1_000_000, 405).encode("ascii")


def test_a_text_never_changes():
    assert (
        sha256(write(20_000, 1).encode()).hexdigest()
        == "58a311866a4e9d5d045c537e88ef89131cfe464cf2f025a70c0b9e8f39d7ad83"
    )


@each_corpus
def test_a_longer_text_begins_with_the_shorter(corpus):
    short, long = write(3_000, 5, corpus), write(9_000, 5, corpus)
    assert long.startswith(short)
    assert len(short) >= 3_000 > short.rindex("\n", 0, -1) + 1


@each_corpus
def test_size_1_is_one_paragraph(corpus):
    assert write(1, 2, corpus).count("\n") == 1


@pytest.mark.parametrize(("size", "seed"), [(0, 0), (10**9 + 1, 0), (100, -1)])
def test_sizes_and_seeds_out_of_range(size, seed):
    with pytest.raises(SettingError):
        write(size, seed)


# Figures


@each_corpus
def test_paragraphs_have_one_derivation_with_the_bits_of_its_choices(corpus):
    for paragraph in paragraphs(30_000, 4, corpus):
        (tree,) = grammar(corpus).derivations(paragraph.text)
        bits, stack = 0.0, [tree]
        while stack:
            node = stack.pop()
            bits -= math.log2(grammar(corpus).probabilities(node.symbol)[node.choice])
            stack += node.children
        assert abs(bits - paragraph.bits) < 1e-9


@each_corpus
def test_bits_of_characters_sum_to_the_bits_of_the_choices(corpus):
    written = list(paragraphs(20_000, 8, corpus))
    text = "".join(paragraph.text for paragraph in written)
    assert abs(surprisal(text, corpus=corpus).sum() - math.fsum(paragraph.bits for paragraph in written)) < 1e-8


@each_corpus
def test_a_stretch_has_the_bits_it_has_in_the_whole(corpus):
    text = write(4_000, 9, corpus)
    whole = surprisal(text, corpus=corpus)
    for start, end in [(0, 10), (777, 1999), (3_000, len(text)), (500, 500)]:
        assert np.abs(surprisal(text, start, end, corpus=corpus) - whole[start:end]).max(initial=0.0) < 1e-12
    assert np.abs(surprisal(text[:1234], corpus=corpus) - whole[:1234]).max() < 1e-12


@each_corpus
def test_the_entropy_rate_is_what_long_texts_approach(corpus):
    written = list(paragraphs(1_000_000, 0, corpus))
    rate = math.fsum(p.bits for p in written) / sum(len(p.text) for p in written)
    assert abs(rate - entropy_rate(corpus)) < 0.005
    assert 0.5 < entropy_rate(corpus) < 1.0


def test_the_figures_of_the_readme():
    readme, text = README.read_text(encoding="utf-8"), CATS.read_text(encoding="ascii")
    start = split_point(len(text), 0.1)
    whole = math.fsum(paragraph.bits for paragraph in paragraphs(1_000_000, 405)) / len(text)
    for bits in (entropy_rate(), whole, surprisal(text, start).mean()):
        assert f"| {bits:.4f} |" in readme
    assert f"text of {len(text):,} characters" in readme
    assert f"from character {start:,} to the end" in readme
    assert sha256(text.encode("ascii")).hexdigest() in readme


def test_what_the_grammar_cannot_write_is_named_by_its_place():
    with pytest.raises(TextError, match=r"'a' at line 2, column 11"):
        surprisal("The cat was full.\nThe cats was full.\n")
    with pytest.raises(TextError, match=r"'I' at line 2, column 1"):
        agreements("The cat was full.\nIt slept.\n")


def test_a_stretch_outside_the_text_is_refused():
    with pytest.raises(SettingError, match="not within the text"):
        surprisal("The cat", 3, 8)


# Agreement


@each_corpus
def test_the_agreements_of_the_lecture_sentence(corpus):
    """`was` stands at 54; its subject `cat` at 4 to 7; `dogs` is the one plural noun between."""
    (verb,) = agreements(LECTURE, corpus)
    assert (verb.start, verb.verb, verb.wrong, verb.number) == (54, "was", "were", "sg")
    assert (verb.subject, verb.subject_start, verb.subject_end) == ("cat", 4, 7)
    assert (verb.distance, verb.attractors) == (47, 1)


@each_corpus
def test_the_wrong_form_is_never_grammatical(corpus):
    text = write(15_000, 11, corpus)
    for verb in agreements(text, corpus):
        line = text.rindex("\n", 0, verb.start) + 1 if "\n" in text[: verb.start] else 0
        assert text[verb.start : verb.end] == verb.verb
        swapped = text[line : verb.start] + verb.wrong + text[verb.end : text.index("\n", verb.end) + 1]
        assert grammar(corpus).derivations(swapped) == []


@each_corpus
def test_a_text_cut_off_has_the_same_agreements_up_to_there(corpus):
    text = write(150, 12, corpus)
    found = agreements(text, corpus)
    for length in range(len(text)):
        assert agreements(text[:length], corpus) == [verb for verb in found if verb.end < length]


@each_corpus
def test_subjects_stand_near_and_far(corpus):
    found = agreements(write(60_000, 0, corpus), corpus)
    distances = sorted(verb.distance for verb in found)
    assert distances[0] == 1
    assert distances[int(0.98 * len(distances))] > 50
    assert sum(verb.attractors > 0 for verb in found) > 0.15 * len(found)
