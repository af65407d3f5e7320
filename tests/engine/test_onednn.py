"""oneDNN's products equal torch's, and what it does not take is left to torch."""

import pytest
import torch

from chargru.engine import onednn


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("biased", [False, True])
def test_product_equals_torch(rows, biased):
    generator = torch.Generator().manual_seed(0)
    x, weight, bias = (torch.randn(s, generator=generator) for s in ((rows, 300), (170, 200), (170,)))
    ours = onednn.linear(x[:, 100:], weight, bias if biased else None)
    exact = x[:, 100:].double() @ weight.double().t() + (bias if biased else 0)
    assert (ours - exact).abs().max() < 1e-4


def test_packed_weight_is_a_copy():
    weight = torch.ones(200, 200)
    product = onednn.packed_linear(weight, 64)
    if product is None:
        pytest.skip("this build of torch has no oneDNN")
    weight.zero_()
    assert torch.equal(product(torch.ones(4, 200), None), torch.full((4, 200), 200.0))


@pytest.mark.parametrize("weight", [torch.ones(200, 200, dtype=torch.float64), torch.ones(10, 10)])
def test_other_weights_are_left_to_torch(weight):
    assert onednn.packed_linear(weight, 64) is None
