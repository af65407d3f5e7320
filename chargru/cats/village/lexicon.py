"""The words of the village corpus and their forms.

A list is in order of frequency: the word at rank r, counted from 0, has a weight in proportion to 1/(r + 4), so
that every list has a long tail. A noun is written `singular` or `singular/plural`, a verb `base` or
`base/past/participle` or `base/past/participle/ing`; what is left out follows the regular spelling. No noun has
a plural equal to its singular and no verb a past equal to its base: either would give a sentence two derivations.
"""

from typing import NamedTuple

NOUNS = {
    "cat": "cat kitten tabby tomcat mouser lion lynx tiger",
    "dog": "dog puppy hound pup cur terrier spaniel mutt collie pug poodle",
    "bird": "bird crow hen duck owl goose/geese robin swan gull wren hawk dove jay lark stork raven finch kite",
    "beast": "mouse/mice horse fox goat cow rabbit pony rat frog toad pig lamb calf/calves ox/oxen mole donkey hare"
    " otter bear yak ram seal",
    "woman": "girl woman/women farmer aunt nurse queen teacher sister cook mother maid singer widow actress witch"
    " bride nun",
    "man": "boy man/men baker uncle king miller monk sailor brother tailor guard thief/thieves fisherman/fishermen"
    " duke smith clown",
    "thing": "box hat key bell cup lamp chair book kettle coat apple egg shoe knife/knives loaf/loaves basket clock"
    " pie drum rope boot flute axe/axes broom sack anchor candle orange ring umbrella pen pot jug",
    "place": "barn house gate garden mill tree wall well hedge pond inn oak shed lane field river bridge church door"
    " hut tower cave cellar stable island window fence",
}

NAMES = {
    "woman": "Anna Ida Mary Emma Clara Rosa Eve Olga Sophie Ada Nora Jane Vera Lucy",
    "man": "Tom Peter Jack Ben Hugo Max Oscar Ivan Henry Ned Karl Otto Paul Sam",
    "cat": "Felix Mittens Smoky Duchess Ginger",
    "dog": "Rex Bruno Hector Fido",
}

ADJECTIVES = {
    "animal": "old black grey hungry white wild fat lazy young thin shy tame lame brown clever angry brave ugly quick"
    " noisy sly",
    "person": "old kind young rich tall poor shy angry wise brave strange proud busy idle polite honest lonely mad"
    " famous",
    "thing": "old new heavy red broken blue green empty golden wooden rusty odd iron cheap silver dusty painted",
    "place": "old red dark empty white narrow quiet stone icy open ancient sunny wooden",
}

SIZES = "little big small huge tiny large"

STATES = {
    "animal": "full hungry tired thirsty cold wet happy afraid calm restless curious warm patient dirty proud quiet",
    "person": "happy tired hungry sad cold angry glad busy ill proud late quiet curious patient ready thirsty sorry",
    "thing": "heavy empty dirty full old cheap clean beautiful wet cold useful dusty ugly useless",
}

SETTLED = {
    "animal": "asleep awake alone outside missing indoors",
    "person": "asleep alone at_home awake in_love outside away",
    "thing": "ready gone missing in_use finished",
}

# What each kind does of its own, before what its whole class does.
INTRANSITIVE = {
    "cat": "purr meow stretch",
    "dog": "bark howl growl",
    "bird": "sing/sang/sung fly/flew/flown/flying",
    "beast": "graze gallop",
    "woman": "smile dance sew/sewed/sewn",
    "man": "whistle cough",
    "thing": "lie/lay/lain/lying stand/stood/stood fall/fell/fallen gleam creak rattle",
    "animal": "sleep/slept/slept eat/ate/eaten play wait run/ran/run/running drink/drank/drunk rest jump"
    " hide/hid/hidden tremble wander escape listen",
    "person": "sleep/slept/slept laugh wait work speak/spoke/spoken eat/ate/eaten weep/wept/wept leave/left/left rest"
    " listen return sneeze complain think/thought/thought",
}

# (class of the one who acts, class of the one acted on)
TRANSITIVE = {
    ("animal", "animal"): "chase watch follow fear see/saw/seen/seeing hear/heard/heard frighten catch/caught/caught"
    " bite/bit/bitten avoid love tease attack",
    ("animal", "person"): "follow love watch trust greet see/saw/seen/seeing avoid fear obey bite/bit/bitten",
    ("animal", "thing"): "find/found/found guard sniff watch steal/stole/stolen hide/hid/hidden break/broke/broken"
    " drag/dragged/dragged/dragging topple",
    ("person", "animal"): "feed/fed/fed love see/saw/seen/seeing call stroke watch find/found/found follow wash"
    " keep/kept/kept buy/bought/bought tame sell/sold/sold",
    ("person", "person"): "know/knew/known see/saw/seen/seeing help love thank visit meet/met/met trust remember"
    " teach/taught/taught follow praise admire invite",
    ("person", "thing"): "find/found/found carry buy/bought/bought mend want clean bring/brought/brought"
    " sell/sold/sold paint draw/drew/drawn borrow make/made/made lose/lost/lost hide/hid/hidden polish",
}

REPORT = "know/knew/known say/said/said think/thought/thought believe hope fear see/saw/seen/seeing hear/heard/heard"

# Verbs that are not said to be going on: no "is fearing".
STATIVE = "fear love trust know want see hear keep remember find admire avoid obey lose think believe"

PREPOSITIONS = "near behind beside beyond opposite close_to"
TIMES = "again today at_night all_day in_spring at_noon for_hours at_last at_dawn in_May in_the_rain once_more"
OPENINGS = "One_day Of_course In_the_end For_once Even_so In_fact Once_again As_ever In_town Up_north"
MANNERS = "quietly calmly happily at_once alone patiently gladly in_peace"
DEGREES = "very quite rather too often"
ASIDES = "of_course however as_usual it_seems as_always for_once"
JOINS = ",_and ,_but _because _while ,_so"
WHENS = "When Because While Although As_soon_as"


class Verb(NamedTuple):
    """The forms of a verb; the present after a plural subject is the base."""

    base: str
    singular: str
    past: str
    participle: str
    ing: str


def _ends_in_y(word: str) -> bool:
    return word.endswith("y") and word[-2] not in "aeiou"


def with_s(word: str) -> str:
    """The regular plural of a noun, or the third person singular of a verb."""
    if _ends_in_y(word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) or word == "go" else "s")


def _with_ed(word: str) -> str:
    if _ends_in_y(word):
        return word[:-1] + "ied"
    return word + ("d" if word.endswith("e") else "ed")


def _with_ing(word: str) -> str:
    return (word[:-1] if word.endswith("e") else word) + "ing"


def words(text: str) -> list[str]:
    """The entries of a list; an underscore stands for the space within one."""
    return [entry.replace("_", " ") for entry in text.split()]


def nouns(kind: str) -> list[tuple[str, str]]:
    """(singular, plural) of each noun of a kind."""
    pairs = [entry.partition("/") for entry in NOUNS[kind].split()]
    return [(singular, plural or with_s(singular)) for singular, _, plural in pairs]


def verbs(text: str) -> list[Verb]:
    """The forms of each verb of a list; a verb named twice counts once."""
    return [_verb(entry) for entry in dict.fromkeys(text.split())]


def _verb(entry: str) -> Verb:
    base, *given = entry.split("/")
    past, participle = given[:2] if given else [_with_ed(base)] * 2
    ing = given[2] if len(given) > 2 else _with_ing(base)
    return Verb(base, with_s(base), past, participle, ing)


def takes_an(word: str) -> bool:
    """Whether the indefinite article before the word is `an`."""
    return word.startswith(("a", "e", "i", "o", "ug", "um", "un", "honest"))
