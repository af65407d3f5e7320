"""The head's loss, by the compiled kernel and in torch's operations, against torch's own in float64."""

import pytest
import torch
from torch.nn import functional

from chargru.errors import SettingError
from chargru.gru import head, kernels

SIZES = [
    (1, 1, 1, 2),
    (7, 1, 3, 5),
    (10, 64, 65, 17),
    (16, 16, 512, 65),
    (3, 50, 33, 5000),
    (64, 3, 48, 32),
    (1, 65, 17, 33),
]
PATHS = {"fast": head.loss, "plain": head.plain_loss}
TOLERANCE = {torch.float32: 2e-6, torch.float64: 1e-13}


def drawn(B, T, H, V, *, dropout):
    """h (N, H), weight, bias, targets and dropout's factors, float64."""
    generator = torch.Generator().manual_seed(B + T + H + V)
    N = B * T
    tensors = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((N, H), (V, H), (V,))]
    targets = torch.randint(0, V, (N,), generator=generator)
    kept = (torch.rand(B, H, generator=generator, dtype=torch.float64) > 0.3) / 0.7 if dropout else None
    return tensors, targets, kept


def expected(tensors, targets, kept):
    """torch's own loss and gradients of three times it."""
    h, weight, bias = (tensor.clone().requires_grad_() for tensor in tensors)
    rows = h if kept is None else h * kept.repeat(len(h) // len(kept), 1)
    value = functional.cross_entropy(functional.linear(rows, weight, bias), targets)
    return [value.detach(), *torch.autograd.grad(3 * value, (h, weight, bias))]


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("B", "T", "H", "V"), SIZES)
def test_loss_and_gradients_are_torch_s(path, dropout, dtype, B, T, H, V):
    tensors, targets, kept = drawn(B, T, H, V, dropout=dropout)
    inputs = [tensor.to(dtype).requires_grad_() for tensor in tensors]
    value = PATHS[path](*inputs, targets, None if kept is None else kept.to(dtype))
    outcome = [value.detach(), *torch.autograd.grad(3 * value, inputs)]
    for ours, theirs in zip(outcome, expected(tensors, targets, kept), strict=True):
        scale = max(1.0, float(theirs.abs().max()))
        assert float((ours - theirs).abs().max()) <= TOLERANCE[dtype] * scale


def test_the_fast_path_is_the_kernel():
    assert kernels.available(torch.zeros(1))
    value = head.loss(torch.zeros(2, 3, requires_grad=True), torch.zeros(4, 3), torch.zeros(4), torch.tensor([0, 3]))
    assert value.grad_fn.name() == "_LossBackward"


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("B", "T", "H", "V"), SIZES)
def test_nats_of_each_target(dtype, B, T, H, V):
    tensors, targets, _ = drawn(B, T, H, V, dropout=False)
    ours = head.nats(*(tensor.to(dtype) for tensor in tensors), targets)
    theirs = functional.cross_entropy(functional.linear(*tensors), targets, reduction="none")
    assert float((ours - theirs).abs().max()) <= TOLERANCE[dtype] * max(1.0, float(theirs.abs().max()))


def test_a_second_backward_pass_gives_the_same():
    tensors, targets, kept = drawn(4, 5, 6, 7, dropout=True)
    inputs = [tensor.requires_grad_() for tensor in tensors]
    value = head.loss(*inputs, targets, kept)
    first, second = (torch.autograd.grad(value, inputs, retain_graph=True) for _ in range(2))
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("targets", [[0, 5], [-1, 0]])
@pytest.mark.parametrize("function", [head.loss, head.nats])
def test_targets_beyond_the_vocabulary_are_refused(function, targets):
    with pytest.raises(SettingError, match="ids run from"):
        function(torch.zeros(2, 3), torch.zeros(5, 3), torch.zeros(5), torch.tensor(targets))


def test_a_score_far_out_stays_finite():
    h = torch.tensor([[1.0]], requires_grad=True)
    value = head.loss(h, torch.tensor([[1e4], [-1e4]]), torch.zeros(2), torch.tensor([1]))
    value.backward()
    assert value.item() == 2e4
    assert h.grad.item() == 2e4


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_shows(bad):
    h = torch.ones(3, 2)
    h[1, 1] = bad
    found = head.nats(h, torch.ones(4, 2), torch.zeros(4), torch.zeros(3, dtype=torch.long))
    assert torch.isfinite(found).tolist() == [True, False, True]
