"""The next character: drawn as often as its probability says, the likeliest at temperature 0."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow

DRAWN = """(() => {
    const random = randomFrom(data.seed);
    const logs = Float64Array.from(data.p, Math.log);
    const options = { temperature: data.temperature, random, unknown: data.unknown };
    return Array.from({ length: data.count }, () => nextCharacter(logs, options));
})()"""


@pytest.fixture
def drawn(modules):
    run = modules("draw.js")

    def draw(p, temperature=1, seed=1, count=40_000, unknown=-1):
        given = {"p": p, "temperature": temperature, "seed": seed, "count": count, "unknown": unknown}
        return run(DRAWN, given)

    return draw


@pytest.mark.parametrize("temperature", [0.5, 1, 2])
def test_characters_come_as_often_as_their_probability_says(drawn, temperature):
    p = np.array([0.5, 0.25, 0.2, 0.04, 0.01, 0.0])
    expected = p ** (1 / temperature) / (p ** (1 / temperature)).sum()
    found = np.bincount(drawn(p.tolist(), temperature), minlength=6) / 40_000
    assert np.abs(found - expected).max() < 4 * 0.5 / np.sqrt(40_000)
    assert found[5] == 0


def test_at_temperature_0_it_is_the_likeliest_and_of_equals_the_first(drawn):
    assert drawn([0.2, 0.4, 0.4], temperature=0, count=3) == [1, 1, 1]


@pytest.mark.parametrize("temperature", [0, 1])
def test_the_unknown_symbol_is_never_drawn(drawn, temperature):
    assert set(drawn([0.998, 0.001, 0.001], temperature, unknown=0)) <= {1, 2}


def test_the_same_seed_gives_the_same_text_and_another_seed_another(drawn):
    first, again, other = (drawn([0.5, 0.5], seed=seed, count=200) for seed in (7, 7, 8))
    assert first == again
    assert sum(a != b for a, b in zip(first, other, strict=True)) > 60


def test_random_numbers_fill_the_interval_evenly(modules):
    run = modules("draw.js")
    found = np.array(run("(() => { const f = randomFrom(3); return Array.from({ length: 50000 }, f); })()"))
    assert found.min() >= 0
    assert found.max() < 1
    assert np.abs(np.bincount((found * 20).astype(int), minlength=20) / 50_000 - 0.05).max() < 0.005
    assert len(set(found)) == 50_000
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.02
