"""Vocabulary: characters to ids and back, and what it says of characters it lacks."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargru.errors import DamagedRunError, SettingError, TextError, UnknownCharacterError
from chargru.text.vocabulary import Vocabulary

ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1)  # lone surrogates too
FAMILY = "👩\N{ZERO WIDTH JOINER}👧"
ABC = Vocabulary(("a", "b", "c", "\n"))


def test_from_text_sorts_by_code_point():
    assert Vocabulary.from_text("bα猫a\r\nb" + FAMILY).characters == (
        *("\n", "\r", "a", "b", "α", "\u200d", "猫", "👧", "👩"),
    )


def test_from_text_of_nothing_is_an_error():
    with pytest.raises(TextError, match="empty"):
        Vocabulary.from_text("")


@given(ANY_TEXT)
def test_from_text_is_the_sorted_set(text):
    assert Vocabulary.from_text(text).characters == tuple(sorted(set(text)))


@given(ANY_TEXT, ANY_TEXT)
def test_grown_keeps_every_id_and_adds_what_is_lacking_sorted(one, other):
    known = Vocabulary((*sorted(set(one), reverse=True), None))
    added = sorted(set(other) - set(one))
    assert known.grown(other).characters == (*known.characters, *added)


def test_grown_by_nothing_is_an_error():
    with pytest.raises(TextError, match="empty"):
        ABC.grown("")


@given(ANY_TEXT)
def test_decode_undoes_encode(text):
    vocabulary = Vocabulary.from_text(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text


@given(ANY_TEXT)
def test_document_survives_json(text):
    vocabulary = Vocabulary.from_text(text)
    assert Vocabulary.from_document(json.loads(json.dumps(vocabulary.to_document()))) == vocabulary


def test_encode_gives_positions():
    assert ABC.encode("cab\na").tolist() == [2, 0, 1, 3, 0]


def test_encode_follows_an_order_that_is_not_sorted():
    assert Vocabulary(("z", None, "a")).encode("az").tolist() == [2, 0]


def test_encode_of_nothing_is_empty():
    assert ABC.encode("").shape == (0,)


@pytest.mark.parametrize(("size", "dtype"), [(256, np.uint8), (257, np.uint16), (65537, np.uint32)])
def test_encode_uses_the_smallest_dtype(size, dtype):
    codes = [*range(0xD800), *range(0xE000, 0x20000)][:size]
    vocabulary = Vocabulary(tuple(map(chr, codes)))
    ids = vocabulary.encode(chr(codes[-1]))
    assert (ids.dtype, ids[0]) == (dtype, size - 1)


def test_byte_order_mark_inside_a_text_is_a_character():
    assert Vocabulary.from_text("\ufeffa").encode("\ufeffa").tolist() == [1, 0]


def test_len():
    assert len(ABC) == 4


def test_unknown_character_is_named_with_place_and_counts():
    with pytest.raises(UnknownCharacterError) as caught:
        ABC.encode("ab\nabé\néyé", where="notes.txt", hint="use --unknown skip")
    assert caught.value.message == (
        "notes.txt, line 2, column 3: the character 'é' (U+00E9) is not in the vocabulary; "
        "it occurs 3 times, and 1 other character is missing too"
    )
    assert caught.value.hint == "use --unknown skip"


def test_unknown_character_on_the_first_line():
    with pytest.raises(UnknownCharacterError) as caught:
        ABC.encode("x")
    assert caught.value.message == (
        "the text, line 1, column 1: the character 'x' (U+0078) is not in the vocabulary; it occurs 1 time"
    )


@pytest.mark.parametrize(
    ("character", "shown"), [("\udc80", r"'\udc80' (U+DC80)"), ("\r", r"'\r' (U+000D)"), ("😀", "'😀' (U+1F600)")]
)
def test_unknown_character_is_shown_printably(character, shown):
    with pytest.raises(UnknownCharacterError) as caught:
        ABC.encode("a" + character)
    assert f"the character {shown} is not" in caught.value.message


@given(ANY_TEXT)
def test_unknown_skip_leaves_characters_out(text):
    """Æ is U+00C6: beyond the vocabulary's last code point, where a table must not wrap round."""
    text += "aÆb"
    assert ABC.decode(ABC.encode(text, unknown="skip")) == "".join(c for c in text if c in ABC.characters)


def test_unknown_symbol_takes_what_is_lacking():
    vocabulary = Vocabulary(("a", None, "b"))
    assert vocabulary.unknown_id == 1
    assert vocabulary.encode("ab\x00\ufffd😀").tolist() == [0, 2, 1, 1, 1]


def test_unknown_symbol_reads_as_replacement_character():
    assert Vocabulary(("a", None)).decode([0, 1]) == "a\N{REPLACEMENT CHARACTER}"


def test_no_unknown_symbol():
    assert ABC.unknown_id is None


def test_decode_of_nothing():
    assert ABC.decode([]) == ""


@pytest.mark.parametrize("id_", [-1, 4])
def test_decode_refuses_an_id_out_of_range(id_):
    with pytest.raises(SettingError, match=f"no id {id_} in a vocabulary of 4"):
        ABC.decode([0, id_])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("abc", "not a list"),
        ({"a": 0}, "not a list"),
        ([], "not a list"),
        ([None], "not a list of characters"),
        (["a", "bc"], "entry 1 .* neither one character nor null"),
        (["a", ""], "entry 1 "),
        (["a", 3], "entry 1 "),
        (["a", ["b"]], "entry 1 "),
        (["a", "b", "a"], r"'a' \(U\+0061\) twice"),
        (["a", None, None], "null twice"),
    ],
)
def test_damaged_document_is_refused(document, message):
    with pytest.raises(DamagedRunError, match=message):
        Vocabulary.from_document(document)


def test_document_with_the_unknown_symbol():
    assert Vocabulary.from_document([None, "a"]).to_document() == [None, "a"]


def test_of_a_million_entries_the_one_that_is_there_twice_is_named():
    """By comparing each with each it would take an hour."""
    with pytest.raises(DamagedRunError, match=r"' ' \(U\+0020\) twice"):
        Vocabulary.from_document([*map(chr, range(0x20, 1_000_000)), " "])
