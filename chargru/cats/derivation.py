"""A probabilistic grammar: writing with it, its entropy, and the derivations of a given text.

A derivation is the tree of the choices made. The probability of an alternative is its weight over the sum of the
weights of its symbol; that of a derivation is the product over its choices. The grammar has no symbol that writes
nothing and none that contains itself, so that every derivation is finite and every sum below is a finite one.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

Rules = Mapping[str, Sequence[tuple[int, str]]]
Symbols = tuple[str, ...]  # `<name>` is a symbol with rules, anything else is literal text


class Node(NamedTuple):
    """One symbol of a derivation: it chose alternative `choice` and wrote text[start:end]."""

    symbol: str
    choice: int
    start: int
    end: int
    children: tuple["Node", ...]


class Written(NamedTuple):
    """A text and the bits of the choices that wrote it."""

    text: str
    bits: float


def is_symbol(part: str) -> bool:
    """Whether a part of a production has rules of its own, rather than being literal text."""
    return part[0] == "<"


class Grammar:
    """Rules in a form to write and to parse with. `start` writes one paragraph."""

    def __init__(self, rules: Rules, start: str) -> None:
        self.start = start
        self.productions: dict[str, list[Symbols]] = {
            symbol: [tuple(re.findall(r"<[^<>]+>|[^<>]+", text)) for _, text in options]
            for symbol, options in rules.items()
        }
        self.weights = {symbol: [weight for weight, _ in options] for symbol, options in rules.items()}
        self._cumulative = {symbol: list(accumulate(weights)) for symbol, weights in self.weights.items()}
        self._first: dict[str, dict[str, list[int]]] = {}
        self._totals: dict[str, tuple[float, float]] = {}

    def probabilities(self, symbol: str) -> list[float]:
        """The probability of each alternative of a symbol."""
        total = self._cumulative[symbol][-1]
        return [weight / total for weight in self.weights[symbol]]

    def choose(self, symbol: str, random: Random) -> int:
        """An alternative of the symbol, drawn by its weight; one call of `random.random()`."""
        cumulative = self._cumulative[symbol]
        return bisect_right(cumulative, int(random.random() * cumulative[-1]))

    def paragraph(self, random: Random) -> Written:
        """One paragraph and -log2 of the probability of its derivation."""
        written, bits, stack = [], 0.0, [self.start]
        while stack:
            part = stack.pop()
            if not is_symbol(part):
                written.append(part)
                continue
            choice = self.choose(part, random)
            bits -= math.log2(self.weights[part][choice] / self._cumulative[part][-1])
            stack.extend(reversed(self.productions[part][choice]))
        return Written("".join(written), bits)

    def expected(self, part: str) -> tuple[float, float]:
        """(bits of choice, characters) that a part writes, expected over its derivations.

        H(X) = sum_i p_i (-log2 p_i + sum of H over the parts of alternative i): the entropy of the derivations, and of
        the strings too where each string has one derivation.
        """
        if not is_symbol(part):
            return 0.0, float(len(part))
        if part not in self._totals:
            bits = length = 0.0
            for p, production in zip(self.probabilities(part), self.productions[part], strict=True):
                inner = [self.expected(child) for child in production]
                bits += p * (-math.log2(p) + sum(child[0] for child in inner))
                length += p * sum(child[1] for child in inner)
            self._totals[part] = bits, length
        return self._totals[part]

    def first(self, symbol: str) -> dict[str, list[int]]:
        """The alternatives of a symbol by the character that they can start with."""
        if symbol not in self._first:
            table: dict[str, list[int]] = {}
            for choice, production in enumerate(self.productions[symbol]):
                head = production[0]
                for char in self.first(head) if is_symbol(head) else head[0]:
                    table.setdefault(char, []).append(choice)
            self._first[symbol] = table
        return self._first[symbol]

    def derivations(self, text: str) -> list[Node]:
        """Every derivation of a whole paragraph; exactly one where the grammar is unambiguous, none for other text."""
        return [node for node in _Parser(self, text).nodes(self.start, 0) if node.end == len(text)]

    def reachable(self) -> set[str]:
        """The symbols that a text can need; the rules may define more."""
        seen: set[str] = set()
        stack = [self.start]
        while stack:
            symbol = stack.pop()
            if symbol not in seen:
                seen.add(symbol)
                stack += [part for production in self.productions[symbol] for part in production if is_symbol(part)]
        return seen


class _Parser:
    """All derivations of all symbols at all positions of a text, top down, each found once."""

    def __init__(self, grammar: Grammar, text: str) -> None:
        self.grammar, self.text = grammar, text
        self.found: dict[tuple[str, int], list[Node]] = {}

    def nodes(self, symbol: str, start: int) -> list[Node]:
        """Every way in which the symbol can write a stretch of the text that begins at `start`."""
        key = symbol, start
        if key not in self.found:
            choices = self.grammar.first(symbol).get(self.text[start : start + 1], ())
            productions = self.grammar.productions[symbol]
            self.found[key] = [
                Node(symbol, choice, start, end, children)
                for choice in choices
                for end, children in self._match(productions[choice], start)
            ]
        return self.found[key]

    def _match(self, production: Symbols, start: int) -> list[tuple[int, tuple[Node, ...]]]:
        partial: list[tuple[int, tuple[Node, ...]]] = [(start, ())]
        for part in production:
            if is_symbol(part):
                partial = [(n.end, (*nodes, n)) for at, nodes in partial for n in self.nodes(part, at)]
            else:
                partial = [(at + len(part), nodes) for at, nodes in partial if self.text.startswith(part, at)]
            if not partial:
                break
        return partial
