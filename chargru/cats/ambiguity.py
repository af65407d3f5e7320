"""A proof that a grammar is unambiguous, or the symbol where it is not.

Two derivations of one text differ first at one symbol X, for which they take different alternatives; whatever they
write after X is the same stack of symbols. So all pairs of alternatives are followed in parallel, as two stacks that
must write the same characters, until they differ (no ambiguity there) or meet. Stacks are followed frame by frame: a
pair of heads (p, q) is one problem, solved once, whose ends (what is left of one side when the other is done) are
handed to every place that met that pair. A grammar without recursion has finitely many pairs, so that the search
decides.
"""

from collections import defaultdict
from collections.abc import Set
from itertools import permutations

from chargru.cats.derivation import Grammar, Symbols, is_symbol

Problem = tuple[str, str]  # two heads; (X, X): two derivations that differ first in X
Pair = tuple[Symbols, Symbols]  # what either side still has to write


def ambiguous_symbol(grammar: Grammar) -> str | None:
    """A symbol that can write some text, with what follows it, in two ways; None if every text has one derivation."""
    return _Search(grammar).run()


class _Search:
    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.callers: dict[Problem, set[tuple[Pair, Problem]]] = defaultdict(set)
        self.ends: dict[Problem, set[Pair]] = defaultdict(set)
        self.seen: set[tuple[Pair, Problem]] = set()
        self.waiting: list[tuple[Pair, Problem]] = []
        self.heights: dict[str, int] = {}

    def run(self) -> str | None:
        for symbol in self.grammar.reachable():
            productions = self.grammar.productions[symbol]
            for production in productions:
                for at, part in enumerate(production):
                    rest = production[at + 1 :]
                    self.call((part, part), (rest, rest), (symbol, symbol))
            for pair in permutations(productions, 2):
                self.push(pair, (symbol, symbol))
        while self.waiting:
            (left, right), problem = self.waiting.pop()
            if left == right and problem[0] == problem[1]:
                return problem[0]
            self.follow(left, right, problem)
        return None

    def push(self, pair: Pair, problem: Problem) -> None:
        if (pair, problem) not in self.seen:
            self.seen.add((pair, problem))
            self.waiting.append((pair, problem))

    def call(self, problem: Problem, rest: Pair, outer: Problem) -> None:
        """Solve a problem for the sake of `outer`, where `rest` follows it on either side."""
        p, q = problem
        if p != q and problem not in self.callers:
            if self.height(p) >= self.height(q):
                pairs: list[Pair] = [(production, (q,)) for production in self.grammar.productions[p]]
            else:
                pairs = [((p,), production) for production in self.grammar.productions[q]]
            for pair in pairs:
                self.push(pair, problem)
        if (rest, outer) not in self.callers[problem]:
            self.callers[problem].add((rest, outer))
            for left, right in self.ends[problem]:
                self.push((left + rest[0], right + rest[1]), outer)

    def follow(self, left: Symbols, right: Symbols, problem: Problem) -> None:
        """One step of a pair of stacks: end of the problem, literal against literal, or a problem of its own."""
        if not left or not right:
            self.end(left, right, problem)
            return
        p, q = left[0], right[0]
        if not is_symbol(p) and not is_symbol(q):
            common = min(len(p), len(q))
            if p[:common] == q[:common]:
                self.push((_rest(left, common), _rest(right, common)), problem)
        elif not self.first(p).isdisjoint(self.first(q)):
            self.call((p, q), (left[1:], right[1:]), problem)
            if p == q:  # or both write p in the same way
                self.push((left[1:], right[1:]), problem)

    def end(self, left: Symbols, right: Symbols, problem: Problem) -> None:
        if (left, right) not in self.ends[problem]:
            self.ends[problem].add((left, right))
            for rest, outer in tuple(self.callers[problem]):
                self.push((left + rest[0], right + rest[1]), outer)

    def first(self, part: str) -> Set[str]:
        return self.grammar.first(part).keys() if is_symbol(part) else {part[0]}

    def height(self, part: str) -> int:
        """Levels of rules below a part; of two heads the higher is expanded, so that they meet on a common one."""
        if not is_symbol(part):
            return 0
        if part not in self.heights:
            inner = (child for production in self.grammar.productions[part] for child in production)
            self.heights[part] = 1 + max(map(self.height, inner))
        return self.heights[part]


def _rest(parts: Symbols, written: int) -> Symbols:
    """A stack after the first characters of the literal on its top."""
    literal = parts[0][written:]
    return (literal, *parts[1:]) if literal else parts[1:]
