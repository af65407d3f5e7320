"""What is too large for this machine is refused before it is made."""

import mmap

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru import memory
from chargru.errors import SettingError


@pytest.fixture
def little(tmp_path, monkeypatch):
    """A function that makes the machine's free memory so many bytes, and has all memory asked for."""
    monkeypatch.setattr(memory, "PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "groups")
    monkeypatch.setattr(memory, "SMALL", 0)

    def says(n_bytes):
        write(memory.PROC / "meminfo", f"MemTotal: 99999999 kB\nMemAvailable: {n_bytes // 1024} kB\n")

    return says


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_what_fits_is_let_through(little):
    little(10_240_000)
    memory.require(0, "nothing", "")
    memory.require(10_240_000, "all of it", "")
    with pytest.raises(SettingError):
        memory.require(10_240_001, "a byte more", "")


@pytest.mark.skipif(memory.free() is None, reason="the system does not say what is free")
def test_half_of_what_is_free_fits():
    memory.require(memory.free() // 2, "half of it", "")


def test_what_does_not_fit_is_refused_with_both_figures(little):
    little(10_240_000)
    with pytest.raises(SettingError) as caught:
        memory.require(10**15, "a trace of all", "ask for less")
    assert caught.value.message == "a trace of all needs 1,000,000.0 GB of memory, but only 0.0 GB is free"
    assert caught.value.hint == "ask for less"


@pytest.mark.parametrize("call", [chargru.trace, chargru.gates])
def test_steps_without_number_are_refused_before_one_is_kept(call):
    with pytest.raises(SettingError, match="keeping 1,000,000,000,000 steps at once needs"):
        call(model(), TEXT, steps=range(1, 10**12 + 1))


@pytest.mark.parametrize(
    ("call", "given", "what", "n_bytes"),
    [
        (chargru.trace, {"steps": range(1, 51)}, "a trace of 50 steps with 200 units", 50 * 200 * 17 * 8),
        (chargru.trace, {"steps": range(1, 51), "force": ["z=1"]}, "a trace of 100 steps with 200", 100 * 200 * 17 * 8),
        (chargru.gates, {"steps": range(1, 51)}, "a map of 50 steps", 8 * 200 * 50),
        (chargru.gates, {"match": "[aeiou]"}, f"a map of {len(TEXT)} steps with {len(TEXT)} compared", None),
    ],
)
def test_the_arrays_of_the_steps_must_fit(little, call, given, what, n_bytes):
    little(100_000 if n_bytes is None else n_bytes // 1024 * 1024)
    with pytest.raises(SettingError, match=f"{what}.* needs"):
        call(model(layers=2, units=100), TEXT, **given)
    if n_bytes is not None:
        little(n_bytes + 1024)
        call(model(layers=2, units=100), TEXT, **given)


def test_the_likeliest_of_a_large_vocabulary_are_those_of_a_whole_sort():
    traced = chargru.trace(model(), TEXT, steps=[1, 5])
    p = traced.next_probabilities(1)
    characters = traced.model.vocabulary.characters
    expected = [id_ for id_ in np.argsort(-p, kind="stable") if characters[id_] is not None][:5]
    assert traced.likeliest(1) == [(characters[id_], p[id_]) for id_ in expected]


def test_free_memory_heeds_a_limit(little, monkeypatch):
    resource = pytest.importorskip("resource")
    little(64 << 30)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (32 << 30, 32 << 30))
    write(memory.PROC / "self" / "statm", "1000 10 1 1 0 1 0\n")
    assert memory.free() == (32 << 30) - 1000 * mmap.PAGESIZE
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert memory.free() == 64 << 30


@pytest.mark.parametrize("limited", ["a/b", "a", "."])
def test_free_memory_heeds_the_control_group_and_those_above_it(little, limited):
    little(1 << 30)
    write(memory.PROC / "self" / "cgroup", "12:pids:/x\n0::/a/b\n")
    write(memory.GROUPS / "a/b" / "memory.max", "max\n")
    for name, text in (("max", "5000\n"), ("current", "4000\n"), ("stat", "anon 7\nfile 300\nfile_mapped 20\n")):
        write(memory.GROUPS / limited / f"memory.{name}", text)
    assert memory.free() == 5000 - 4000 + 300


def test_free_memory_heeds_the_first_version_of_control_groups(little):
    little(1 << 30)
    files = {"limit_in_bytes": "5000\n", "usage_in_bytes": "4000\n", "stat": "cache 1\ntotal_cache 300\n"}
    for name, text in files.items():
        write(memory.GROUPS / "memory" / f"memory.{name}", text)
    assert memory.free() == 5000 - 4000 + 300
