"""Which engine runs a layer and the head: the first of the tuple that can."""

import pytest
import torch
from layers import FLOAT, make, make_input, states_and_gradients

from chargru.engine import engines, head
from chargru.engine.engines import ENGINES, TorchOperations, choose
from chargru.engine.layer import gru_layer
from chargru.engine.native import kernels
from chargru.errors import SettingError

HAS_COMPILER = kernels.available(torch.zeros(1))


class Recording(TorchOperations):
    """An engine as somebody may add it: torch's operations on float32, and what it was asked for."""

    name = "recording"

    def __init__(self):
        self.asked = []

    def available(self, like):
        return like.dtype == FLOAT

    def __getattribute__(self, name):
        if name in ("forward", "backward", "scatter", "outer_products", "loss", "nats"):
            self.asked.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def first(monkeypatch):
    """A new engine, put first in the tuple."""
    engine = Recording()
    monkeypatch.setattr(engines, "ENGINES", (engine, *ENGINES))
    return engine


def drawn_head(dtype):
    shapes = ((6, 3), (4, 3), (4,))
    return *(torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes), torch.arange(6) % 4


def test_the_first_that_can_is_chosen(first):
    like = torch.zeros(1)
    assert choose("auto", like) is first
    assert choose("recording", like) is first
    assert choose("auto", like.double()) is (ENGINES[0] if HAS_COMPILER else ENGINES[1])
    assert [choose(name, like.half()).name for name in ("auto", "torch")] == ["torch", "torch"]


def test_a_new_engine_runs_layer_and_head(first):
    weights, given = make(3, 5), make_input(3, 2, 4, 5)
    ours = states_and_gradients(gru_layer, *given, weights)
    assert first.asked == ["forward", "backward", "scatter", "outer_products"]
    by_torch = states_and_gradients(lambda *a: gru_layer(*a, engine="torch"), *given, weights)
    for one, other in zip((*ours[0], *ours[1]), (*by_torch[0], *by_torch[1]), strict=True):
        assert torch.equal(one, other)
    first.asked.clear()
    head.loss(*drawn_head(FLOAT))
    head.nats(*drawn_head(FLOAT))
    assert first.asked == ["loss", "nats"]


def test_what_it_cannot_run_goes_to_the_next(first):
    gru_layer(*make_input(3, 2, 4, 5, torch.float64), *make(3, 5, torch.float64))
    head.loss(*drawn_head(torch.float64))
    assert first.asked == []


def test_every_engine_is_named_where_a_name_is_wrong(first):
    with pytest.raises(SettingError) as caught:
        choose("fast", torch.zeros(1))
    assert (caught.value.message, caught.value.hint) == (
        "no engine 'fast'",
        "choose auto, recording, compiled or torch",
    )
    with pytest.raises(SettingError) as caught:
        choose(first.name, torch.zeros(1, dtype=torch.float64))
    assert caught.value.message == "no recording layer for torch.float64 on cpu"
