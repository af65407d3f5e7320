"""The head's loss, by the compiled kernel and in torch's operations, against torch's own in float64."""

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from chargru.engine import head
from chargru.engine.native import head_kernel, kernels
from chargru.engine.plain import plain_loss
from chargru.errors import SettingError

SIZES = [
    (1, 1, 1, 2),
    (7, 1, 3, 5),
    (10, 64, 65, 17),
    (16, 16, 512, 65),
    (3, 50, 33, 5000),
    (64, 3, 48, 32),
    (1, 65, 17, 33),
]
compiled = pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")
PATHS = [pytest.param(head.loss, id="fast", marks=compiled), pytest.param(plain_loss, id="plain")]
TOLERANCE = {torch.float32: 2e-6, torch.float64: 1e-13}


def drawn(B, T, H, V, *, dropout):
    """h (N, H), weight, bias, targets and dropout's factors, float64."""
    generator = torch.Generator().manual_seed(B + T + H + V)
    N = B * T
    tensors = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((N, H), (V, H), (V,))]
    targets = torch.randint(0, V, (N,), generator=generator)
    kept = (torch.rand(B, H, generator=generator) > 0.3).double() / 0.7 if dropout else None
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
    value = path(*inputs, targets, None if kept is None else kept.to(dtype))
    outcome = [value.detach(), *torch.autograd.grad(3 * value, inputs)]
    for ours, theirs in zip(outcome, expected(tensors, targets, kept), strict=True):
        scale = max(1.0, float(theirs.abs().max()))
        assert float((ours - theirs).abs().max()) <= TOLERANCE[dtype] * scale


@compiled
def test_the_fast_path_is_the_kernel():
    value = head.loss(torch.zeros(2, 3, requires_grad=True), torch.zeros(4, 3), torch.zeros(4), torch.tensor([0, 3]))
    assert value.grad_fn.name() == "_LossBackward"


class Allocations(TorchDispatchMode):
    """The shape of every tensor that is made."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor):
            self.shapes.append(tuple(made.shape))
        return made


@pytest.fixture
def five_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(5)
    yield
    torch.set_num_threads(before)


@compiled
@pytest.mark.usefixtures("five_threads")
@pytest.mark.parametrize("copies", [0, 1, 2, 5, 9])
def test_the_gradient_of_w_is_added_up_in_bounded_memory(monkeypatch, copies):
    """Five threads would each take a copy (V, H) of it; more than there is room for are not made, and at least one."""
    B, T, H, V = 16, 16, 96, 200  # H is a multiple of every vector
    monkeypatch.setattr(head_kernel, "GRADIENT_BYTES", copies * V * H * 8 + 7)
    tensors, targets, kept = drawn(B, T, H, V, dropout=True)
    inputs = [tensor.requires_grad_() for tensor in tensors]
    with Allocations() as allocations:
        value = head.loss(*inputs, targets, kept)
    outcome = [value.detach(), *torch.autograd.grad(3 * value, inputs)]
    assert [shape for shape in allocations.shapes if shape[1:] == (V, H)] == [(min(max(copies, 1), 5), V, H)]
    for ours, theirs in zip(outcome, expected([t.detach() for t in tensors], targets, kept), strict=True):
        assert float((ours - theirs).abs().max()) <= 1e-13 * max(1.0, float(theirs.abs().max()))


def test_sixty_four_threads_share_256_mib(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 64)
    copy = 5000 * 1024 * 4
    assert head_kernel._blocks(20_000, copy) == 13
    assert 13 * copy <= head_kernel.GRADIENT_BYTES < 14 * copy
    assert head_kernel._blocks(20_000, 65 * 512 * 4) == 64
    assert head_kernel._blocks(20_000, 0) == 64


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("B", "T", "H", "V"), SIZES)
def test_nats_of_each_target(dtype, B, T, H, V):
    tensors, targets, _ = drawn(B, T, H, V, dropout=False)
    ours = head.nats(*(tensor.to(dtype) for tensor in tensors), targets)
    theirs = functional.cross_entropy(functional.linear(*tensors), targets, reduction="none")
    assert float((ours - theirs).abs().max()) <= TOLERANCE[dtype] * max(1.0, float(theirs.abs().max()))


def test_a_second_backward_pass_gives_the_same_whatever_became_of_the_first():
    tensors, targets, kept = drawn(4, 5, 6, 7, dropout=True)
    inputs = [tensor.requires_grad_() for tensor in tensors]
    value = head.loss(*inputs, targets, kept)
    theirs = expected([tensor.detach() for tensor in tensors], targets, kept)[1:]
    for factor in (1, 3, 1):
        found = torch.autograd.grad(factor * value, inputs, retain_graph=True)
        for ours, three_times in zip(found, theirs, strict=True):
            assert float((ours * 3 / factor - three_times).abs().max()) <= 1e-13
            ours.zero_()


def test_without_gradients_the_loss_is_the_same():
    tensors, targets, kept = drawn(4, 5, 6, 7, dropout=True)
    with torch.no_grad():
        value = head.loss(*(tensor.requires_grad_() for tensor in tensors), targets, kept)
    assert not value.requires_grad
    assert abs(float(value - plain_loss(*tensors, targets, kept).detach())) <= 1e-14


GOOD = {
    "h_NH": torch.zeros(6, 3),
    "weight": torch.zeros(5, 3),
    "bias": torch.zeros(5),
    "targets_N": torch.zeros(6, dtype=torch.long),
    "kept_BH": torch.ones(2, 3),
}


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        ("h_NH", torch.zeros(6), "h has shape"),
        ("h_NH", torch.zeros(0, 3), "h has shape"),
        ("h_NH", torch.zeros(6, 3, dtype=torch.float64), "weight is"),
        ("weight", torch.zeros(5, 4), "weight is"),
        ("bias", torch.zeros(4), "bias is"),
        ("bias", torch.zeros(5, dtype=torch.float64), "bias is"),
        ("targets_N", torch.zeros(3, dtype=torch.long), "targets have shape"),
        ("targets_N", torch.zeros(6), "ids are"),
        ("kept_BH", torch.ones(4, 3), "h has shape"),
        ("kept_BH", torch.ones(2, 2), "kept is"),
    ],
)
def test_what_does_not_fit_is_refused(name, tensor, message):
    head.loss(**GOOD)
    with pytest.raises(SettingError, match=message):
        head.loss(**{**GOOD, name: tensor})


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
