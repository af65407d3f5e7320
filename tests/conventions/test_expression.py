"""Symbols as plain text."""

import pytest

from chargru.conventions.expression import Symbol


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        (Symbol("W", "ir"), "W_ir"),
        (Symbol("U"), "U"),
        (Symbol("h", time=0), "h_0"),
        (Symbol("h", tilde=True, time=34, index=0), "h~_34[0]"),
        (Symbol("gamma", "u", time=34, angled=True, index=9), "gamma_u<34>[9]"),
        (Symbol("c", tilde=True), "c~"),
    ],
)
def test_as_text(symbol, text):
    assert str(symbol) == text
