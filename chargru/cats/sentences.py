"""The grammar of cats.txt: 16 animals, and verbs that agree with a subject at all distances up to 100 characters.

A paragraph is one line: a sentence about an animal or several, and at times a second one that takes it up as It or
They. What stands between the subject and its verb grows by small steps from nothing to a hundred characters, so that
a network that has learned a short gap finds the next one a little longer (docs/experiments.md).

A rule is a symbol and its alternatives, each an integer weight and a production: literal text in which `<...>` is
another symbol. Three names mean something to the reader of derivations (`grammar.agreements`): `noun sg` and `noun pl`
are nouns, `verb sg ...` and `verb pl ...` are forms that agree, and in a symbol that starts with `clause` the first
noun is the subject of every verb that is in it but in no inner clause.
"""

from collections.abc import Iterable

Rules = dict[str, list[tuple[int, str]]]

NOUNS = (
    "cat dog bird horse cow duck goose/geese fox/foxes mouse/mice goat hen pig lamb rabbit wolf/wolves puppy/puppies"
)
OFTEN = {"cat": 4, "cats": 4, "dog": 3, "dogs": 3, "full": 3}
"""Words drawn more often than the others of their list."""
WORDS = {
    "adjective": "old young small grey quiet hungry",
    "building": "barn house gate garden mill tree well bridge",
    "kind of building": "old red dark empty",
    "near": "near behind beside by with",
    "saw": "saw heard found chased liked helped met",
    "seen": "chased seen followed heard found loved watched helped",
    "slept": "slept ran waited listened rested drank",
    "state": "full tired happy asleep cold alone hungry quiet",
    "time": "all_day again at_night in_the_rain",
    "aside": "too now today again of_course as_ever at_last I_think in_the_end",
}
BE = {"sg": "was", "pl": "were"}
PRONOUN = {"sg": "It", "pl": "They"}


def rules() -> Rules:
    """Every rule of the grammar: symbol, with its angle brackets, to alternatives."""
    made = {name: _words(words.split()) for name, words in WORDS.items()}
    made |= _nouns() | _places() | _relative()
    for number in BE:
        made |= _sentence(number)
    made["paragraph"] = [(1, "<clause sg>\n"), (1, "<clause pl>\n")]
    return {f"<{name}>": options for name, options in made.items()}


def _words(words: Iterable[str]) -> list[tuple[int, str]]:
    return [(OFTEN.get(word, 1), word.replace("_", " ")) for word in words]


def _nouns() -> Rules:
    singulars, plurals = zip(*(forms(entry) for entry in NOUNS.split()), strict=True)
    made: Rules = {"noun sg": _words(singulars), "noun pl": _words(plurals)}
    for number in BE:
        for name, the in ((f"a {number}", "the"), (f"A {number}", "The")):
            made[name] = [(7, f"{the} <noun {number}>"), (3, f"{the} <adjective> <noun {number}>")]
    return made | {"a": [(1, "<a sg>"), (1, "<a pl>")]}


def forms(entry: str) -> tuple[str, str]:
    """(singular, plural) of an entry of NOUNS."""
    singular, _, plural = entry.partition("/")
    return singular, plural or singular + "s"


def _places() -> Rules:
    return {
        "place": [(7, "the <building>"), (3, "the <kind of building> <building>")],
        "at": [(1, "<near> <place>"), (3, "<near> <a>")],
        "where": [(8, "<at>"), (2, "<at> <time>"), (2, "<at> <at>"), (1, "<at> <at> <time>")],
    }


def _relative() -> Rules:
    """What an animal did, or what was done to it; a network has to hold the number of another noun meanwhile."""
    return {
        "that": [
            (3, "that <a> <saw>"), (3, "that <saw> <a>"), (2, "that <a> had <seen>"), (2, "that had <seen> <a>"),
            (1, "that <a> <saw> <time>"), (1, "that <saw> <a> <time>"),
        ],
        "which": [
            (2, "which <a> <saw>"), (2, "which <saw> <a>"), (3, "which <a> had <seen>"), (2, "which had <seen> <a>"),
            (2, "which <a> <where> had <seen>"), (2, "which had <seen> <a> <where>"),
            (1, "which <a> had <seen> <where>"), (1, "which <a> <where> had <seen> <where>"),
        ],
    }  # fmt: skip


def _sentence(number: str) -> Rules:
    be, it = f"<verb {number} be>", f"<noun {number} it>"
    was = f"{be} <end {number}>"
    return {
        f"verb {number} be": [(1, BE[number])],
        f"noun {number} it": [(1, PRONOUN[number])],
        f"end {number}": [
            (4, "<state>."), (1, "<state> <time>."), (2, f"<state> and {be} <state>."),
            (3, f"<state>. <clause it {number}>."),
        ],
        f"clause it {number}": [(2, f"{it} <slept>"), (1, f"{it} <slept> and {be} <state>")],
        f"clause {number}": [(1, f"<A {number}><rest {number}>")],
        f"rest {number}": [
            (25, f" {was}"), (12, f", <aside>, {was}"), (22, f" <where> {was}"), (20, f" <that> {was}"),
            (18, f", <which>, {was}"), (3, f" <at>, <which>, {was}"),
        ],
    }  # fmt: skip
