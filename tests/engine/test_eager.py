"""The layer, the head and the whole network where torch does more than run them: the numbers are the plain ones."""

import copy
import multiprocessing
import weakref

import pytest
import torch
from layers import (
    DOUBLE,
    FLOAT,
    assert_equal_layers,
    differences,
    engines,
    make,
    make_input,
    resets,
    states_and_gradients,
)

from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.module import CharGRU
from chargru.engine.native import abi, kernels
from chargru.engine.plain import plain_layer, plain_loss
from chargru.errors import SettingError
from chargru.gru.weights import Architecture


def compiled_by_torch(function):
    return torch.compile(function, backend="eager")


def under_autocast(function):
    return torch.autocast("cpu", torch.bfloat16)(function)


# The compiler asks every tensor for .grad; torch hides the warning that follows, but not where warnings are errors.
asks_for_grad = pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
compiling = pytest.param(compiled_by_torch, marks=(asks_for_grad, pytest.mark.slow))
surroundings = pytest.mark.parametrize("surrounded", [compiling, under_autocast])
without_kernels = pytest.mark.skipif(
    not kernels.available(torch.zeros(1)), reason="the head's backward pass is torch's own, which autocast rounds"
)
surroundings_of_the_head = pytest.mark.parametrize(
    "surrounded", [compiling, pytest.param(under_autocast, marks=without_kernels)]
)


@pytest.fixture(autouse=True)
def _fresh():
    """A compiler that has given up on no function, and one thread."""
    torch.compiler.reset()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@engines
@resets
@surroundings
@pytest.mark.parametrize("dense", [False, True])
def test_layer_is_the_plain_one(engine, reset, surrounded, dense):
    weights = make(64, 9)
    x, h_0 = make_input(64, 5, 12, 9, dense=dense)
    plain = states_and_gradients(lambda *a: plain_layer(*a, reset=reset), x, h_0, weights)

    @surrounded
    def both_passes(*a):
        return states_and_gradients(lambda *a: gru_layer(*a, reset=reset, engine=engine), *a)

    assert_equal_layers(both_passes(x, h_0, weights), plain, FLOAT)
    forward = surrounded(lambda *a: gru_layer(*a, reset=reset, engine=engine))
    assert_equal_layers(states_and_gradients(forward, x, h_0, weights), plain, FLOAT)


@engines
def test_what_other_layers_return_under_autocast_is_converted(engine):
    weights = make(17, 9)
    x, h_0 = (t.bfloat16().detach().requires_grad_() for t in make_input(17, 5, 12, 9, dense=True))
    ours = states_and_gradients(under_autocast(lambda *a: gru_layer(*a, engine=engine)), x, h_0, weights)
    plain = states_and_gradients(lambda x, h_0, *a: plain_layer(x.float(), h_0.float(), *a), x, h_0, weights)
    assert [t.dtype for t in ours[0]] == [FLOAT, FLOAT]
    (states, (d_x, d_0, *gradients)), (true_states, (true_d_x, true_d_0, *true_gradients)) = ours, plain
    assert_equal_layers((states, gradients), (true_states, true_gradients), FLOAT)
    assert max(differences([d_x, d_0], [true_d_x, true_d_0])) <= 2**-8


def test_types_that_autocast_does_not_make_are_refused():
    weights = make(6, 4)
    with pytest.raises(SettingError, match=r"h_0 is torch\.bfloat16"):
        gru_layer(torch.tensor([[0, 1]]), torch.zeros(2, 6, dtype=torch.bfloat16), *weights)
    with torch.autocast("cpu", torch.bfloat16), pytest.raises(SettingError, match=r"h_0 is torch\.float64"):
        gru_layer(torch.tensor([[0, 1]]), torch.zeros(2, 6, dtype=DOUBLE), *weights)


def head_input(dtype):
    generator = torch.Generator().manual_seed(3)
    shapes = ((40, 17), (9, 17), (9,))
    tensors = [torch.randn(s, generator=generator, dtype=DOUBLE).to(dtype).requires_grad_() for s in shapes]
    kept = torch.randint(2, (8, 17), generator=generator).to(dtype) * 2
    return tensors, torch.randint(9, (40,), generator=generator), kept


def loss_and_gradients(path, tensors, targets, kept):
    value = path(*tensors, targets, kept)
    return [value.detach(), *torch.autograd.grad(3 * value, tensors)]


@surroundings_of_the_head
@pytest.mark.parametrize(("dtype", "tolerance"), [(FLOAT, 2e-6), (DOUBLE, 1e-13)])
def test_head_is_the_plain_one(surrounded, dtype, tolerance):
    given = head_input(dtype)
    plain = loss_and_gradients(plain_loss, *given)
    both_passes = surrounded(lambda *a: loss_and_gradients(head.loss, *a))
    assert max(differences(both_passes(*given), plain)) <= tolerance
    assert max(differences(loss_and_gradients(surrounded(head.loss), *given), plain)) <= tolerance
    tensors, targets, _ = given
    logits = torch.nn.functional.linear(*tensors)
    nats = torch.nn.functional.cross_entropy(logits, targets, reduction="none").detach()
    assert max(differences([surrounded(head.nats)(*tensors, targets).detach()], [nats])) <= tolerance


def test_head_converts_what_other_layers_return_under_autocast():
    (h, *rest), targets, kept = head_input(FLOAT)
    h, kept = h.detach().bfloat16(), kept.bfloat16()
    value = under_autocast(head.loss)(h, *rest, targets, kept)
    assert abs(float((value - plain_loss(h.float(), *rest, targets, kept.float())).detach())) <= 2e-6


def network(reset="after"):
    """A network of two layers, a window, its targets, and the states before it."""
    torch.manual_seed(4)
    model = CharGRU(Architecture(9, 17, 2, reset))
    ids = torch.randint(9, (13, 5))
    return model, ids[:-1], ids[1:], torch.randn(2, 5, 17)


def by_module(model, *window):
    loss, state = model.loss(*window)
    return [loss.detach(), state.detach(), *torch.autograd.grad(loss, list(model.parameters()))]


def by_equations(model, inputs, targets, state):
    x, last = inputs, []
    for weights, h_0 in zip(model.recurrent.all_weights, state, strict=True):
        x, h_T = plain_layer(x, h_0, *weights, reset=model.architecture.reset)
        last.append(h_T)
    loss = plain_loss(x.flatten(0, 1), model.head.weight, model.head.bias, targets.flatten())
    return [loss.detach(), torch.stack(last).detach(), *torch.autograd.grad(loss, list(model.parameters()))]


@resets
@surroundings_of_the_head
def test_network_is_the_plain_one(reset, surrounded):
    model, *window = network(reset)
    expected = by_equations(model, *window)
    assert max(differences(surrounded(by_module)(model, *window), expected)) <= 1e-5


@pytest.mark.slow
@asks_for_grad
@resets
def test_network_drops_the_same_when_compiled(reset):
    _, *window = network(reset)
    model = CharGRU(Architecture(9, 17, 2, reset), dropout=0.3, weight_drop=0.2)
    results = []
    for run in (by_module, compiled_by_torch(by_module)):
        torch.manual_seed(8)
        results.append(run(model, *window))
    assert max(differences(*results)) == 0


@resets
def test_copies_of_a_network_compute_the_same(reset):
    model, *window = network(reset)
    expected = by_equations(model, *window)
    duplicate = copy.deepcopy(model)
    model.recurrent.weight_hh_l0.data.zero_()  # the copy has weights of its own
    assert max(differences(by_module(duplicate, *window), expected)) <= 1e-5
    inputs, _, state = window
    h, last = copy.deepcopy(duplicate.recurrent)(inputs, state)
    assert max(differences([last.detach()], [expected[1]])) <= 1e-6
    assert torch.equal(h[-1], last[-1])


@resets
def test_network_in_inference_mode(reset):
    model, *window = network(reset)
    loss, state, *_ = by_equations(model, *window)
    with torch.inference_mode():
        ours, ours_state = model.loss(*window)
        nats, _ = model.nats(*window)
    assert max(differences([ours, ours_state, nats.mean()], [loss, state, loss])) <= 1e-6


def in_a_child():
    model, *window = network()
    return differences(by_module(model, *window), by_equations(model, *window))


def test_network_in_a_process_of_a_fork_server():
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        assert max(pool.apply(in_a_child)) <= 1e-5


def test_what_a_struct_points_to_lives_as_long():
    task, tensor = abi.WindowTask(), torch.zeros(3)
    task.point(h=tensor, ids=None)
    alive = weakref.ref(tensor)
    assert (task.h, task.ids) == (tensor.data_ptr(), None)
    del tensor
    assert alive() is not None
    del task
    assert alive() is None
