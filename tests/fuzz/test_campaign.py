"""That a campaign finds what is planted: an exception, a hang, memory, a file outside, a crash; and makes it short."""

import os
import random
import signal
import tempfile
import time
from pathlib import Path

import pytest

from chargru.errors import ChargruError
from tests.fuzz import mutations
from tests.fuzz.campaign import Campaign
from tests.fuzz.case import Limits, tried
from tests.fuzz.shrink import shrunk
from tests.fuzz.target import Target

QUICK = Limits(seconds=0.3, memory=64 << 20)
SEEDS = (b"some words, and a length: \x08\x00\x00\x00", b"others")


def target(feed, change=None):
    return Target("planted", lambda: SEEDS, feed, change)


def fails(data, _folder):
    if b"\xff" in data:
        raise KeyError("planted")
    raise ChargruError("as it must be")


def hangs(_data, _folder):
    while True:
        pass


def waits(_data, folder):
    os.mkfifo(folder / "fifo")
    (folder / "fifo").read_bytes()


def eats(data, _folder):
    len(bytearray(200 << 20)) + len(data)


def writes(_data, folder):
    (folder / ".." / "outside").write_bytes(b"")


def links(_data, folder):
    (folder.parent / f"{folder.name}-link").symlink_to(folder)


def starts(_data, _folder):
    os.system("true")


def inside(data, folder):
    (folder / "a").mkdir()
    (folder / "a" / "b").write_bytes(data)
    (folder / "a" / "b").rename(folder / "c")


def dies(data, _folder):
    if b"\xff" in data:
        os.kill(os.getpid(), signal.SIGKILL)


def stands(data, _folder):
    if b"\xff" in data:
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGPROF, signal.SIGALRM))
        time.sleep(1000)


@pytest.mark.parametrize(
    ("feed", "kind"),
    [
        (hangs, "TooLong tests/fuzz/test_campaign.py:hangs"),
        (waits, "TooLong "),
        (eats, "takes too much memory"),
        (writes, "open outside its folder: "),
        (links, "os.symlink outside its folder: "),
        (starts, "os.system "),
    ],
)
def test_one_case_that_does_what_it_must_not_is_a_find(feed, kind):
    find = tried(target(feed), b"", Limits(seconds=5, memory=QUICK.memory) if feed is eats else QUICK)
    assert find is not None
    assert find.kind.startswith(kind)


def test_what_is_outside_is_refused():
    at = Path(tempfile.gettempdir(), "outside")
    at.unlink(missing_ok=True)
    tried(target(writes), b"", QUICK)
    assert not at.exists()


def test_one_case_that_keeps_the_rules_is_none():
    assert tried(target(inside), b"text", QUICK) is None


@pytest.mark.parametrize(
    ("feed", "kind"),
    [
        (fails, "KeyError "),
        (dies, "ends the interpreter with -9"),
        (stands, "hangs where no signal reaches it"),
    ],
)
def test_a_campaign_finds_one_byte_and_goes_on(feed, kind):
    campaign = Campaign({"planted": target(feed)}, limits=Limits(seconds=0.1), own=True, patience=0.4).run(60, most=90)
    assert [find.kind[: len(kind)] for find in campaign.finds.values()] == [kind]
    assert b"\xff" in next(iter(campaign.finds.values())).data
    assert campaign.cases == {"planted": 90}


def test_a_find_is_made_short_and_kept(tmp_path):
    campaign = Campaign({"planted": target(fails)}, limits=QUICK, own=True, corpus=tmp_path).run(60, most=300)
    (find,) = campaign.finds.values()
    assert find.data == b"\xff"
    (path,) = (tmp_path / "planted").iterdir()
    assert path.read_bytes() == b"\xff"


def test_what_must_stay_stays_when_it_is_made_short():
    assert shrunk(b"x" * 5000 + b"ab" + b"y" * 3000, lambda data: b"ab" in data) == b"ab"


def test_the_same_seed_tries_the_same_cases():
    one, same, other = (
        [mutations.case(target(fails), SEEDS, seed, number) for number in range(500)] for seed in (1, 1, 2)
    )
    assert one == same
    assert sum(a != b for a, b in zip(one, other, strict=True)) > 300
    assert one[:2] == list(SEEDS)


def test_every_length_comes():
    seed = bytes(range(40))
    cut = {mutations.case(Target("", lambda: (), fails), [seed], 0, 16 * length) for length in range(1, 41)}
    assert {seed[:length] for length in range(1, 41)} == cut


def test_a_mutation_of_the_target_is_used_for_half_of_the_cases():
    own = target(fails, lambda rng, _data: b"own" + bytes([rng.randrange(256)]))
    made = [mutations.case(own, SEEDS, 0, number).startswith(b"own") for number in range(2000)]
    assert 0.35 < sum(made) / 2000 < 0.55


def test_every_mutation_gives_bytes_of_anything():
    rng = random.Random(0)
    for mutation in set(mutations.MUTATIONS):
        for data in (b"", b"\0", b"12 and 13", bytes(100)):
            assert isinstance(mutation(rng, data, b"other"), bytes), (mutation, data)
