"""What changed between two runs, on probabilities that one can follow by hand."""

import pytest

pytestmark = pytest.mark.slow

BEFORE = [0.5, 0.3, 0.1, 0.1, 0.0]
AFTER = [0.4, 0.1, 0.1, 0.15, 0.25]


@pytest.fixture
def effect(modules):
    run = modules("effect.js")
    return lambda expression: run(expression, [BEFORE, AFTER])


def test_the_probability_that_moved_is_half_the_sum_of_all_changes(effect):
    """0.1 + 0.2 + 0 + 0.05 + 0.25 is 0.6."""
    assert abs(effect("probabilityMoved(...data)") - 0.3) < 1e-15


@pytest.mark.parametrize(
    ("order", "id_"), [("data", 4), ("data.toReversed()", 4), ("data.map(one => one.slice(0, 4))", 1)]
)
def test_the_largest_change_counts_whether_more_or_less(effect, order, id_):
    assert effect(f"mostChanged(...{order})") == id_


def test_the_likeliest_before_or_after_come_first(effect):
    assert effect("likeliestOfBoth(...data, 4).map(one => [one.id, one.before, one.after])") == [
        [0, 0.5, 0.4],
        [1, 0.3, 0.1],
        [4, 0.0, 0.25],
        [3, 0.1, 0.15],
    ]
