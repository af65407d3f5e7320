"""Threads of NumPy's products: set, put back, the same bits, and two only while they are quicker."""

import numpy as np
import pytest
from drawn import model

from chargru.gru import numpy_threads
from chargru.sampling import sample

pytestmark = pytest.mark.skipif(numpy_threads._calls() is None, reason="NumPy's BLAS is not OpenBLAS")


def now():
    return numpy_threads._calls()[0]()


@pytest.fixture
def two_threads():
    """OpenBLAS may use two threads, however many the machine has."""
    get, set_ = numpy_threads._calls()
    before = get()
    set_(2)
    yield
    set_(before)


@pytest.mark.usefixtures("two_threads")
def test_the_number_is_put_back_even_after_an_error():
    with pytest.raises(ZeroDivisionError), numpy_threads.threads(1):
        _ = 1 / (now() - 1)
    assert now() == 2


@pytest.mark.usefixtures("two_threads")
def test_never_more_threads_than_before():
    with numpy_threads.threads(1), numpy_threads.threads(2):
        assert now() == 1


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("H", [64, 300, 512, 513, 1000])
def test_rows_in_multiples_of_16_give_the_same_bits(H):
    generator = np.random.default_rng(0)
    product = generator.standard_normal((3 * H + -3 * H % 16, H)).astype(np.float32)
    h = generator.standard_normal(H).astype(np.float32)
    with numpy_threads.threads(1):
        one = product @ h
    assert np.array_equal(one, product @ h)


@pytest.mark.usefixtures("two_threads")
def test_a_text_does_not_depend_on_the_threads(monkeypatch):
    drawn = model(units=320, scale=1.0)
    one = sample(drawn, length=200)
    monkeypatch.setattr(numpy_threads.Pace, "_took", lambda pace, *_: setattr(pace, "_rest", 0))
    monkeypatch.setattr(numpy_threads, "LARGE", 0)
    assert sample(drawn, length=200) == one


class Clock:
    """A clock that a block moves on by what it takes."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def paced(monkeypatch):
    """Runs blocks under a Pace with a clock: paced(seconds of a block by threads, how many blocks, size)."""
    clock = Clock()
    monkeypatch.setattr(numpy_threads.time, "perf_counter", clock)

    def run(takes, blocks, size=numpy_threads.LARGE):
        pace, used = numpy_threads.Pace(size), []
        for _ in range(blocks):
            with pace.block(1):
                used.append(now())
                clock.time += takes[used[-1]]
        return used

    return run


@pytest.mark.usefixtures("two_threads")
def test_two_threads_stay_while_they_are_quicker(paced):
    assert paced({1: 1.0, 2: 0.6}, 6) == [1, 2, 2, 2, 2, 2]


@pytest.mark.usefixtures("two_threads")
def test_slower_threads_are_tried_ever_more_seldom(paced):
    used = paced({1: 1.0, 2: 50.0}, 200)
    assert [block for block, count in enumerate(used) if count == 2] == [1, 66, 195]


@pytest.mark.usefixtures("two_threads")
def test_small_products_stay_on_one_thread(paced):
    assert paced({1: 1.0, 2: 0.1}, 5, size=numpy_threads.LARGE - 1) == [1] * 5
