"""The sentences and paragraphs of the village corpus: every rule of its grammar (words and phrases: phrases.py).

A paragraph has 2 to 6 sentences, all in one tense. A sentence leaves a pronoun behind, and the next one may take it up:
"The kittens near the gate were full. They slept."
"""

from chargru.cats.village.phrases import (
    ACTIONS,
    CLASS_OF,
    CLASSES,
    KINDS,
    NUMBERS,
    TENSES,
    Alternative,
    Rules,
    acting,
    closed_phrases,
    finite,
    noun_phrases,
    predicates,
    verb_rules,
    word_rules,
)

LIVING = {kind: weight for kind, weight in KINDS.items() if kind != "thing"}
DEEPEST = 3  # relative clauses, one in the other
FEWEST, MOST = 2, 6  # sentences in a paragraph
# What a sentence can leave behind for a pronoun: number and kinds of its subject, and its class.
PRONOUNS = {
    "it": ("sg", CLASSES["animal"], "animal"),
    "she": ("sg", ("woman",), "person"),
    "he": ("sg", ("man",), "person"),
    "beasts": ("pl", CLASSES["animal"], "animal"),
    "people": ("pl", CLASSES["person"], "person"),
}
IS = {("past", "sg"): "was", ("past", "pl"): "were", ("now", "sg"): "is", ("now", "pl"): "are"}


def rules() -> Rules:
    """Every rule of the grammar: symbol, with its angle brackets, to alternatives."""
    parts = [word_rules(), noun_phrases(), verb_rules(), predicates(), _subjects(), _clauses(), _frames(), _story()]
    return {f"<{name}>": options for part in parts for name, options in part.items()}


def _each(kinds: dict[str, int], production: str, weight: int = 1) -> list[Alternative]:
    """An alternative for every number (#) and kind (@) of noun; % is the kind's class."""
    return [
        (
            weight * number_weight * kind_weight,
            production.replace("#", number).replace("@", kind).replace("%", CLASS_OF[kind]),
        )
        for number, number_weight in NUMBERS.items()
        for kind, kind_weight in kinds.items()
    ]


def _which(group: str, role: str) -> str:
    if group == "person":
        return "who" if role == "subject" else "whom"
    return "which"


def _subjects() -> Rules:
    """`rest`: what stands between a subject and its predicate, and the predicate."""
    made: Rules = {
        "beside": _each(LIVING, "<prep t> <np t # @>"),
        "apart": [(6, "<beside>"), (5, "<where>")],
        "like": _each(LIVING, "<common t # @>"),
    }
    for tense in TENSES:
        for number in NUMBERS:
            for kind in KINDS:
                made |= _rest(tense, number, kind)
            for actor, target in ACTIONS:
                made |= _gap_rests(tense, number, actor, target)
    return made


def _rest(tense: str, number: str, kind: str) -> Rules:
    case, group = f"{tense} {number} {kind}", CLASS_OF[kind]
    end = [(85, f"<predicate {case}>"), (8, f"<being {case}> and <doing {case}>")]
    if group == "person":
        end.append((9, f"{finite(tense, number, 'report')} that <clause told {tense}>"))
    gap = f"<clause gap {tense} {group} 1>"
    loose = [
        (50, f" <end {case}>"),
        (16, f", {_which(group, 'object')} {gap}, <end {case}>"),
        (6, f", {_which(group, 'subject')} <predicate {case}>, <end {case}>"),
        (2, f", <aside>, <end {case}>"),
        (3, f", like <like>, <end {case}>"),
    ]
    close = [
        (20, f" <apart> <end {case}>"),
        (6, f" that {gap} <predicate {case}>"),
        (5, f" that <doing {case}> <predicate {case}>"),
    ]
    return {f"end {case}": end, f"rest closed {case}": loose, f"rest common {case}": loose + close}


def _gap_rests(tense: str, number: str, actor: str, target: str) -> Rules:
    """The same in a clause whose object is the noun before it: `which the dogs [near the barn have chased]`."""
    case = f"{tense} {number} {actor} {target}"
    made: Rules = {f"gap verb {case}": acting(tense, number, f"vt {actor} {target}", "", 1)}
    for depth in range(1, DEEPEST + 1):
        rest = [(76, f" <gap verb {case}>"), (14, f" <apart> <gap verb {case}>")]
        if depth < DEEPEST:
            inner = f"{_which(actor, 'object')} <clause gap {tense} {actor} {depth + 1}>"
            rest.append((12, f", {inner}, <gap verb {case}>"))
        made[f"gap rest {case} {depth}"] = rest
    return made


def _clauses() -> Rules:
    """Symbols that start with `clause`: a subject and the verbs that agree with it."""
    made: Rules = {}
    for tense in TENSES:
        for case in "Tt":
            for number in NUMBERS:
                for kind in KINDS:
                    made[f"clause {case} {tense} {number} {kind}"] = _clause(case, tense, number, kind)
            made[f"clause {case} {tense} any"] = _each(KINDS, f"<clause {case} {tense} # @>")
            for pronoun, (number, kinds, _) in PRONOUNS.items():
                options = [(KINDS[kind], f"<clause {case} {tense} {number} {kind}>") for kind in kinds]
                made[f"topic {case} {tense} {pronoun}"] = options
            things = [(weight, f"<clause {case} {tense} {number} thing>") for number, weight in NUMBERS.items()]
            made[f"topic {case} {tense} none"] = things
        for target in ("animal", "person", "thing"):
            for depth in range(1, DEEPEST + 1):
                gap = f"<np t # @><gap rest {tense} # % {target} {depth}>"
                made[f"clause gap {tense} {target} {depth}"] = _each(LIVING, gap)
        made[f"clause told {tense}"] = [
            *_each(KINDS, f"<np t # @> <predicate {tense} # @>"),
            *_each(KINDS, f"<common t # @> <apart> <predicate {tense} # @>"),
        ]
        made |= _pronoun_clauses(tense)
    return made


def _clause(case: str, tense: str, number: str, kind: str) -> list[Alternative]:
    form = f"{tense} {number} {kind}"
    closed = [(weight, f"{phrase}<rest closed {form}>") for weight, phrase in closed_phrases(case, number, kind)]
    return [(100, f"<common {case} {number} {kind}><rest common {form}>"), *closed]


def _pronoun_clauses(tense: str) -> Rules:
    made: Rules = {}
    for pronoun, (number, _, group) in PRONOUNS.items():
        form = f"{tense} {number} {group}"
        made[f"noun {number} pronoun {pronoun}"] = [(1, pronoun.capitalize() if number == "sg" else "They")]
        made[f"clause follow {tense} {pronoun}"] = [
            (8, f"<noun {number} pronoun {pronoun}> <predicate {form}>"),
            (2, f"<noun {number} pronoun {pronoun}> <being {form}> and <doing {form}>"),
        ]
    return made


def _frames() -> Rules:
    """`sentence TENSE PRONOUN`: a sentence that leaves that pronoun behind."""
    made: Rules = {"fronted": [(5, "<opening>"), (4, "<prep T> <np t sg place>"), (1, "<prep T> <np t pl place>")]}
    for tense in TENSES:
        for left in [*PRONOUNS, "none"]:
            made[f"sentence {tense} {left}"] = [
                (64, f"<topic T {tense} {left}>."),
                (14, f"<fronted>, <topic t {tense} {left}>."),
                (6, f"<when> <clause t {tense} any>, <topic t {tense} {left}>."),
            ]
        made[f"sentence {tense} none"] += [
            (56, f"<clause T {tense} any><join> <clause t {tense} any>."),
            (40, f'"<clause T now any>," <clause speaker {tense} say>.'),
            (16, f'"<question now>" <clause speaker {tense} ask>.'),
            (10, f"<question {tense}>"),
            (10, f"<clause how {tense}>!"),
            *((weight * 30 // 100, f"<clause there {tense} {number}>.") for number, weight in NUMBERS.items()),
        ]
        made |= _questions(tense) | _speakers(tense) | _exclamations(tense) | _existence(tense)
    return made


def _questions(tense: str) -> Rules:
    """Questions; after `why` and `where` the verb stands before its subject, and is no agreeing verb."""
    made: Rules = {f"inverted {tense} {number}": [(1, IS[tense, number])] for number in NUMBERS}
    made[f"clause which {tense}"] = _each(KINDS, f"Which <noun # @> <predicate {tense} # @>?")
    made[f"why {tense}"] = _each(KINDS, f"Why <inverted {tense} #> <np t # @> so <state %>?")
    made[f"where {tense}"] = _each(KINDS, f"Where <inverted {tense} #> <np t # @>?")
    made[f"question {tense}"] = [(4, f"<clause which {tense}>"), (5, f"<why {tense}>"), (3, f"<where {tense}>")]
    return made


def _speakers(tense: str) -> Rules:
    """Who says it. `said Anna` has its verb first; the others agree."""
    made: Rules = {}
    for verb in ("say", "ask"):
        made[f"clause speaker {tense} {verb}"] = options = []
        for number in NUMBERS:
            says = finite(tense, number, verb)
            for kind in CLASSES["person"]:
                options += [(4, f"<np t {number} {kind}> {says}"), (1, f"<common t {number} {kind}> <apart> {says}")]
                if tense == "past":
                    options.append((5, f"{says} <np t {number} {kind}>"))
    return made


def _exclamations(tense: str) -> Rules:
    """Sentences like "How hungry the cat near the dogs was!"."""
    plain = _each(KINDS, f"How <state %> <np t # @> <verb # be {tense}>", 2)
    far = _each(KINDS, f"How <state %> <common t # @> <apart> <verb # be {tense}>", 1)
    return {f"clause how {tense}": plain + far}


def _existence(tense: str) -> Rules:
    """Sentences like "There was a cat near the gate." and "Behind the mill were two dogs.", verb first."""
    counted = [(5, "two"), (5, "some"), (3, "three"), (2, "many"), (1, "a few")]
    made: Rules = {"count": counted}
    for number in NUMBERS:
        be, options = IS[tense, number], []
        for kind, weight in KINDS.items():
            phrase = f"a<indefinite {kind}>" if number == "sg" else f"<count> <nominal pl {kind}>"
            options += [
                (5 * weight, f"There {be} {phrase} <where>"),
                (3 * weight, f"There {be} {phrase} that <doing {tense} {number} {kind}>"),
                (3 * weight, f"<prep T> <np t sg place> {be} {phrase}"),
            ]
        made[f"clause there {tense} {number}"] = options
    return made


def _story() -> Rules:
    """`paragraph`, and `story TENSE I PRONOUN`: the rest of one after I sentences that left the pronoun."""
    made: Rules = {"paragraph": [(weight, f"<story {tense} 0 none>") for tense, weight in TENSES.items()]}
    for tense in TENSES:
        for index in range(MOST):
            for left in [*PRONOUNS, "none"]:
                made[f"story {tense} {index} {left}"] = _sentences(tense, index, left)
                made[f"next {tense} {index + 1} {left}"] = _more(tense, index + 1, left)
    return made


def _sentences(tense: str, index: int, left: str) -> list[Alternative]:
    options = [
        (_share(new), f"<sentence {tense} {new}><next {tense} {index + 1} {new}>") for new in [*PRONOUNS, "none"]
    ]
    if left != "none":
        options.append((2200, f"<clause follow {tense} {left}>.<next {tense} {index + 1} {left}>"))
    return options


def _more(tense: str, index: int, left: str) -> list[Alternative]:
    going_on = (3, f" <story {tense} {index} {left}>")
    if index == MOST:
        return [(1, "\n")]
    return [going_on] if index < FEWEST else [(1, "\n"), going_on]


def _share(left: str) -> int:
    """How often a sentence leaves this pronoun: as often as its subject is of that number and those kinds."""
    if left == "none":
        return 2500
    number, kinds, _ = PRONOUNS[left]
    return NUMBERS[number] * sum(KINDS[kind] for kind in kinds)
