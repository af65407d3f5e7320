"""What is too large for this machine is refused before it is made."""

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru import memory
from chargru.errors import SettingError


def test_what_fits_is_let_through():
    memory.require(0, "nothing", "")
    memory.require(memory.free() // 2, "half of it", "")


def test_what_does_not_fit_is_refused_with_both_figures():
    with pytest.raises(SettingError) as caught:
        memory.require(10**15, "a trace of all", "ask for less")
    assert caught.value.message.startswith("a trace of all needs 1,000,000.0 GB of memory, but only ")
    assert caught.value.message.endswith(" GB is free")
    assert caught.value.hint == "ask for less"


@pytest.mark.parametrize("call", [chargru.trace, chargru.gates])
def test_steps_without_number_are_refused_before_one_is_kept(call):
    with pytest.raises(SettingError, match="keeping 1,000,000,000,000 steps at once needs"):
        call(model(), TEXT, steps=range(1, 10**12 + 1))


def test_the_likeliest_of_a_large_vocabulary_are_those_of_a_whole_sort():
    traced = chargru.trace(model(), TEXT, steps=[1, 5])
    p = traced.next_probabilities(1)
    characters = traced.model.vocabulary.characters
    expected = [id_ for id_ in np.argsort(-p, kind="stable") if characters[id_] is not None][:5]
    assert traced.likeliest(1) == [(characters[id_], p[id_]) for id_ in expected]


def test_free_memory_heeds_a_limit():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = 64 << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        assert 0 < memory.free() < limit
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
