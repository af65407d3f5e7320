"""The verbs that count: found again by a plain walk over all paragraphs and all agreements."""

from collections import Counter

import pytest

from chargru import bundled
from chargru.cats.grammar import agreements, paragraphs, write
from chargru.cats.verbs import DISTANCES, new_verbs, verbs_in, verbs_of, within
from chargru.errors import SettingError, TextError

TWICE = "The cats, which the dog had seen, were full and were tired.\n"
PRONOUN = "The cats were full. They slept and were alone.\n"


def test_a_subject_counts_once_and_a_pronoun_never():
    (verb,) = verbs_of(TWICE)
    assert TWICE[: verb.agreement.start] == "The cats, which the dog had seen, "
    assert (verb.paragraph, verb.agreement.subject, verb.agreement.attractors) == (TWICE, "cats", 1)
    assert [one.agreement.subject for one in verbs_of(PRONOUN)] == ["cats"]
    assert len(agreements(TWICE)) == len(agreements(PRONOUN)) == 2


def test_rows_of_distances():
    rows = [(max(1, first), first + 9) for first in range(0, 90, 10)]
    assert [*rows, (90, None)] == list(DISTANCES)
    for distance in range(1, 200):
        first, last = DISTANCES[within(distance)]
        assert first <= distance <= (last or distance)


def test_new_verbs_are_the_first_of_each_row_and_number():
    """Against every agreement of every paragraph, in order, with nothing passed over."""
    found = new_verbs(each=6)
    old = set(bundled.text_path().read_text().splitlines(keepends=True))
    expected, counts = [], Counter()
    for written in paragraphs(10_000_000, 1):
        if written.text in old:
            continue
        old.add(written.text)
        subjects = set()
        for one in agreements(written.text):
            place = min(one.distance // 10, 9), one.number
            if one.subject in ("It", "They") or one.subject_start in subjects:
                continue
            subjects.add(one.subject_start)
            if counts[place] < 3:
                counts[place] += 1
                expected.append((written.text, one))
        if sum(counts.values()) == 60:
            break
    assert found == expected


def test_a_paragraph_counts_once():
    """Of the nearest verbs most are in short paragraphs, which the grammar writes again and again."""
    found = [verb.paragraph for verb in new_verbs(each=100)]
    written = Counter(one.text for one in paragraphs(100_000, 1))
    assert sum(written[one] > 1 for one in found) > 0
    assert len(found) == len(set(found))


def test_a_seed_is_another_text_and_on_verb_is_called_at_each():
    called = []
    found = new_verbs(seed=2, each=2, on_verb=lambda: called.append(1))
    assert len(called) == len(found) == 20
    assert not {verb.paragraph for verb in found} & {verb.paragraph for verb in new_verbs(each=2)}
    with pytest.raises(SettingError, match="seed"):
        new_verbs(seed=-1)


def test_the_village_has_no_pronouns_either():
    text = write(20_000, 3, "village")
    assert len({one.subject for one in agreements(text, "village")} & {"It", "They", "He", "She"}) > 1
    found = verbs_in(text, "village")[1]
    assert len(found) > 100
    assert not {verb.agreement.subject for verb in found} & {"It", "They", "He", "She"}


@pytest.mark.parametrize("corpus", ["cats", "village"])
def test_a_text_of_a_corpus_is_known(corpus):
    text = write(3_000, 7, corpus)
    named, found = verbs_in(text)
    assert named == corpus
    assert (
        found
        == verbs_in(text, corpus)[1]
        == [verb for line in text.splitlines(keepends=True) for verb in verbs_of(line, corpus)]
    )


def test_another_text_is_refused_with_the_place():
    with pytest.raises(TextError) as error:
        verbs_in("The cat was full.\nThe cats was full.\n", where="odd.txt")
    assert error.value.message == (
        "odd.txt: the grammar of cats cannot write 'a' at line 2, column 11; "
        "the grammar of village cannot write '\\n' at line 1, column 18"
    )
    with pytest.raises(TextError, match=r"^odd\.txt: the grammar of cats .* line 2, column 11$"):
        verbs_in("The cat was full.\nThe cats was full.\n", "cats", "odd.txt")
    with pytest.raises(TextError, match="there is no corpus 'dogs'"):
        verbs_in("The cat was full.\n", "dogs")


def test_a_text_that_is_cut_off_has_the_verbs_before():
    assert [verb.agreement.start for verb in verbs_in("The cat was full.\nThe dogs were f")[1]] == [8, 9]
    assert verbs_in("The dogs were")[1] == []
