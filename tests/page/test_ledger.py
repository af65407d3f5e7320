"""Shares of the page against chargru's ledger."""

import carried
import drawn
import numpy as np
import pytest
from carried import READ

from chargru.insight.ledger import ledger

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize(("layer", "step", "force"), [(1, 1, ()), (1, 40, ()), (2, 40, ("z[1]=1@9", "z[0]=0@12"))])
def test_shares_are_those_of_the_ledger(modules, reset, layer, step, force):
    model = drawn.model(layers=2, reset=reset)
    own = ledger(model, step=step, layer=layer, force=force)
    read = f"""{READ}.then((run) =>
        Array.from({{ length: run.H }}, (_, index) => [...shares(run, {layer - 1}, index, {step})]),
    )"""
    shares = modules("run.js", "ledger.js")(read, carried.reading(model, force=force))
    assert np.abs(np.array(shares).T - own.shares).max() < 1e-12
