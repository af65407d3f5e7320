"""Small random grammars, and every text of one written out; no code of the parser, the search or the prefixes."""

from random import Random

from chargru.cats.derivation import Grammar, is_symbol


def small_grammar(random: Random) -> Grammar:
    """Three levels of one to three alternatives over the letters a and b, and a full stop."""
    rules, symbols = {"<start>": [(1, "<s>.")]}, ["<s>", "<t>", "<u>"]
    for level, symbol in enumerate(symbols):
        parts = ["a", "b", "ab", *symbols[level + 1 :]]
        made = {"".join(random.choices(parts, k=random.randint(1, 3))) for _ in range(random.randint(1, 3))}
        rules[symbol] = [(random.randint(1, 5), text) for text in sorted(made)]
    return Grammar(rules, "<start>")


def every_text(grammar: Grammar, parts: tuple[str, ...] = ("<start>",)) -> list[tuple[float, str]]:
    """(probability, text) of every derivation of the parts."""
    if not parts:
        return [(1.0, "")]
    heads = [(1.0, parts[0])]
    if is_symbol(parts[0]):
        options = zip(grammar.probabilities(parts[0]), grammar.productions[parts[0]], strict=True)
        heads = [(p * q, text) for p, option in options for q, text in every_text(grammar, option)]
    return [(p * q, head + tail) for q, tail in every_text(grammar, parts[1:]) for p, head in heads]
