"""Numbers as bytes and as text: the page's are Python's."""

import math
import struct

import carried
import numpy as np
import pytest

pytestmark = pytest.mark.slow

FIXED = "data.map(([value, digits]) => fixed(value, digits))"


@pytest.fixture
def run(modules):
    return modules("numbers.js")


def both(run, values, digits):
    """What the page and what Python writes, where they differ."""
    pairs = [(value, count) for value in values for count in digits]
    found = run(FIXED, [[value, count] for value, count in pairs])
    return [(pair, ours) for pair, ours in zip(pairs, found, strict=True) if ours != format(pair[0], f"z.{pair[1]}f")]


def test_random_values_are_written_as_python_writes_them(run):
    drawn = np.random.default_rng(0)
    values = np.concatenate(
        [drawn.uniform(-2, 2, 20_000), drawn.normal(size=5_000) * 10.0 ** drawn.integers(-9, 25, 5_000)]
    )
    assert both(run, values.tolist(), (0, 2, 4, 6)) == []


def test_ties_go_to_the_even_digit(run):
    ties = [k / 2**power for power in range(1, 12) for k in range(-75, 76)]
    assert run(FIXED, [[0.5, 0], [1.5, 0], [2.5, 0], [-2.5, 0], [0.03125, 4], [0.09375, 4]]) == [
        "0", "2", "2", "-2", "0.0312", "0.0938",
    ]  # fmt: skip
    assert both(run, ties, range(8)) == []


def test_what_rounds_to_zero_has_no_sign_and_what_is_no_number_its_name(run):
    values = [-0.0, -0.00001, -0.4, 1e300, -1e21, 5e-324, math.inf, -math.inf, math.nan]
    assert run(FIXED, [[value, 4] for value in (-0.0, -0.00001, math.inf, -math.inf, math.nan)]) == [
        "0.0000", "0.0000", "inf", "-inf", "nan",
    ]  # fmt: skip
    assert both(run, values, (0, 1, 4)) == []


@pytest.mark.parametrize("precision", ["float64", "float32", "float16"])
def test_bytes_are_the_numbers_that_numpy_wrote(run, precision):
    values = np.random.default_rng(1).normal(size=1000).astype(precision)
    values[:4] = [0.0, math.inf, -math.inf, -1.5]
    found = run(f"Array.from(decodeFloats(data, '{precision}'))", carried.base64_of(values, values.dtype.str))
    assert found == values.astype(float).tolist()


def test_every_number_of_16_bits(run):
    every = np.arange(65536, dtype="<u2").view("<f2")
    found = np.array(run("Array.from(decodeFloats(data, 'float16'))", carried.base64_of(every, "<f2")))
    expected = every.astype(float)
    np.testing.assert_array_equal(found, expected)
    assert struct.pack("<d", found[0x8000]) == struct.pack("<d", -0.0)


def test_bytes_that_end_within_a_number_are_refused(run):
    with pytest.raises(Exception, match="the bytes end within a float64"):
        run("decodeFloats(data, 'float64')", carried.base64_of([1.0], "<f4"))
