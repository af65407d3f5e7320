"""Where a run's text is: read again, from there or from elsewhere, and only if it is the same."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chargru import bundled
from chargru.errors import DamagedRunError, SettingError, TextError
from chargru.text.source import Source, read_source, suffixes_of

TEXT = "a cat\nä dog\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "cat.txt"
    path.write_bytes(TEXT.encode("latin-1"))
    return path


@pytest.fixture
def source(file):
    corpus, paths = read_source([str(file)], "latin-1")
    return Source(paths, "latin-1", corpus.sha256, len(corpus.text), 9)


def test_a_text_is_read_again_in_its_encoding(source, file):
    assert source.paths == (str(file),)
    assert source.read().text == TEXT


def test_paths_are_remembered_whole(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    assert read_source(["cat.txt"], "latin-1")[1] == (str(file),)


def test_a_relative_path_is_inside_the_run(source, file):
    assert replace(source, paths=("cat.txt",)).read(home=file.parent).text == TEXT


def test_no_path_is_the_bundled_text_whatever_the_encoding():
    corpus, paths = read_source([], "utf-16")
    source = Source(paths, "utf-8", corpus.sha256, len(corpus.text), 9)
    assert source.paths == "cats"
    assert corpus.text == bundled.text_path().read_text(encoding="utf-8")
    assert source.read().text == corpus.text


def test_a_text_that_is_gone_is_read_elsewhere(source, file):
    moved = file.rename(file.with_name("moved.txt"))
    with pytest.raises(TextError, match=r"cat\.txt is gone") as caught:
        source.read(hint="look for it")
    assert caught.value.hint == "look for it"
    assert source.read([str(moved)]).text == TEXT


def test_another_text_is_refused(source, file):
    file.write_bytes(TEXT.encode("latin-1") + b"!")
    with pytest.raises(TextError, match=r"cat\.txt is not the text .* it has changed") as caught:
        source.read()
    assert source.sha256[:12] in caught.value.hint


@pytest.mark.parametrize("paths", ["cats", ("/a/b.txt", "-")])
def test_the_document_gives_the_source_back(source, paths):
    one = replace(source, paths=paths)
    assert Source.from_document(one.to_document()) == one
    assert one.to_document()["paths"] == (paths if paths == "cats" else list(paths))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"split": 0}, "a split after 0 of 12 characters"),
        ({"split": 13}, "a split after 13 of 12 characters"),
        ({"characters": "many"}, "many"),
        ({"paths": None}, "text.paths is None, which is not a string or a list"),
    ],
)
def test_a_damaged_document_says_what_is_wrong(source, change, said):
    with pytest.raises(DamagedRunError, match=said):
        Source.from_document(source.to_document() | change)


def test_a_missing_entry_is_damage(source):
    document = source.to_document()
    del document["encoding"]
    with pytest.raises(DamagedRunError, match="encoding"):
        Source.from_document(document)


@pytest.fixture
def folder(tmp_path):
    """A directory of notes in two formats, and a program."""
    path = tmp_path / "notes"
    path.mkdir()
    for name in ("a.md", "b.py", "c.txt"):
        (path / name).write_text(f"<{name}>")
    return path


@pytest.mark.parametrize(
    ("suffix", "text"), [((), "<a.md><c.txt>"), (("py",), "<b.py>"), ((".txt", ".py"), "<b.py><c.txt>")]
)
def test_a_directory_is_read_again_by_the_same_suffixes(folder, suffix, text):
    corpus, paths = read_source([str(folder)], "utf-8", suffix)
    assert corpus.text == text
    source = Source(paths, "utf-8", corpus.sha256, len(text), 5, suffixes_of([str(folder)], suffix))
    again = Source.from_document(json.loads(json.dumps(source.to_document())))
    assert again == source
    assert again.read().text == text


def test_a_run_that_recorded_no_suffixes_read_txt(folder):
    corpus, paths = read_source([str(folder)], "utf-8", [".txt"])
    assert Source(paths, "utf-8", corpus.sha256, 7, 5).read().text == "<c.txt>"


def test_of_files_no_suffixes_are_recorded(file):
    assert suffixes_of([str(file)]) is None
    assert "suffixes" not in Source((str(file),), "utf-8", "", 2, 1).to_document()


@pytest.mark.parametrize("paths", [[], ["cat.txt"]])
def test_suffixes_without_a_directory_are_in_vain(paths):
    with pytest.raises(SettingError, match="`suffix` chooses among the files of a directory"):
        read_source(paths, "utf-8", [".py"])


@pytest.mark.parametrize("path", ["a" * 300, "a" * 100_000, "\0", "\ud800"])
def test_a_path_that_no_system_has_is_gone(source, path):
    with pytest.raises(TextError, match="is gone") as caught:
        replace(source, paths=(path,)).read()
    assert len(caught.value.message) < 500


def a_pipe(path):
    os.mkfifo(path)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither")
@pytest.mark.parametrize("made", [a_pipe, lambda _: "/dev/null"])
def test_a_run_cannot_make_one_wait_on_a_pipe_or_a_device(source, tmp_path, made):
    path = made(tmp_path / "pipe")
    with pytest.raises(TextError) as caught:
        replace(source, paths=(path,)).read(hint="name another")
    assert caught.value.message == f"the run's text {path} is neither a file nor a directory"
    assert caught.value.hint == "name another"


def test_a_run_cannot_make_one_wait_on_standard_input(source, tmp_path):
    with pytest.raises(TextError) as caught:
        replace(source, paths=("-",)).read(home=tmp_path)
    assert caught.value.message == "the run's text - was standard input, which cannot be read again"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_that_the_user_names_is_read(source, tmp_path):
    path = a_pipe(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit((tmp_path / "pipe").write_bytes, TEXT.encode("latin-1"))
        assert source.read([path]).text == TEXT
        written.result()
