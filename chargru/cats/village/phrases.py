"""The phrases of the village corpus: words, noun phrases, verbs and predicates (sentences are in sentences.py).

A rule is a symbol and its alternatives, each an integer weight and a production: literal text in which `<...>` is
another symbol. Spaces and full stops are literal: nothing is put between two symbols.

    features in a symbol's name
    T or t        a capital or a small first letter
    sg, pl        number
    past, now     tense, the same through a paragraph
    cat ... thing kind of noun; animal, person and thing are the classes of verbs and adjectives

Three names mean something to the reader of derivations (`grammar.agreements`): `noun sg ...` and `noun pl ...` are
nouns, `verb sg ...` and `verb pl ...` are forms that agree, alternative by alternative, and in a symbol that starts
with `clause` the first noun is the subject of every verb that is in it but in no inner clause.
"""

from collections.abc import Iterable

from chargru.cats.village import lexicon
from chargru.cats.village.lexicon import words

Alternative = tuple[int, str]
Rules = dict[str, list[Alternative]]

NUMBERS = {"sg": 55, "pl": 45}
KINDS = {"cat": 28, "dog": 18, "woman": 15, "man": 14, "bird": 12, "beast": 12, "thing": 9}
CLASSES = {
    "animal": ("cat", "dog", "bird", "beast"),
    "person": ("woman", "man"),
    "thing": ("thing",),
    "place": ("place",),
}
CLASS_OF = {kind: group for group, kinds in CLASSES.items() for kind in kinds} | {g: g for g in CLASSES}
TENSES = {"past": 65, "now": 35}


def _ranked(entries: Iterable[str]) -> list[Alternative]:
    """Entries in order of frequency, weighted in proportion to 1/(rank + 4)."""
    return [(round(5040 / (rank + 4)), entry) for rank, entry in enumerate(entries)]


def word_rules() -> Rules:
    """Every list of words but the verbs."""
    lists = {
        "size": lexicon.SIZES, "prep t": lexicon.PREPOSITIONS, "time": lexicon.TIMES, "opening": lexicon.OPENINGS,
        "manner": lexicon.MANNERS, "degree": lexicon.DEGREES, "aside": lexicon.ASIDES, "join": lexicon.JOINS,
        "when": lexicon.WHENS,
    }  # fmt: skip
    lists |= {f"noun sg name {kind}": text for kind, text in lexicon.NAMES.items()}
    lists |= {f"name {kind}": text for kind, text in lexicon.NAMES.items()}
    lists |= {f"adj {group}": text for group, text in lexicon.ADJECTIVES.items()}
    lists |= {f"state {group}": text for group, text in lexicon.STATES.items()}
    lists |= {f"settled {group}": text for group, text in lexicon.SETTLED.items()}
    made = {name: _ranked(words(text)) for name, text in lists.items()}
    made["prep T"] = [(weight, word.capitalize()) for weight, word in made["prep t"]]
    for kind in lexicon.NOUNS:
        singulars, plurals = zip(*lexicon.nouns(kind), strict=True)
        made |= {f"noun sg {kind}": _ranked(singulars), f"noun pl {kind}": _ranked(plurals)}
    return made


def noun_phrases() -> Rules:
    """`np`, a noun phrase of a case, number and kind; `common`, one without a name; and their parts."""
    lexical = word_rules()
    made: Rules = {}
    for group in CLASSES:
        made |= _split_by_article(f"adj {group}", lexical[f"adj {group}"])
        made[f"modifier {group}"] = [(70, f"<adj {group}>"), (20, "<size>"), (10, f"<size> <adj {group}>")]
    for kind in lexicon.NOUNS:
        made |= _split_by_article(f"noun sg {kind}", lexical[f"noun sg {kind}"])
        made[f"indefinite {kind}"] = _indefinite(made, kind)
        for number in NUMBERS:
            described = f"<modifier {CLASS_OF[kind]}> <noun {number} {kind}>"
            made[f"nominal {number} {kind}"] = [(52, f"<noun {number} {kind}>"), (48, described)]
            for case in "Tt":
                made[f"common {case} {number} {kind}"] = _common(case, number, kind)
                made[f"np {case} {number} {kind}"] = [
                    (100, f"<common {case} {number} {kind}>"),
                    *closed_phrases(case, number, kind),
                ]
    made["noun pl couple"] = [(30, "<name woman> and <name man>"), (20, "<name man> and <name woman>")]
    made["owner"] = [(1, "<name woman>"), (1, "<name man>")]
    return made | {"noun sg one T": [(3, "One"), (1, "Each")], "noun sg one t": [(3, "one"), (1, "each")]}


def _split_by_article(name: str, options: list[Alternative]) -> Rules:
    """A word list cut in two: the words that follow `a`, and those that follow `an`."""
    after_an = [option for option in options if lexicon.takes_an(option[1])]
    after_a = [option for option in options if option not in after_an]
    return {f"{name} {article}": part for article, part in (("a", after_a), ("an", after_an)) if part}


def _indefinite(made: Rules, kind: str) -> list[Alternative]:
    """What follows the letter a: ` cat`, `n old cat`; each word list has its share of the weight."""
    options = []
    for name, rest in ((f"noun sg {kind}", ""), (f"adj {CLASS_OF[kind]}", f" <noun sg {kind}>")):
        for article, gap in (("a", " "), ("an", "n ")):
            share = sum(weight for weight, _ in made.get(f"{name} {article}", []))
            if share:
                options.append((share, f"{gap}<{name} {article}>{rest}"))
    return options


def _cased(case: str, text: str) -> str:
    return text[0].upper() + text[1:] if case == "T" else text


SHARED_DETERMINERS = [(40, "the"), (6, "my"), (5, "our"), (4, "their"), (12, "<owner>'s")]
DETERMINERS = {
    "sg": [*SHARED_DETERMINERS, (5, "this"), (4, "another"), (3, "her"), (3, "his")],
    "pl": [
        *SHARED_DETERMINERS, (7, "two"), (6, "some"), (5, "these"), (4, "many"), (4, "three"), (3, "all the"),
        (3, "four"), (2, "both"), (2, "five"), (2, "six"), (1, "ten"),
    ],
}  # fmt: skip


def _common(case: str, number: str, kind: str) -> list[Alternative]:
    """Noun phrases around a common noun of one kind and number; `case` is the first letter's."""
    nominal = f"<nominal {number} {kind}>"
    options = [(weight, f"{_cased(case, word)} {nominal}") for weight, word in DETERMINERS[number]]
    if number == "sg":
        options.append((14, f"{_cased(case, 'a')}<indefinite {kind}>"))
    return options


def closed_phrases(case: str, number: str, kind: str) -> list[Alternative]:
    """Noun phrases that nothing may follow without a comma: names, `Anna and Tom`, `one of the cats`."""
    if number == "pl":
        return [(10, "<noun pl couple>")] if kind == "woman" else []
    options = [(7, f"<noun sg one {case}> of the <nominal pl {kind}>")]
    if kind in lexicon.NAMES:
        options.append((30 if kind in CLASSES["person"] else 7, f"<noun sg name {kind}>"))
    return options


def _forms(name: str, text: str) -> Rules:
    """Every form of a list of verbs; `verb sg` and `verb pl` stand in the same order."""
    verbs = lexicon.verbs(text)
    made = {f"{form} {name}": _ranked(getattr(v, form) for v in verbs) for form in ("base", "past", "participle")}
    made[f"ing {name}"] = _ranked(verb.ing for verb in verbs if verb.base not in words(lexicon.STATIVE))
    made[f"verb sg {name}"] = _ranked(verb.singular for verb in verbs)
    made[f"verb pl {name}"] = _ranked(verb.base for verb in verbs)
    return made


_AUXILIARIES = {"be past": ("was", "were"), "be now": ("is", "are"), "have": ("has", "have"), "do": ("does", "do")}


def verb_rules() -> Rules:
    """Every verb in every form."""
    made = _forms("say", "say/said/said") | _forms("ask", "ask") | _forms("report", lexicon.REPORT)
    for kind, group in CLASS_OF.items():
        own = lexicon.INTRANSITIVE.get(kind, "") if kind != group else ""
        shared = lexicon.INTRANSITIVE.get(group, "")
        if own or shared:
            made |= _forms(f"vi {kind}", f"{own} {shared}")
    for (actor, target), text in lexicon.TRANSITIVE.items():
        made |= _forms(f"vt {actor} {target}", text)
    for name, (singular, plural) in _AUXILIARIES.items():
        made |= {f"verb sg {name}": [(1, singular)], f"verb pl {name}": [(1, plural)]}
    return made


def finite(tense: str, number: str, verb: str) -> str:
    """The symbol of a verb's finite form, which agrees in the present only."""
    return f"<past {verb}>" if tense == "past" else f"<verb {number} {verb}>"


def predicates() -> Rules:
    """`being`, `doing` and `predicate` of every tense, number and kind, and their parts."""
    places = [(70, "<prep t> <np t sg place>"), (20, "<prep t> <np t pl place>")]
    made: Rules = {"spot": places, "where": [(88, "<spot>"), (12, "<spot> <spot>")]}
    for group in CLASSES:
        quality = [(65, f"<state {group}>"), (30, f"<degree> <state {group}>"), (12, f"<settled {group}>")]
        made[f"quality {group}"] = quality
        made[f"not {group}"] = [(3, f"<state {group}>"), (1, f"very <state {group}>")]
        made[f"object {group}"] = [
            (number_weight * KINDS.get(kind, 1), f"<np t {number} {kind}>")
            for number, number_weight in NUMBERS.items()
            for kind in CLASSES[group]
        ]
    for tense in TENSES:
        for number in NUMBERS:
            for kind in dict.fromkeys([*KINDS, *CLASSES]):
                made |= _predicate(tense, number, kind)
    return made


def _predicate(tense: str, number: str, kind: str) -> Rules:
    case, group = f"{tense} {number} {kind}", CLASS_OF[kind]
    be = f"<verb {number} be {tense}>"
    being = [(9, f"{be} <quality {group}>"), (1, f"{be} not <not {group}>")]
    predicate = [
        (34, f"<being {case}>"), (7, f"<being {case}> <time>"), (8, f"<being {case}> <where>"),
        (30, f"<doing {case}>"), (9, f"<doing {case}> <time>"), (9, f"<doing {case}> <where>"),
    ]  # fmt: skip
    if group != "thing":
        predicate.append((9, f"<doing {case}> <manner>"))
    doing = acting(tense, number, f"vi {kind}", "", 30) + _acted_on(be, group)
    for (actor, target), weight in ACTIONS.items():
        if actor == group:
            doing += acting(tense, number, f"vt {actor} {target}", f" <object {target}>", weight)
    return {f"being {case}": being, f"predicate {case}": predicate, f"doing {case}": doing}


# How often an actor of one class acts on one of another.
ACTIONS = {
    ("animal", "animal"): 16, ("animal", "person"): 6, ("animal", "thing"): 6,
    ("person", "animal"): 14, ("person", "person"): 6, ("person", "thing"): 10,
}  # fmt: skip


def acting(tense: str, number: str, verb: str, rest: str, weight: int) -> list[Alternative]:
    """A verb of action in its four constructions, each followed by `rest`."""
    have, do = ("had", "did") if tense == "past" else (f"<verb {number} have>", f"<verb {number} do>")
    return [
        (6 * weight, f"{finite(tense, number, verb)}{rest}"),
        (5 * weight, f"<verb {number} be {tense}> <ing {verb}>{rest}"),
        (3 * weight, f"{have} <participle {verb}>{rest}"),
        (1 * weight, f"{do} not <base {verb}>{rest}"),
    ]


def _acted_on(be: str, group: str) -> list[Alternative]:
    """The passive, with the one who acts or without."""
    by = [
        (3 * weight, f"{be} <participle vt {actor} {group}> by <object {actor}>")
        for (actor, target), weight in ACTIONS.items()
        if target == group
    ]
    return [*by, (30, f"{be} <participle vt person {group}>")] if by else []
