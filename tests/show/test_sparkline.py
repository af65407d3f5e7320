"""A curve in one line."""

import pytest

from chargru.show.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "width", "shown"),
    [
        ([], 9, ""),
        ([2.5], 9, ""),
        ([3.0, 2.0], 9, "▇▁"),
        ([3.0, 2.0], 1, ""),
        ([4.0, 3.0, 2.0, 1.0, 2.0], 9, "▇▅▃▁▃"),
        ([2.0, 2.0, 2.0], 9, "▁▁▁"),
        ([7, 6, 5, 4, 3, 2, 1], 7, "▇▆▅▄▃▂▁"),
        ([8, 6, 4, 2], 2, "▇▁"),
    ],
)
def test_low_is_low_and_the_ends_are_the_ends(values, width, shown):
    assert sparkline(values, width) == shown


def test_more_values_than_cells_are_averaged_and_the_fall_is_seen():
    falling = [2 + 4 / (1 + number) for number in range(200)]
    shown = sparkline(falling, 24)
    assert len(shown) == 24
    assert list(shown) == sorted(shown, reverse=True)
    assert len(set(shown)) >= 4


def test_a_fall_from_a_great_height_does_not_flatten_the_rest():
    shown = sparkline([40.0, 2.5, 2.4, 2.3, 2.2, 2.1, 2.0, 2.1, 2.2], 20)
    assert shown == "▇▃▃▂▂▁▁▁▂"
