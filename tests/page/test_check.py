"""The largest difference that the page reports: of every value it was given, and never hidden."""

import carried
import drawn
import numpy as np
import pytest
from carried import READ

from chargru.insight.trace import VALUES, trace

pytestmark = pytest.mark.slow

STEPS = (1, 7, 30)


def given(model, **changed):
    """As the payload has it; one number of an array of the top layer is changed by `changed`."""
    traced = trace(model, steps=STEPS)
    arrays = [{name: getattr(cell, name).copy() for name in VALUES} for cell in traced.layers]
    p = trace(model, steps=[step - 1 for step in STEPS[1:]])
    bits = np.array([np.nan, *(-np.log2(p.probability_of_next(position)) for position in range(2))])
    for name, value in changed.items():
        (bits if name == "bits" else arrays[-1][name][1])[2] += value
    layers = [{name: carried.base64_of(values) for name, values in layer.items()} for layer in arrays]
    return {"steps": STEPS, "layers": layers, "bits": carried.base64_of(bits)}


@pytest.fixture
def check(modules):
    run = modules("run.js", "check.js")
    model = drawn.model(layers=2)

    def compare(**changed):
        data = carried.reading(model, given=given(model, **changed))
        return run(f"{READ}.then((run) => largestDifference(run, data.given))", data)

    return compare


def test_every_value_is_compared_and_equal(check):
    found = check()
    assert found["difference"] < 1e-12
    assert found["values"] == 2 * len(VALUES) * 3 * 6 + 2


@pytest.mark.parametrize("name", [*VALUES, "bits"])
def test_one_value_that_is_off_is_seen(check, name):
    assert check(**{name: -0.125})["difference"] == pytest.approx(0.125, abs=1e-12)


@pytest.mark.parametrize("name", ["h", "bits"])
def test_what_is_no_number_is_an_endless_difference(check, name):
    assert check(**{name: np.nan})["difference"] == np.inf
