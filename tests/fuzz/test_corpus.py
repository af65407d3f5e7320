"""Every input that was a find is tried again, and each target gets new ones, always the same."""

import pytest

from tests.fuzz import mutations
from tests.fuzz.case import Limits, tried
from tests.fuzz.target import corpus, load

TARGETS = load()
OLD = [pytest.param(name, path, id=f"{name}/{path.name}") for name in TARGETS for path in corpus(name)]
MANY = 3
"""So many times more in the slow tests."""
LIMITS = Limits()


def try_cases(name, seed, cases):
    """The first cases of a target; the seeds are among them."""
    target = TARGETS[name]
    seeds = [bytes(one) for one in target.seeds()]
    for number in range(cases):
        data = mutations.case(target, seeds, seed, number)
        find = tried(target, data, LIMITS)
        assert find is None, f"{find.kind}\n{find.details}\n{data[:2000]!r}"


@pytest.mark.parametrize(("name", "path"), OLD)
def test_what_was_found_once_is_as_it_must_be(name, path):
    find = tried(TARGETS[name], path.read_bytes(), LIMITS)
    assert find is None, f"{find.kind}\n{find.details}"


@pytest.mark.parametrize("name", TARGETS)
def test_some_cases_of_each_target(name):
    try_cases(name, 14, TARGETS[name].cases)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_cases_of_each_target(name):
    try_cases(name, 15, MANY * TARGETS[name].cases)
