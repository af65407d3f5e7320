"""Corpora of English that a seeded grammar writes, and what is known of them exactly.

`cats` is the bundled text, cats.txt: few words, so that a small network can learn it whole (its rules: sentences.py).
`village` is a larger one (village/). Each grammar is unambiguous: a text has one derivation, so its probability is the
product over the choices made. That gives the entropy rate; -log2 p of each character after all before it, the floor of
every model's expected score; and at each verb that agrees in number its subject and the form that would be wrong.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from chargru.cats import sentences
from chargru.cats.derivation import Grammar, Node, Written
from chargru.cats.prefix import Prefixes, State
from chargru.cats.village import sentences as village
from chargru.errors import SettingError, TextError

LARGEST = 1_000_000_000  # characters
CATS = "cats"
CORPORA = {CATS: sentences.rules, "village": village.rules}
START = "<paragraph>"


@dataclass(frozen=True)
class Agreement:
    """A verb that agrees in number with a subject before it. Positions are characters of the text, counted from 0.

    `number` is "sg" or "pl", `wrong` the verb's form for the other number, and `attractors` how many of the nouns
    between the subject's noun and the verb are of the other number.
    """

    start: int
    verb: str
    wrong: str
    number: str
    subject: str
    subject_start: int
    subject_end: int
    attractors: int

    @property
    def end(self) -> int:
        """The position after the verb."""
        return self.start + len(self.verb)

    @property
    def distance(self) -> int:
        """Characters between the subject's noun and the verb."""
        return self.start - self.subject_end


def grammar(corpus: str = CATS) -> Grammar:
    """The grammar of a corpus; its start symbol writes a paragraph. Raises TextError if there is no such corpus."""
    if corpus not in CORPORA:
        raise TextError(f"there is no corpus {corpus!r}", f"there are: {', '.join(CORPORA)}")
    return _grammar(corpus)


@cache
def _grammar(corpus: str) -> Grammar:
    return Grammar(CORPORA[corpus](), START)


@cache
def _prefixes(corpus: str) -> Prefixes:
    return Prefixes(grammar(corpus))


def write(size: int, seed: int, corpus: str = CATS) -> str:
    """Whole paragraphs, each ended by a newline, up to the first end at or after `size` characters.

    The same (size, seed) gives the same text everywhere: the draws are Python's `random.Random(seed).random()` and the
    weights integers. A larger size only adds paragraphs. Raises SettingError for a size outside 1 ... 10^9 or a
    negative seed.
    """
    return "".join(paragraph.text for paragraph in paragraphs(size, seed, corpus))


def paragraphs(size: int, seed: int, corpus: str = CATS) -> Iterator[Written]:
    """The paragraphs of `write`, one at a time, each with -log2 of its probability. Raises what `write` does."""
    if not 1 <= size <= LARGEST:
        raise SettingError(f"the size must be 1 to {LARGEST} characters, not {size}", "give it another size")
    if seed < 0:
        raise SettingError(f"the seed must be 0 or more, not {seed}", "give it another seed")
    random, length, written = Random(seed), 0, grammar(corpus)
    while length < size:
        paragraph = written.paragraph(random)
        length += len(paragraph.text)
        yield paragraph


def entropy_rate(corpus: str = CATS) -> float:
    """Bits per character of the grammar's endless text: bits expected of a paragraph over its expected characters."""
    bits, characters = grammar(corpus).expected(START)
    return bits / characters


def surprisal(text: str, start: int = 0, end: int | None = None, corpus: str = CATS) -> NDArray[np.float64]:
    """-log2 P(character | all before it), in bits, of each character of text[start:end]; shape (end - start,).

    The text must start with a paragraph, and may be cut off anywhere. Only the paragraphs that the stretch touches
    are read, as no other bears on it. Raises SettingError for a stretch that is not within the text, TextError at
    a character that the grammar cannot have written there.
    """
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise SettingError(
            f"the stretch {start} to {end} is not within the text", f"give positions from 0 to {len(text)}"
        )
    first = text.rfind("\n", 0, start) + 1
    bits = [-math.log2(p) for p, _ in _walk(text, first, end, corpus)]
    return np.array(bits[start - first :], dtype=np.float64)


def agreements(text: str, corpus: str = CATS) -> list[Agreement]:
    """Every agreeing verb of a text that the grammar wrote, in order.

    Of a text that is cut off, the verbs with at least one character after them are given (before that, a verb is not
    certain: "chase" may go on as "chased"). Raises TextError as `surprisal` does.
    """
    found: list[Agreement] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        derivations = grammar(corpus).derivations(text[start:end])
        if not derivations:  # a paragraph that is cut off
            *_, (_, state) = _walk(text, start, end, corpus)
            derivations = grammar(corpus).derivations(text[start:end] + _prefixes(corpus).completion(state))
        found += (verb for verb in _Agreements(start, grammar(corpus)).of(derivations[0], text) if verb.end < len(text))
        start = end
    return found


def _walk(text: str, start: int, end: int, corpus: str) -> Iterator[tuple[float, State]]:
    """P(character | all before it) and the state after it, for text[start:end]; a paragraph begins at `start`."""
    prefixes = _prefixes(corpus)
    state = prefixes.start
    for at in range(start, end):
        p, state = prefixes.step(state, text[at])
        if not state:
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            raise TextError(
                f"the grammar of {corpus} cannot write {text[at]!r} at line {line}, column {column}",
                "give a text that the grammar wrote, from the start of a paragraph on",
            )
        yield p, state


class _Agreements:
    """Reads the agreeing verbs off the derivation of the paragraph at `offset`; nouns are noted as they come."""

    def __init__(self, offset: int, grammar: Grammar) -> None:
        self.offset, self.productions = offset, grammar.productions
        self.nouns: list[tuple[str, Node]] = []

    def of(self, node: Node, text: str, first: int = 0) -> Iterator[Agreement]:
        """The verbs below a node; the subject is noun number `first`, the first of the clause the node is in."""
        role, _, rest = node.symbol[1:-1].partition(" ")
        number, _, name = rest.partition(" ")
        if role == "noun":
            self.nouns.append((number, node))
        elif role == "verb":
            yield self._agreement(node, text, number, name, first)
        else:
            first = len(self.nouns) if role == "clause" else first
            for child in node.children:
                yield from self.of(child, text, first)

    def _agreement(self, node: Node, text: str, number: str, name: str, first: int) -> Agreement:
        other = "pl" if number == "sg" else "sg"
        _, subject = self.nouns[first]
        start, end = subject.start + self.offset, subject.end + self.offset
        return Agreement(
            start=node.start + self.offset,
            verb=self.productions[node.symbol][node.choice][0],
            wrong=self.productions[f"<verb {other} {name}>"][node.choice][0],
            number=number,
            subject=text[start:end],
            subject_start=start,
            subject_end=end,
            attractors=sum(between == other for between, _ in self.nouns[first + 1 :]),
        )
