"""A corpus written to a file, and what is said of it."""

import json

import pytest

from chargru.cats import grammar
from chargru.cats.written import write_corpus
from chargru.errors import TextError
from chargru.show.formats import show


def test_the_figures_are_those_of_the_text_written(tmp_path):
    counted = []
    found = write_corpus(tmp_path / "new.txt", 2000, 3, on_characters=counted.append)
    text = (tmp_path / "new.txt").read_text()
    assert text == grammar.write(2000, 3)
    assert sum(counted) == found.characters == len(text)
    assert found.paragraphs == len(counted) == text.count("\n")
    assert abs(found.bits - grammar.surprisal(text).sum()) < 1e-6 * found.bits
    assert found.bits_per_character == found.bits / len(text)
    assert json.loads(show(found, "json")) == {"schema": "chargru.corpus/1", **vars(found)}
    assert f"-log2 p            {found.bits:.1f} bits: this text's" in str(found).splitlines()


def test_a_file_is_never_overwritten(tmp_path):
    (tmp_path / "old.txt").write_text("precious")
    with pytest.raises(TextError, match="never overwritten"):
        write_corpus(tmp_path / "old.txt", 2000, 3)
    assert (tmp_path / "old.txt").read_text() == "precious"
