"""Probabilities of the next character, at every prefix."""

from random import Random

import pytest
from grammars import every_text, small_grammar

from chargru.cats.grammar import CORPORA, grammar, write
from chargru.cats.prefix import Prefixes


@pytest.mark.parametrize("corpus", CORPORA)
def test_next_characters_sum_to_one_at_every_prefix(corpus):
    text = write(1_500, 6, corpus)
    prefixes, state = Prefixes(grammar(corpus)), Prefixes(grammar(corpus)).start
    alphabet = sorted(set(write(100_000, 0, corpus)))
    for char in text:
        assert abs(sum(prefixes.step(state, c)[0] for c in alphabet) - 1) < 1e-9
        _, state = prefixes.step(state, char)


def test_probabilities_are_sums_over_derivations_even_of_ambiguous_grammars():
    random = Random(2)
    for _ in range(60):
        small = small_grammar(random)
        written, prefixes = every_text(small), Prefixes(small)
        for _, text in written:
            state, before = prefixes.start, 1.0
            for at, char in enumerate(text, 1):
                p, state = prefixes.step(state, char)
                now = sum(q for q, other in written if other.startswith(text[:at]))
                assert abs(p - now / before) < 1e-12
                before = now
