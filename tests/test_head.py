"""The head's loss against torch's own linear and cross_entropy."""

import pytest
import torch
from torch.nn import functional

from chargru.gru import head


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-13)])
@pytest.mark.parametrize(("N", "H", "V"), [(1, 1, 2), (7, 3, 5), (640, 65, 17), (256, 512, 65)])
def test_loss_and_gradients_are_torch_s(dtype, tolerance, N, H, V):
    generator = torch.Generator().manual_seed(N + H + V)
    drawn = [torch.randn(shape, generator=generator, dtype=dtype) for shape in ((N, H), (V, H), (V,))]
    targets = torch.randint(0, V, (N,), generator=generator)
    outcomes = []
    for loss in (head.loss, lambda h, w, b, t: functional.cross_entropy(functional.linear(h, w, b), t)):
        inputs = [value.clone().requires_grad_() for value in drawn]
        value = loss(*inputs, targets)
        (3 * value).backward()
        outcomes.append([value.detach(), *(tensor.grad for tensor in inputs)])
    for ours, theirs in zip(*outcomes, strict=True):
        scale = max(1.0, float(theirs.abs().max()))
        assert float((ours - theirs).abs().max()) <= tolerance * scale


def test_a_score_far_out_stays_finite():
    h = torch.tensor([[1.0]], requires_grad=True)
    value = head.loss(h, torch.tensor([[1e4], [-1e4]]), torch.zeros(2), torch.tensor([1]))
    value.backward()
    assert value.item() == 2e4
    assert h.grad.item() == 2e4
