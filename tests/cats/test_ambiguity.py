"""The search for a symbol with two derivations of one text."""

from random import Random

import pytest
from grammars import every_text, small_grammar

from chargru.cats.ambiguity import ambiguous_symbol
from chargru.cats.grammar import CORPORA, grammar


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_text_has_two_derivations(corpus):
    assert ambiguous_symbol(grammar(corpus)) is None


def test_the_search_for_ambiguity_finds_what_a_full_listing_finds():
    random, ambiguous = Random(0), 0
    for _ in range(1000):
        small = small_grammar(random)
        texts = [text for _, text in every_text(small)]
        assert (ambiguous_symbol(small) is not None) == (len(texts) > len(set(texts)))
        ambiguous += len(texts) > len(set(texts))
    assert 80 < ambiguous < 920
