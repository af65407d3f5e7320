"""How large a network a text asks for."""

import pytest

from chargru.sizing import hidden_size


@pytest.mark.parametrize(
    ("characters", "units"),
    [(2, 64), (39_000, 64), (41_000, 96), (90_000, 192), (180_000, 352), (247_000, 480), (249_000, 512), (10**9, 512)],
)
def test_the_units_grow_with_the_text(characters, units):
    assert hidden_size(characters) == units
