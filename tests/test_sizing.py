"""How large a network a text asks for."""

import pytest

from chargru.sizing import hidden_size


@pytest.mark.parametrize(
    ("characters", "units"),
    [(2, 64), (900, 64), (8_000, 96), (9_000, 96), (27_000, 160), (90_000, 288), (247_000, 512), (10**9, 512)],
)
def test_the_units_grow_with_the_text(characters, units):
    assert hidden_size(characters) == units
