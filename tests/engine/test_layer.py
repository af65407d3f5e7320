"""One layer over a window: both engines against the plain equations and torch.nn.GRU."""

import functools
import gc
import weakref

import numpy as np
import pytest
import torch
from layers import (
    DOUBLE,
    FLOAT,
    assert_equal_layers,
    differences,
    engines,
    forced,
    make,
    make_input,
    nn_gru,
    resets,
    states_and_gradients,
)

from chargru.engine import window
from chargru.engine.engines import choose
from chargru.engine.layer import gru_layer
from chargru.engine.native import kernels
from chargru.engine.plain import plain_layer
from chargru.errors import SettingError

# H, B, T, size of the input: vectors and tiles with a rest, one lane, one step; 176 is packed for oneDNN
SIZES = [
    (1, 1, 1, 2),
    (3, 5, 7, 2),
    (17, 1, 12, 50),
    (65, 15, 1, 2),
    (65, 19, 9, 50),
    (48, 24, 30, 65),
    (176, 9, 4, 20),
]


@pytest.fixture(autouse=True)
def _one_thread():
    """What a test asserts does not depend on threads, its time on a busy machine does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@engines
@resets
@pytest.mark.parametrize("dtype", [FLOAT, DOUBLE])
@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(("hidden", "lanes", "steps", "size"), SIZES)
def test_equals_plain_equations(engine, reset, dtype, dense, hidden, lanes, steps, size):
    weights = make(hidden, size, dtype)
    x, h_0 = make_input(hidden, lanes, steps, size, dtype, dense)
    ours = states_and_gradients(lambda *a: gru_layer(*a, reset=reset, engine=engine), x, h_0, weights)
    plain = states_and_gradients(lambda *a: plain_layer(*a, reset=reset), x, h_0, weights)
    assert_equal_layers(ours, plain, dtype)


@engines
@pytest.mark.parametrize("dtype", [FLOAT, DOUBLE])
@pytest.mark.parametrize(("hidden", "lanes", "steps", "size"), [*SIZES, (17, 4, 3, 5000)])
def test_equals_nn_gru(engine, dtype, hidden, lanes, steps, size):
    weights = make(hidden, size, dtype)
    x, h_0 = make_input(hidden, lanes, steps, size, dtype)
    ours = states_and_gradients(lambda *a: gru_layer(*a, engine=engine), x, h_0, weights)
    assert_equal_layers(ours, states_and_gradients(nn_gru, x, h_0, weights), dtype)


@engines
@resets
def test_gradient_by_finite_differences(engine, reset):
    weights = make(5, 3, DOUBLE)
    x, h_0 = make_input(5, 2, 4, 3, DOUBLE, dense=True)
    assert torch.autograd.gradcheck(lambda *a: gru_layer(*a, reset=reset, engine=engine), (x, h_0, *weights))


@engines
@resets
@pytest.mark.parametrize("dense", [False, True])
def test_without_gradients_states_are_the_same(engine, reset, dense):
    weights = make(33, 7)
    x, h_0 = make_input(33, 9, 6, 7, dense=dense)
    h, last = gru_layer(x, h_0, *weights, reset=reset, engine=engine)
    for context in (torch.no_grad, torch.inference_mode):
        with context():
            again, last_again = gru_layer(x, h_0, *weights, reset=reset, engine=engine)
        assert torch.equal(h, again)
        assert torch.equal(last, last_again)


@engines
def test_only_the_last_state_is_used(engine):
    weights = make(6, 4)
    x, h_0 = make_input(6, 3, 5, 4)
    ours, plain = (
        torch.autograd.grad(run(x, h_0, *weights)[1].sum(), [h_0, *weights])
        for run in (lambda *a: gru_layer(*a, engine=engine), plain_layer)
    )
    assert max(differences(ours, plain)) <= 1e-5


@engines
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32])
def test_ids_of_any_integer_type(engine, dtype):
    weights = make(4, 9)
    x, h_0 = make_input(4, 3, 5, 9)
    assert torch.equal(
        gru_layer(x.to(dtype), h_0, *weights, engine=engine)[0], gru_layer(x, h_0, *weights, engine=engine)[0]
    )


@engines
def test_operands_need_not_be_contiguous(engine):
    weights = make(20, 9)
    x, h_0 = make_input(20, 6, 5, 9)
    h, _ = gru_layer(x, h_0, *weights, engine=engine)
    scattered = [torch.stack((t, t), -1)[..., 0] for t in weights]
    again, _ = gru_layer(x.t().contiguous().t(), torch.stack((h_0, h_0), -1)[..., 0], *scattered, engine=engine)
    assert torch.equal(h, again)


@engines
@resets
def test_windows_alive_at_once_keep_their_own_rows(engine, reset):
    weights = make(18, 6)
    inputs = [make_input(18, 4, 5, 6, seed=seed) for seed in (1, 2)]
    both = [gru_layer(x, h_0, *weights, reset=reset, engine=engine)[0] for x, h_0 in inputs]
    together = [torch.autograd.grad(h.square().sum(), weights) for h in both]
    for (x, h_0), gradients in zip(inputs, together, strict=True):
        alone = torch.autograd.grad(gru_layer(x, h_0, *weights, reset=reset, engine=engine)[0].square().sum(), weights)
        assert all(torch.equal(a, b) for a, b in zip(alone, gradients, strict=True))


@engines
@resets
def test_second_backward_pass_gives_the_same(engine, reset):
    weights = make(18, 6)
    x, h_0 = make_input(18, 4, 5, 6)
    loss = gru_layer(x, h_0, *weights, reset=reset, engine=engine)[0].square().sum()
    first, second = (torch.autograd.grad(loss, [h_0, *weights], retain_graph=True) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@engines
def test_state_gradient_flows_through_two_windows(engine):
    weights = make(10, 6)
    x, h_0 = make_input(10, 4, 8, 6)

    def halves(*a):
        first, middle = gru_layer(x[:3], h_0, *a[2:], engine=engine)
        second, last = gru_layer(x[3:], middle, *a[2:], engine=engine)
        return torch.cat((first, second)), last

    whole = states_and_gradients(lambda *a: gru_layer(*a, engine=engine), x, h_0, weights)
    assert_equal_layers(states_and_gradients(halves, x, h_0, weights), whole, FLOAT)


@engines
def test_graph_without_backward_is_freed(engine):
    weights = make(10, 6)
    x, h_0 = make_input(10, 4, 8, 6)
    h, last = gru_layer(x, h_0, *weights, engine=engine)
    alive = weakref.ref(h.grad_fn)
    del h, last
    gc.collect()
    assert alive() is None


@engines
@resets
def test_one_lane_s_state_may_have_any_stride(engine, reset):
    """Of one row, torch calls (1, H) contiguous whatever the stride from row to row."""
    weights, (x, h_0) = make(18, 6), make_input(18, 1, 5, 6)
    run = functools.partial(gru_layer, reset=reset, engine=engine)
    column = h_0.detach()[0, :, None].t().requires_grad_()
    assert column.stride() != h_0.stride()
    ours, plain = (states_and_gradients(run, x, start, weights) for start in (column, h_0))
    assert max(differences((*ours[0], *ours[1]), (*plain[0], *plain[1]))) == 0


def test_buffers_come_back_and_are_bounded():
    buffers, like = window.Buffers(most=2), torch.zeros(1)
    first, second = buffers.take((3, 4), like), buffers.take((3, 4), like)
    assert first.data_ptr() != second.data_ptr()
    buffers.give(first)
    assert buffers.take((3, 4), like.double()) is not first
    assert buffers.take((3, 4), like) is first
    for tensor in (first, second, torch.zeros(3, 4)):
        buffers.give(tensor)
    assert {id(buffers.take((3, 4), like)) for _ in range(3)} & {id(first)} == set()


def test_buffers_are_bounded_in_bytes():
    buffers, like = window.Buffers(most_bytes=100), torch.zeros(1)
    small, medium, large = (buffers.take((size,), like) for size in (10, 12, 26))  # 40, 48 and 104 bytes
    for tensor in (large, small, medium):
        buffers.give(tensor)
    assert buffers._free == [small, medium]
    buffers.give(torch.zeros(5))
    assert [len(tensor) for tensor in buffers._free] == [12, 5]


@engines
@resets
def test_work_memory_is_used_again(engine, reset):
    weights = make(18, 6)
    x, h_0 = make_input(18, 4, 5, 6)
    window.BUFFERS._free.clear()
    seen = []
    for _ in range(3):
        torch.autograd.grad(gru_layer(x, h_0, *weights, reset=reset, engine=engine)[0].sum(), weights)
        seen.append({tensor.data_ptr() for tensor in window.BUFFERS._free})
    assert seen[1] == seen[2]
    assert any(tensor.shape[:2] == x.shape for tensor in window.BUFFERS._free)


@engines
@resets
def test_update_gate_forced_to_one_keeps_the_state(engine, reset):
    x, h_0 = make_input(21, 5, 4, 2)
    h, _ = gru_layer(x, h_0, *forced(21, z=1e4), reset=reset, engine=engine)
    assert torch.equal(h, h_0.expand_as(h))


@engines
def test_both_gates_forced_make_an_rnn(engine):
    x, h_0 = make_input(21, 5, 40, 2)
    weights = forced(21, r=1e4, z=-1e4)
    rnn = torch.nn.RNN(2, 21)
    for name, tensor in zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), weights, strict=True):
        getattr(rnn, name).data = tensor.data[42:]
    expected, _ = rnn(torch.nn.functional.one_hot(x, 2).float(), h_0[None])
    h, _ = gru_layer(x, h_0, *weights, engine=engine)
    assert (h - expected).abs().max() < 1e-6
    for gradient in torch.autograd.grad(h.sum(), weights):
        assert torch.count_nonzero(gradient[:42]) == 0


@engines
@resets
def test_not_a_number_is_not_hidden(engine, reset):
    weights = make(17, 4)
    x, h_0 = make_input(17, 4, 3, 4)
    h_0 = h_0.detach().clone()
    h_0[2, 5] = torch.nan
    h, _ = gru_layer(x, h_0, *weights, reset=reset, engine=engine)
    assert h[0, 2].isnan().all()
    assert h[:, [0, 1, 3]].isfinite().all()


def not_finite(tensors):
    return [(~tensor.isfinite()).tolist() for tensor in tensors]


@engines
@pytest.mark.parametrize("dtype", [FLOAT, DOUBLE])
@pytest.mark.parametrize("bad", [torch.inf, -torch.inf, torch.nan])
@pytest.mark.parametrize("hidden", [1, 16, 17, 33, 64])
def test_what_is_not_finite_spoils_what_it_spoils_in_nn_gru(engine, dtype, bad, hidden):
    weights = make(hidden, 4, dtype)
    x, h_0 = make_input(hidden, 3, 4, 4, dtype, dense=True)
    x.data[2, 1, 3] = bad
    ours = states_and_gradients(lambda *a: gru_layer(*a, engine=engine), x, h_0, weights)
    theirs = states_and_gradients(nn_gru, x, h_0, weights)
    for mine, reference in zip(ours, theirs, strict=True):
        assert not_finite(mine) == not_finite(reference)
    assert not torch.stack([tensor.isfinite().all() for tensor in ours[1]]).all()


def pointwise(engine, dtype, function):
    """(x, sigmoid(x) or tanh(x)) by a layer of one unit, on a grid that is fine near 0 and reaches far out."""
    grid = np.concatenate([np.geomspace(1e-6, 80, 4000), np.linspace(0, 12, 4000)])
    x = torch.tensor(np.concatenate([-grid, grid]), dtype=dtype)[None, :, None]
    weights = [torch.zeros(s, dtype=dtype) for s in ((3, 1), (3, 1), (3,), (3,))]
    row = ("r", "sigmoid", "tanh").index(function)
    weights[0][row] = 1
    if function == "tanh":
        weights[2][1] = -1e4
    h, _ = gru_layer(x, torch.ones(x.shape[1], 1, dtype=dtype), *weights, engine=engine)
    return x.flatten().double(), h.flatten().double()


@engines
@pytest.mark.parametrize(("dtype", "tolerance"), [(FLOAT, 2e-7), (DOUBLE, 1e-15)])
@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
def test_gate_functions_are_accurate(engine, dtype, tolerance, function):
    x, ours = pointwise(engine, dtype, function)
    assert (ours - getattr(torch, function)(x)).abs().max() < tolerance


@pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")
def test_compiled_tanh_is_accurate_near_zero():
    x, ours = pointwise("compiled", FLOAT, "tanh")
    assert ((ours - x.tanh()) / x.tanh().clamp_min(1e-30))[x > 0].abs().max() < 3e-7


@engines
def test_gate_functions_saturate_exactly(engine):
    weights = [torch.tensor(w, dtype=FLOAT).view(3, -1) for w in ([[0], [1], [0]], [[0], [0], [0]])]
    biases = [torch.tensor([0.0, 0.0, 1e4]), torch.zeros(3)]
    h, _ = gru_layer(torch.tensor([[[-1e4], [1e4]]]), torch.full((2, 1), 7.0), *weights, *biases, engine=engine)
    assert h.flatten().tolist() == [1.0, 7.0]


@pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")
@resets
def test_lane_does_not_depend_on_batch_or_threads(reset):
    weights = make(70, 5)
    x, h_0 = make_input(70, 19, 6, 5)
    results = []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        results.append(states_and_gradients(lambda *a: gru_layer(*a, reset=reset, engine="compiled"), x, h_0, weights))
    assert all(torch.equal(results[0][0][0], states[0]) for states, _ in results)
    assert all(torch.equal(results[0][1][0], gradients[0]) for _, gradients in results)
    alone, _ = gru_layer(x[:, 7:8], h_0[7:8], *weights, reset=reset, engine="compiled")
    assert torch.equal(alone[:, 0], results[0][0][0][:, 7])


@pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")
def test_threads_of_python_give_the_same(monkeypatch):
    weights = make(40, 5)
    x, h_0 = make_input(40, 8, 6, 5)
    torch.set_num_threads(2)

    def run(*a):
        return gru_layer(*a, engine="compiled")

    states, gradients = states_and_gradients(run, x, h_0, weights)
    monkeypatch.setattr(kernels, "_parallel", lambda: kernels._by_python_threads)
    states_again, gradients_again = states_and_gradients(run, x, h_0, weights)
    assert all(torch.equal(a, b) for a, b in zip(states + gradients, states_again + gradients_again, strict=True))


def test_auto_takes_torch_operations_for_other_types():
    assert choose("auto", torch.zeros(1, dtype=torch.bfloat16)).name == "torch"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": torch.tensor([[0, 4]])}, "ids run from 0 to 4"),
        ({"x": torch.tensor([[-1, 3]])}, "ids run from -1 to 3"),
        ({"x": torch.tensor([0, 1])}, "x has shape"),
        ({"x": torch.tensor([[True, False]])}, "ids are torch.bool"),
        ({"x": torch.zeros(3, 0, dtype=torch.int64)}, "x has shape"),
        ({"x": torch.zeros(1, 2, 5)}, "x has shape"),
        ({"h_0": torch.zeros(3, 6)}, "h_0 has shape"),
        ({"h_0": torch.zeros(2, 6, dtype=DOUBLE)}, "h_0 is torch.float64"),
        ({"weight_ih": torch.zeros(17, 4)}, "weight_ih has shape"),
        ({"bias_hh": torch.zeros(6)}, "bias_hh has shape"),
        ({"reset": "never"}, "no reset placement"),
        ({"engine": "steam"}, "no engine"),
        ({"precision": "fp16"}, "no precision"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    weights = dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), make(6, 4), strict=True))
    fits = {"x": torch.tensor([[0, 1]]), "h_0": torch.zeros(2, 6), **weights}
    with pytest.raises(SettingError) as error:
        gru_layer(**{**fits, **change})
    assert error.value.message.startswith(message)
    assert error.value.hint
