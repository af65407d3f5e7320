"""Reading in blocks: the same text whatever the blocks are, and an end to what has none."""

import gzip
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chargru import memory
from chargru.errors import TextError
from chargru.text import reading, vocabulary
from chargru.text.corpus import read_corpus
from chargru.text.vocabulary import Vocabulary

TEXT = "Ὁ γέρος, café, 猫坐在, 👩\u200d👧\r\n\tend"
EVERY_CHARACTER = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "utf-7", "gb18030")

UNBOUNDED = """
import resource, subprocess, sys
from chargru.errors import TextError
from chargru.text.corpus import read_corpus

resource.setrlimit(resource.RLIMIT_AS, (900_000_000, 900_000_000))
endless = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
try:
    read_corpus(["-"], stdin=endless.stdout)
except TextError as error:
    print(error.message)
    # Not ru_maxrss, which begins with that of the process that started this one.
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(int(status["VmHWM"].split()[0]) < 700_000)
finally:
    endless.kill()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=[1, 2, 3, 5, 16])
def block(request, monkeypatch):
    """Blocks that end within characters."""
    monkeypatch.setattr(reading, "BLOCK", request.param)
    return request.param


def failure(data, **settings):
    with pytest.raises(TextError) as caught:
        read_corpus(["-"], stdin=io.BytesIO(data), **settings)
    return caught.value


@pytest.mark.parametrize("encoding", EVERY_CHARACTER)
@pytest.mark.usefixtures("block")
def test_blocks_that_end_within_characters_make_the_same_text(encoding):
    data = TEXT.encode(encoding)
    Path("a.txt").write_bytes(data)
    Path("b.txt.gz").write_bytes(gzip.compress(data[:0]) + gzip.compress(data))
    Path("c.txt").write_bytes(data)
    corpus = read_corpus(["a.txt", "b.txt.gz", "c.txt"], encoding=encoding)
    assert corpus.text == 3 * data.decode(encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.usefixtures("block")
def test_without_a_mark_a_wide_encoding_is_that_of_the_machine(encoding):
    data = TEXT.encode(f"{encoding}-{'le' if sys.byteorder == 'little' else 'be'}")
    assert read_corpus(["-"], stdin=io.BytesIO(data), encoding=encoding).text == data.decode(encoding) == TEXT


@pytest.mark.usefixtures("block")
def test_an_undecodable_byte_is_told_by_its_place_in_the_file():
    assert "byte 0xE9 at byte offset 40 " in failure("ä".encode() * 20 + b"\xe9 ").message
    assert "byte 0xC3 at byte offset 40 (unexpected end of data)" in failure("ä".encode() * 20 + b"\xc3").message
    assert "byte 0x81 at byte offset 60 " in failure("猫".encode("gb18030") * 30 + b"\x81", encoding="gb18030").message


@pytest.mark.usefixtures("block")
def test_a_nul_behind_what_cannot_be_decoded_makes_a_file_binary():
    assert failure(b"caf\xe9 au\0lait").message == "standard input looks binary: it has NUL characters"


def test_progress_counts_the_bytes_of_the_files_not_what_they_open_to():
    Path("a.txt").write_bytes(b"a" * 3_000_000)
    packed = gzip.compress(b"b" * 3_000_000)
    Path("b.txt.gz").write_bytes(packed)
    foreseen, read = [], []
    read_corpus(["a.txt", "b.txt.gz"], on_more=foreseen.append, on_bytes=read.append)
    assert foreseen == [sum(read)] == [3_000_000 + len(packed)]


# What has no end


@pytest.mark.parametrize("members", [1, 70])
def test_a_packed_file_that_opens_to_more_than_any_text_does(members):
    Path("a b.txt.gz").write_bytes(members * gzip.compress(b"a" * (70 // members << 20), mtime=0))
    with pytest.raises(TextError) as caught:
        read_corpus(["a b.txt.gz"])
    assert caught.value.message == "a b.txt.gz unpacks to more than 100 times its size, which no text does"
    assert caught.value.hint == "if it is right, unpack it and give that file: gunzip -k 'a b.txt.gz'"


def test_a_text_that_packs_well_is_opened():
    packed = gzip.compress(b"all work and no play\n" * 3_000_000, mtime=0)
    assert len(packed) * 300 < 63_000_000 < reading.ALWAYS_OPENED
    Path("a.txt.gz").write_bytes(packed)
    assert len(read_corpus(["a.txt.gz"]).text) == 63_000_000


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt"])
def test_what_is_packed_once_more_than_its_name_says(name):
    packed = gzip.compress(b"tea", mtime=0)
    Path(name).write_bytes(gzip.compress(packed) if name.endswith(".gz") else packed)
    with pytest.raises(TextError) as caught:
        read_corpus([name])
    assert caught.value.message == f"{name} is compressed with gzip" + (" twice" if name.endswith(".gz") else "")
    assert caught.value.hint == "unpack it, and give what is in it"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_packed_pipe_is_measured_by_what_came_of_it(monkeypatch):
    monkeypatch.setattr(reading, "ALWAYS_OPENED", 100)
    os.mkfifo("a.txt.gz")
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(Path("a.txt.gz").write_bytes, gzip.compress(b"tea " * 100))
        assert read_corpus(["a.txt.gz"]).text == "tea " * 100
        written.result()


@pytest.mark.parametrize(("wider", "width"), [("", 1), ("é", 1), ("猫", 2), ("🐈", 4)])
@pytest.mark.parametrize("block", [4096, 1 << 20])
def test_a_text_is_as_large_as_its_widest_character_makes_it(monkeypatch, folder, wider, width, block):
    """A megabyte of Latin letters, then a wider character, on a machine with 1.5, 3 or 6 MB free."""
    monkeypatch.setattr(reading, "BLOCK", block)
    monkeypatch.setattr(reading, "SPARE", 0)
    monkeypatch.setattr(reading, "_ASKED_EVERY", 100_000)
    monkeypatch.setattr(memory, "PROC", folder)
    monkeypatch.setattr(memory, "GROUPS", folder)
    text = "a" * 1_000_000 + wider
    Path("a.txt").write_text(text, encoding="utf-8")
    Path("meminfo").write_text(f"MemAvailable: {width * 1100} kB\n")
    assert read_corpus(["a.txt"]).text == text
    Path("meminfo").write_text(f"MemAvailable: {width * 900} kB\n")
    with pytest.raises(TextError, match=r"^a\.txt is too large: 1 MB were read" if width > 1 else "too large"):
        read_corpus(["a.txt"])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell a process's size")
def test_a_stream_without_an_end_is_refused_before_the_memory_is_full():
    """In a process that may take 900 MB."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    found = subprocess.run([sys.executable, "-c", UNBOUNDED], capture_output=True, text=True, env=environment)
    assert found.stderr == ""
    message, within = found.stdout.splitlines()
    assert message.startswith("standard input is too large: ")
    assert message.endswith(" MB of memory is left for the ids")
    assert within == "True"


def test_of_a_file_that_grows_what_it_had_at_first_is_read(monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 4)
    Path("log.txt").write_bytes(b"0123456789")

    def grow(_):
        with Path("log.txt").open("ab") as log:
            log.write(b"more and more" if log.tell() < 100 else b"")

    assert read_corpus(["log.txt"], on_bytes=grow).text == "0123456789"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has it")
@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("/proc/self/mem", "cannot read /proc/self/mem: "),
        ("/dev/zero", "/dev/zero is a device, not a file"),
        ("/dev/urandom", "/dev/urandom is a device, not a file"),
    ],
)
def test_what_the_system_has_that_is_no_text(file, message):
    with pytest.raises(TextError) as caught:
        read_corpus([file])
    assert caught.value.message.startswith(message)


def test_standard_input_of_zeros():
    with Path("/dev/zero").open("rb") as zeros, pytest.raises(TextError, match="standard input looks binary"):
        read_corpus(["-"], stdin=zeros)


# Ids


@pytest.mark.parametrize("part", [1, 2, 3, 7])
def test_a_text_encoded_in_parts_has_the_same_ids(part, monkeypatch):
    known, with_unknown = Vocabulary(tuple("abc")), Vocabulary((None, *"abc"))
    text = "abcxaßcb😀"
    whole = [known.encode(text, unknown="skip"), with_unknown.encode(text), known.has_id(text)]
    monkeypatch.setattr(vocabulary, "_PART", part)
    found = [known.encode(text, unknown="skip"), with_unknown.encode(text), known.has_id(text)]
    assert [one.tolist() for one in found] == [one.tolist() for one in whole]
    assert whole[0].tolist() == [0, 1, 2, 0, 2, 1]
    assert Vocabulary.from_text(text).characters == tuple(sorted(set(text)))
