"""P(next character | all before it) under a grammar, exactly.

What can follow a prefix is a weighted set of stacks of symbols still to be written, one for each derivation that the
prefix leaves open; P(c | prefix) is the share of the weight that can go on with c. What a symbol can write after c is
its derivative (Brzozowski 1964, with weights). Alternatives whose derivatives differ only in the first part, such as
the words of a list, go on as one new symbol; that keeps the set small, and the few hundred new symbols are shared.
"""

from chargru.cats.derivation import Grammar, Symbols, is_symbol

# A stack of symbols still to be written, top first, as nested pairs that end in None.
Stack = tuple[str, "Stack | None"]
State = tuple[tuple[float, Stack], ...]
# What a symbol can go on as, after a character: probabilities and the symbols left of it.
Branches = tuple[tuple[float, Symbols], ...]


class Prefixes:
    """Walks over texts, one character at a time. The tables fill with what is met, some 50,000 entries at most."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.first: Stack = (grammar.start, None)  # a paragraph; another one when it is written
        self.start: State = ((1.0, self.first),)
        self._options: dict[str, Branches] = {}
        self._after: dict[tuple[str, str], Branches] = {}
        self._merged: dict[Branches, str] = {}
        self._shortest: dict[str, str] = {}

    def after(self, part: str, char: str) -> Branches:
        """What a symbol or a literal can go on as after a character; the probabilities sum to that of the character."""
        branches = self._after.get((part, char))
        if branches is None:
            branches = self._after[part, char] = self._derivative(part, char)
        return branches

    def _derivative(self, part: str, char: str) -> Branches:
        if not is_symbol(part):
            return ((1.0, (part[1:],) if len(part) > 1 else ()),) if part[0] == char else ()
        found = [
            (p * q, left + production[1:])
            for p, production in self.options(part)
            for q, left in self.after(production[0], char)
        ]
        return self._merge(found) if len(found) > 1 else tuple(found)

    def options(self, symbol: str) -> Branches:
        """The alternatives of a symbol, one of the grammar or one made by a derivative."""
        if symbol not in self._options:
            pairs = zip(self.grammar.probabilities(symbol), self.grammar.productions[symbol], strict=True)
            self._options[symbol] = tuple(pairs)
        return self._options[symbol]

    def _merge(self, branches: list[tuple[float, Symbols]]) -> Branches:
        """The same branches with those that differ only in their first part as one, under a new symbol."""
        groups: dict[Symbols, list[tuple[float, str]]] = {}
        merged = []
        for p, left in branches:
            if left:
                groups.setdefault(left[1:], []).append((p, left[0]))
            else:
                merged.append((p, left))
        for rest, heads in groups.items():
            total = sum(p for p, _ in heads)
            head = heads[0][1] if len(heads) == 1 else self._symbol(tuple((p / total, (head,)) for p, head in heads))
            merged.append((total, (head, *rest)))
        return tuple(merged)

    def _symbol(self, options: Branches) -> str:
        name = self._merged.setdefault(options, f"<#{len(self._merged)}>")
        self._options[name] = options
        return name

    def step(self, state: State, char: str) -> tuple[float, State]:
        """P(char | state) and the state after it; 0 and an empty state where it cannot follow."""
        after: list[tuple[float, Stack | None]] = []
        for weight, (top, below) in state:
            for p, left in self.after(top, char):
                stack: Stack | None = below
                for part in reversed(left):
                    stack = (part, stack)
                after.append((weight * p, stack))
        total = sum(weight for weight, _ in after)
        return total, tuple((weight / total, stack or self.first) for weight, stack in after)

    def completion(self, state: State) -> str:
        """A short text that ends the paragraph from here."""
        stack: Stack | None = max(state, key=lambda option: option[0])[1]
        parts = []
        while stack is not None:
            parts.append(self._short(stack[0]))
            stack = stack[1]
        return "".join(parts)

    def _short(self, part: str) -> str:
        if not is_symbol(part):
            return part
        if part not in self._shortest:
            written = ("".join(map(self._short, production)) for _, production in self.options(part))
            self._shortest[part] = min(written, key=len)
        return self._shortest[part]
