"""Forms of words, against English."""

from chargru.cats.village.lexicon import NOUNS, Verb, nouns, takes_an, verbs, with_s, words


def test_regular_endings():
    plain = ["cat", "fox", "witch", "bus", "brush", "pony", "monkey", "go", "eye"]
    assert [with_s(word) for word in plain] == [
        *("cats", "foxes", "witches", "buses", "brushes", "ponies", "monkeys", "goes", "eyes")
    ]


def test_verbs_are_regular_but_for_what_is_written():
    assert verbs("carry love see/saw/seen/seeing feed/fed/fed love play") == [
        Verb("carry", "carries", "carried", "carried", "carrying"),
        Verb("love", "loves", "loved", "loved", "loving"),
        Verb("see", "sees", "saw", "seen", "seeing"),
        Verb("feed", "feeds", "fed", "fed", "feeding"),
        Verb("play", "plays", "played", "played", "playing"),
    ]


def test_no_noun_has_a_plural_equal_to_its_singular():
    found = {kind: nouns(kind) for kind in NOUNS}
    assert ("goose", "geese") in found["bird"]
    assert ("pony", "ponies") in found["beast"]
    assert [pair for pairs in found.values() for pair in pairs if pair[0] == pair[1]] == []


def test_an_before_the_sound_of_a_vowel():
    before_an = ["angry", "owl", "ugly", "honest", "uncle"]
    assert [word for word in [*before_an, "cat", "useful", "house"] if takes_an(word)] == before_an


def test_an_underscore_is_a_space():
    assert words("close_to near") == ["close to", "near"]
