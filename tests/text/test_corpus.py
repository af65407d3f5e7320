"""The corpus: what is read, in which order and how exactly, the split, and one line for everything else."""

import gzip
import hashlib
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargru.errors import SettingError, TextError
from chargru.text.corpus import Corpus, read_corpus, split_point
from chargru.text.files import TEXT_SUFFIXES

ROOT = os.geteuid() == 0


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test works in its own folder, so that messages name short paths."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name, data):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def failure(*paths, **settings):
    with pytest.raises(TextError) as caught:
        read_corpus(paths, **settings)
    assert "\n" not in caught.value.message
    return caught.value


# What is read


@pytest.mark.parametrize(
    "text", ["Το πνεύμα\n", "猫坐在墊子上。\n", "👩\u200d👧 🏳️\u200d🌈\n", "a\r\nb\rc\u2028d\x0b\x0c\n\n", "x"]
)
def test_text_is_kept_exactly(text):
    write("a.txt", text)
    assert read_corpus(["a.txt"]).text == text


def test_files_are_joined_in_order_with_nothing_between():
    write("b.txt", "one")
    write("a", "two\n")
    corpus = read_corpus(["b.txt", Path("a"), "b.txt"])
    assert corpus == Corpus("onetwo\none", ("b.txt", "a", "b.txt"), ("b.txt", "a", "b.txt"))


def test_gzip_file_is_unpacked():
    write("a.txt.gz", gzip.compress("größer\r\n".encode()))
    assert read_corpus(["a.txt.gz"]).text == "größer\r\n"


def test_directory_is_read_sorted_and_hidden_ones_are_skipped():
    for name in ("d/z.txt", "d/b/x.txt", "d/b.txt", "d/.hidden.txt", "d/.git/y.txt", "d/b/.c/y.txt", "d/n.py"):
        write(name, f"<{name}>")
    write("d/a/q.gz", gzip.compress(b"<q>"))
    corpus = read_corpus(["d"])
    assert corpus.files == ("d/a/q.gz", "d/b/x.txt", "d/b.txt", "d/z.txt")
    assert corpus.text == "<q><d/b/x.txt><d/b.txt><d/z.txt>"
    assert corpus.paths == ("d",)


@pytest.mark.parametrize("suffix", TEXT_SUFFIXES)
def test_the_suffixes_of_texts_are_read(suffix):
    write(f"d/a{suffix}", "a")
    write(f"d/b{suffix.upper()}", "b")
    write(f"d/c{suffix}.gz", gzip.compress(b"c"))
    assert read_corpus(["d"]).text == "abc"


def test_what_is_left_out_is_counted_by_suffix():
    for name in ["d/a.md", "d/b.py", "d/e/c.PY", "d/x.png", "d/Makefile", "d/.h.py", "d/.git/config", "e/f.tar.gz"]:
        write(name, name)
    write("d/n.txt", b"ab\0c\0\0d")
    write("e/z.txt", "z")
    corpus = read_corpus(["d", "e"])
    assert corpus.files == ("d/a.md", "e/z.txt")
    assert corpus.notes == ("left out of d, e, by suffix: 2 .py, 1 without a suffix, 1 .gz, 1 .png, 1 binary",)


def test_many_kinds_left_out_are_summed():
    write("d/a.txt", "a")
    for suffix in "bcdefghij":
        write(f"d/a.{suffix}", "a")
    assert read_corpus(["d"]).notes == ("left out of d, by suffix: 1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 1 .g, 3 with another",)


def test_suffixes_are_chosen():
    for name in ("d/a.py", "d/b.txt", "d/c.d.ts", "d/x.ts"):
        write(name, f"<{name}>")
    write("d/p.py.gz", gzip.compress(b"<p>"))
    write("d/q.gz", gzip.compress(b"<q>"))
    assert read_corpus(["d"], suffixes=["PY"]).files == ("d/a.py", "d/p.py.gz")
    assert read_corpus(["d"], suffixes=(".d.ts", ".py")).files == ("d/a.py", "d/c.d.ts", "d/p.py.gz")
    assert read_corpus(["d"]).files == ("d/b.txt", "d/q.gz")


@pytest.mark.parametrize("suffix", ["", ".", "a/b"])
def test_what_is_no_suffix(suffix):
    write("d/a.py", "a")
    with pytest.raises(SettingError, match="is not a suffix"):
        read_corpus(["d"], suffixes=[suffix])


def test_suffixes_are_a_list():
    with pytest.raises(SettingError, match="`suffix` is 'py', but it must be a list"):
        read_corpus(["."], suffixes="py")


def test_a_directory_of_binary_files_has_no_text():
    write("d/a.txt", b"\0\1\2\0\0")
    assert failure("d").message == "d/a.txt is binary"


def test_a_file_in_another_encoding_is_no_binary():
    """It has a text, which must not be passed over."""
    write("d/a.txt", "a text of some length".encode("utf-16"))
    write("d/b.txt", "b")
    convert = "iconv -f utf-16 -t utf-8 d/a.txt > NEW"
    assert failure("d").hint == f'`encoding="utf-16"` would be for all the files; convert this one: {convert}'
    assert failure("d/a.txt").hint == 'it may be `encoding="utf-16"`'


def test_hidden_ones_are_read_when_named():
    write(".d/.e/a.txt", "a")
    write(".d/b.txt", "b")
    assert read_corpus([".d/.e", ".d/b.txt"]).text == "ab"


def test_links_that_go_round_are_not_followed():
    write("d/a.txt", "a")
    Path("d/loop").symlink_to("../d")
    Path("d/loop.txt").symlink_to("../d")
    assert read_corpus(["d"]).files == ("d/a.txt",)


def test_linked_file_in_a_directory_is_read():
    write("a", "linked")
    Path("d").mkdir()
    Path("d/l.txt").symlink_to("../a")
    assert read_corpus(["d"]).text == "linked"


def test_pipe_in_a_directory_is_not_waited_for():
    write("d/a.txt", "a")
    os.mkfifo("d/p.txt")
    assert read_corpus(["d"]).files == ("d/a.txt",)


def test_pipe_by_name_is_read():
    """As the shell's <(command) gives one."""
    read_end, write_end = os.pipe()
    os.write(write_end, b"from a pipe")
    os.close(write_end)
    assert read_corpus([f"/dev/fd/{read_end}"]).text == "from a pipe"
    os.close(read_end)


def test_dash_is_standard_input():
    write("a.txt", "file ")
    corpus = read_corpus(["a.txt", "-"], stdin=io.BytesIO("έισοδος\r\n".encode()))
    assert (corpus.text, corpus.files) == ("file έισοδος\r\n", ("a.txt", "-"))


def test_standard_input_is_the_default(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"typed\r\n")))
    assert read_corpus(["-"]).text == "typed\r\n"


def test_byte_order_mark_is_dropped_with_a_note():
    write("a.txt", b"\xef\xbb\xbfa")
    write("b.txt", "b\ufeff")
    write("c.txt", "\ufeffc")
    corpus = read_corpus(["a.txt", "b.txt", "c.txt"])
    assert corpus.text == "ab\ufeffc"
    assert corpus.notes == tuple(f"{f}: dropped the byte-order mark at its start" for f in ("a.txt", "c.txt"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "UTF_16", "utf-32"])
def test_byte_order_mark_of_other_encodings(encoding):
    write("a.txt", "αb\r\n".encode(encoding))
    corpus = read_corpus(["a.txt"], encoding=encoding)
    assert (corpus.text, len(corpus.notes)) == ("αb\r\n", 1)


def test_utf_16_with_its_order_named():
    write("a.txt", "\ufeffab".encode("utf-16-be"))
    write("b.txt", "cd".encode("utf-16-be"))
    corpus = read_corpus(["a.txt", "b.txt"], encoding="utf-16-be")
    assert (corpus.text, len(corpus.notes)) == ("abcd", 1)


def test_latin_1_is_read_when_named():
    write("a.txt", b"caf\xe9\r\n")
    assert read_corpus(["a.txt"], encoding="latin-1").text == "café\r\n"


def test_empty_file_beside_others_is_nothing():
    write("a.txt", "a")
    write("b.txt", "")
    assert read_corpus(["b.txt", "a.txt"]).text == "a"


# What a corpus says of itself


def test_sha256_is_of_the_utf_8():
    corpus = Corpus("né\r\n", ("a",), ("a",))
    assert corpus.sha256 == hashlib.sha256(b"n\xc3\xa9\r\n").hexdigest()


def test_sha256_of_a_lone_surrogate():
    assert Corpus("\udc80", ("a",), ("a",)).sha256 == hashlib.sha256(b"\xed\xb2\x80").hexdigest()


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("tinyshakespeare.txt", "tinyshakespeare"),
        ("/a/b/poems.txt.gz", "poems"),
        ("poems.gz", "poems"),
        ("notes.v2.txt", "notes.v2"),
        ("book.md", "book"),
        ("../War & Peace (1).txt", "War-Peace-1"),
        ("Ποιήματα.txt", "Ποιήματα"),
        ("貓.txt", "貓"),
        ("cafe\u0301.txt", "café"),
        (".hidden.txt", "hidden"),
        ("--out.txt", "out"),
        ("😀.txt", "text"),
        ("a\udc80\nb.txt", "a-b"),
        ("x" * 300 + ".txt", "x" * 48),
        ("-", "stdin"),
    ],
)
def test_stem_of_a_file(path, stem):
    assert Corpus("x", (path,), (path,)).stem == stem


@pytest.mark.parametrize(("path", "stem"), [("texts.d/", "texts.d"), ("a/..", "here"), (".", "here"), ("/", "text")])
def test_stem_of_a_directory(path, stem, monkeypatch):
    Path("here").mkdir()
    monkeypatch.chdir("here")
    assert Corpus("x", (path,), ("texts.d/a.txt",)).stem == stem


# What cannot be read


def test_not_utf_8_names_file_offset_and_option():
    write("a.txt", b"caf\xe9 au lait")
    error = failure("a.txt")
    assert error.message == "a.txt is not UTF-8: byte 0xE9 at byte offset 3 (invalid continuation byte)"
    assert error.hint == 'name its encoding, for example `encoding="latin-1"`'


def test_not_utf_8_beside_other_files_names_the_line_that_converts_the_one():
    write("notes/a b.txt", b"caf\xe9 au lait")
    write("notes/c.txt", b"tea")
    hint = '`encoding="latin-1"` would be for all the files; convert this one'
    assert failure("notes").hint == f"{hint}: iconv -f latin-1 -t utf-8 'notes/a b.txt' > NEW"
    write("d.txt.gz", gzip.compress(b"caf\xe9"))
    assert failure("d.txt.gz", "notes/c.txt").hint == hint


def test_the_file_that_was_probably_meant_is_named():
    write("notes/poem.txt", b"tea")
    assert (
        failure("notes/peom.txt").message == f"there is no file notes/peom.txt; did you mean {Path('notes/poem.txt')}?"
    )
    assert failure("notes/xyz.md").message == "there is no file notes/xyz.md"
    assert failure("nowhere/poem.txt").message == "there is no file nowhere/poem.txt"


def test_not_utf_8_on_standard_input():
    assert "standard input is not UTF-8: byte 0xFF at byte offset 1" in failure("-", stdin=io.BytesIO(b"a\xff")).message


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape"])
def test_half_of_a_surrogate_pair_is_no_text(tmp_path, encoding):
    (tmp_path / "t.txt").write_text(r"a cat \ud83d and a dog")
    with pytest.raises(TextError, match=r"t\.txt has a lone surrogate, which is not a character"):
        read_corpus([tmp_path / "t.txt"], encoding=encoding)


@pytest.mark.parametrize("encoding", ["ascii", "utf-16", "punycode"])
def test_not_in_the_encoding_that_was_named(encoding):
    write("a.txt", b"\\\xc3\xa9" if encoding != "punycode" else b"\\x")
    assert (
        f"a.txt is not {'UTF-16' if encoding == 'utf-16' else encoding}" in failure("a.txt", encoding=encoding).message
    )


@pytest.mark.parametrize("encoding", ["klingon", "hex", "", "undefined", "é\udc80", "a\0"])
def test_unknown_encoding(encoding):
    assert failure("-", encoding=encoding).message == f"there is no text encoding {encoding!r}"


@pytest.mark.parametrize(
    ("codec", "named"),
    [("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32")],
)
@pytest.mark.parametrize("text", ["hello\n" * 9, "café\n" * 2000])
def test_wide_encoding_is_recognised(codec, named, text):
    write("a.txt", text.encode(codec))
    assert failure("a.txt").hint == f'it may be `encoding="{named}"`'


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0",
        b"\x7fELF\2\1\1\0\0\0\0\0",
        b"some text\0 and more",
        b"ab\0cde\0fgh\0ij",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_binary(data, encoding):
    write("a.txt", data)
    error = failure("a.txt", encoding=encoding)
    assert error.message == "a.txt looks binary: it has NUL characters"
    assert "`encoding" not in error.hint


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_empty(data):
    write("a.txt", data)
    assert failure("a.txt").message == "a.txt is empty"


def test_empty_standard_input():
    assert failure("-", stdin=io.BytesIO()).message == "standard input is empty"


def test_all_empty():
    write("d/a.txt", b"")
    write("d/b.gz", gzip.compress(b""))
    assert failure("d").message == "the 2 files are empty"


@pytest.mark.parametrize("path", ["no.txt", "no/such.txt", "no.gz"])
def test_missing(path):
    assert failure(path).message == f"there is no file {path}"


def test_empty_path_is_not_the_current_directory():
    write("a.txt", "a")
    assert failure("").message == "there is no file ''"


def test_file_name_that_would_break_the_line():
    assert failure("a\nb\udc80").message == r"there is no file 'a\nb\udc80'"


def test_broken_link():
    Path("l.txt").symlink_to("gone.txt")
    assert failure("l.txt").message == "l.txt links to gone.txt, which is not there"


def test_broken_link_in_a_directory():
    write("d/a.txt", "a")
    Path("d/l.txt").symlink_to("gone.txt")
    assert failure("d").message == "d/l.txt links to gone.txt, which is not there"


def test_link_to_itself():
    Path("l.txt").symlink_to("l.txt")
    assert failure("l.txt").message.startswith("cannot read l.txt: ")


@pytest.mark.parametrize("path", ["a.txt/b.txt", "x" * 5000, "a\0b"])
def test_impossible_path(path):
    write("a.txt", "a")
    assert failure(path).message.startswith("cannot read ")


@pytest.mark.skipif(ROOT, reason="root may read everything")
@pytest.mark.parametrize("path", ["d/a.txt", "d/e", "d"])
def test_no_permission(path):
    write("d/a.txt", "a")
    Path("d/e").mkdir()
    for closed in ("d/a.txt", "d/e"):
        Path(closed).chmod(0)
    message = failure(path).message
    Path("d/e").chmod(0o700)
    assert message.startswith("cannot read d/")
    assert message.endswith("Permission denied")


def test_directory_without_text():
    for name in ("d/a.py", "d/e/b.PY", "d/c.png", "d/Makefile", "d/.a.txt"):
        write(name, "a")
    error = failure("d")
    assert error.message == (
        "the directory d has no file with a text's suffix: it has 2 .py, 1 without a suffix, 1 .png"
    )
    assert error.hint == "choose others by `suffix`, or give a file by name"


def test_directory_without_the_suffixes_that_were_chosen():
    write("d/a.txt", "a")
    with pytest.raises(TextError) as caught:
        read_corpus(["d"], suffixes=["py", ".C"])
    assert caught.value.message == "the directory d has no file with the suffix .py or .c: it has 1 .txt"


def test_empty_directory():
    Path("d").mkdir()
    assert failure("d").message == "the directory d has no file with a text's suffix"
    assert failure("d").hint == "give a file by name"


def test_device():
    assert failure("/dev/null").message == "/dev/null is a device, not a file"


def test_standard_input_twice():
    assert failure("-", "-", stdin=io.BytesIO(b"a")).message == "standard input is given twice"


def test_standard_input_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert failure("-").message == "standard input is closed"


def test_standard_input_that_is_a_directory(folder):
    """As in `chargru train - < .`: opened by the shell, refused at the first read."""
    descriptor = os.open(folder, os.O_RDONLY)
    with pytest.raises(TextError, match="cannot read standard input: Is a directory"):
        read_corpus(["-"], stdin=Unreadable(descriptor))
    os.close(descriptor)


class Unreadable(io.RawIOBase):
    """Standard input on a descriptor that `open` would refuse at once."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def read(self, size=-1):
        return os.read(self.descriptor, 1 if size < 0 else size)


WHOLE_GZIP = gzip.compress(b"the cats were full " * 50, mtime=0)


@pytest.mark.parametrize(
    "data",
    [WHOLE_GZIP[:-1], WHOLE_GZIP[:20], WHOLE_GZIP[:5], b"plain text", WHOLE_GZIP[:12] + b"!!!!" + WHOLE_GZIP[16:]],
)
def test_damaged_gzip(data):
    write("a.gz", data)
    assert failure("a.gz").message.startswith("a.gz is not a whole gzip file: ")


# The split


def test_split_of_tinyshakespeare():
    assert split_point(1_115_394, 0.1) == 1_003_854


def test_split_of_nothing_for_validation():
    assert split_point(2, 0) == 2


@pytest.mark.parametrize(
    ("n", "fraction", "training"),
    [(10, 0.1, 9), (11, 0.1, 9), (1000, 0.07, 930), (100, 0.9, 10), (10**6, 1e-6, 999_999)],
)
def test_split_is_exact_in_decimals(n, fraction, training):
    """In floats 1000 * (1 - 0.07) is 929.9999999999999: a character short."""
    assert split_point(n, fraction) == training


@given(st.integers(4, 10**9), st.floats(1e-9, 0.5))
def test_split_leaves_something_on_both_sides(n, fraction):
    assert 2 <= split_point(n, fraction) < n


@pytest.mark.parametrize("fraction", [-0.1, 1, 1.5, float("nan"), float("inf")])
def test_split_fraction_out_of_range(fraction):
    with pytest.raises(SettingError) as caught:
        split_point(100, fraction)
    assert caught.value.message == f"`validation_fraction` is {fraction}, but it must be at least 0 and below 1"


@pytest.mark.parametrize(("n", "fraction", "left"), [(2, 0.1, 1), (1, 0, 1), (100, 0.99, 1), (0, 0.1, 0)])
def test_split_of_too_small_a_text(n, fraction, left):
    with pytest.raises(TextError, match=rf"too small .* its {n} characters? {left} would train, at least 2 must"):
        split_point(n, fraction)
