"""The village corpus: its words, its articles, and verbs that agree within a clause."""

import re
from collections import Counter
from hashlib import sha256

from chargru.cats.grammar import agreements, write


def test_a_million_characters_never_change():
    """The text that shipped with the first versions, byte for byte."""
    written = sha256(write(1_000_000, 0, "village").encode()).hexdigest()
    assert written == "265f52b10d5f0f3de37e75ba5836ae4fafad3369675882a53edc20c67253521b"


def test_articles_and_paragraphs():
    text = write(200_000, 3, "village")
    assert re.findall(r"\b[Aa] (?=[aeio])\w+|\b[Aa]n (?![aeiou]|honest)\w+", text) == []
    assert set(text) <= set("\n '!\",.?" + "abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    endings = {len(re.findall(r"[.!?](?=\"? [A-Z\"]|\n)", line + "\n")) for line in text.splitlines()}
    assert min(endings) == 2


def test_words_have_a_long_tail():
    counts = Counter(re.findall(r"[a-z]+", write(1_000_000, 0, "village").lower()))
    assert 700 < len(counts) < 1000
    assert sum(count < 100 for count in counts.values()) > 200


def test_an_inner_clause_has_a_subject_of_its_own():
    found = agreements("The cats, which the dog near the boys chases, are full. They sleep.\n", "village")
    assert [(a.subject, a.verb, a.wrong, a.attractors) for a in found] == [
        ("dog", "chases", "chase", 1),
        ("cats", "are", "is", 1),
        ("They", "sleep", "sleeps", 0),
    ]
