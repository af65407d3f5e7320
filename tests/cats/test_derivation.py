"""Derivations: the parser finds every one; what a grammar of chance writes, by hand."""

import math
from collections import Counter
from random import Random

from grammars import every_text, small_grammar

from chargru.cats.derivation import Grammar


def test_the_parser_finds_every_derivation():
    random = Random(1)
    for _ in range(100):
        grammar = small_grammar(random)
        for text, count in Counter(text for _, text in every_text(grammar)).items():
            assert len(grammar.derivations(text)) == count


def test_entropy_of_a_grammar_by_hand():
    """3/4 of `a<t>`, 1/4 of `b`; t is `cd` or `e`, a half each.

    H = H(1/4) + 3/4 * 1 bit = 0.811278 + 0.75; length = 3/4 (1 + 3/2) + 1/4 = 2.125 characters.
    """
    grammar = Grammar({"<s>": [(3, "a<t>"), (1, "b")], "<t>": [(1, "cd"), (1, "e")]}, "<s>")
    bits, characters = grammar.expected("<s>")
    assert abs(bits - (2 - 0.75 * math.log2(3) + 0.75)) < 1e-12
    assert abs(characters - 2.125) < 1e-12
