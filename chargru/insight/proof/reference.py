"""The same network in torch: `torch.nn.GRU` where it can be one, else the plain equations under autograd."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import linear

from chargru.engine.plain import plain_layer, plain_step
from chargru.gru.weights import KINDS, Array, LayerWeights, Reset, rows
from chargru.insight.trace import Trace


def tensors(weights: LayerWeights, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """A layer's four packed tensors, leaves that gradients arrive at."""
    return [torch.tensor(tensor, dtype=dtype, requires_grad=True) for tensor in weights.packed()]


def step(weights: list[Tensor], x: Tensor, h: Tensor, reset: Reset) -> Tensor:
    """h_t (S, H) of S single steps from x (S, I) and h_{t-1} (S, H).

    Reset after is `torch.nn.GRU`'s own calculation: S texts of one character each.
    """
    if reset == "before":
        W_ih, W_hh, b_ih, b_hh = weights
        return plain_step(linear(x, W_ih, b_ih), h, W_hh, b_hh, reset=reset)[-1]
    gru = nn.GRU(x.shape[1], h.shape[1], dtype=h.dtype)
    named = {f"{name}_l0": tensor for name, tensor in zip(KINDS, weights, strict=True)}
    _, last = torch.func.functional_call(gru, named, (x[None], h[None]))
    return torch.as_tensor(last[0])


def state(weights: LayerWeights, x: Array, h_prev: Array, reset: Reset) -> Array:
    """The same as arrays, without gradients."""
    with torch.no_grad():
        return np.asarray(step(tensors(weights), torch.tensor(x), torch.tensor(h_prev), reset).numpy())


def rnn_state(weights: LayerWeights, x: Array, h_prev: Array) -> Array:
    """What the `torch.nn.RNN` (tanh) of the candidate's rows calls h, (S, H), step by step."""
    own = rows("n", weights.hidden_size)
    rnn = nn.RNN(x.shape[1], weights.hidden_size, dtype=torch.float64)
    rnn.load_state_dict({f"{name}_l0": torch.tensor(getattr(weights, name)[own]) for name in KINDS})
    with torch.no_grad():
        _, last = rnn(torch.tensor(x)[None], torch.tensor(h_prev)[None])
    return np.asarray(last[0].numpy())


def step_jacobian(weights: LayerWeights, x: Array, h_prev: Array, reset: Reset) -> Array:
    """dh_t/dh_{t-1} (H, H) by autograd, from x (I) and h_{t-1} (H): row i is the derivative of h_t[i]."""
    H = weights.hidden_size
    h_HH = torch.tensor(h_prev).repeat(H, 1).requires_grad_()
    step(tensors(weights), torch.tensor(x).repeat(H, 1), h_HH, reset).diagonal().sum().backward()  # type: ignore[no-untyped-call]
    return np.asarray(h_HH.grad)


def held_gradient(weights: LayerWeights, x: Array, h_prev: Array, reset: Reset) -> float:
    """The largest |gradient| of sum(h) in float32 by anything in the rows of r and z."""
    own = tensors(weights, torch.float32)
    h = step(own, torch.tensor(x, dtype=torch.float32), torch.tensor(h_prev, dtype=torch.float32), reset)
    h.sum().backward()  # type: ignore[no-untyped-call]
    gradients = [tensor.grad[: 2 * weights.hidden_size] for tensor in own if tensor.grad is not None]
    return float(np.max([gradient.abs().max() for gradient in gradients]))


def replay(trace: Trace) -> Array:
    """The top layer's states (T, H) of a free replay of a trace of all steps from h_0 = 0, in float64."""
    weights, x_TI = trace.compact(0)
    h_T1H = torch.tensor(x_TI)[:, None]
    reset = trace.weights.architecture.reset
    with torch.no_grad():
        for layer in (weights, *trace.weights.layers[1:]):
            h_T1H = _replayed(layer, h_T1H, reset)
        return np.asarray(h_T1H[:, 0].numpy())


def _replayed(layer: LayerWeights, x_T1I: Tensor, reset: Reset) -> Tensor:
    if reset == "before":
        return plain_layer(x_T1I, torch.zeros(1, layer.hidden_size).double(), *tensors(layer), reset=reset)[0]
    gru = nn.GRU(x_T1I.shape[2], layer.hidden_size, dtype=torch.float64)
    gru.load_state_dict({f"{name}_l0": tensor for name, tensor in zip(KINDS, tensors(layer), strict=True)})
    return torch.as_tensor(gru(x_T1I)[0])


def loss_gradients(trace: Trace, last: int) -> list[Array]:
    """dL_T/dW_hh (3H, H) of each layer by autograd, for L_T = -ln p(x_{T+1} | h_T), T = `last`, on a whole trace.

    Every step's value is set to the recorded one, and only its derivative is torch's, so that the gradient is that of
    the recorded trajectory even where a free replay would leave it. Rows that make a constant have no gradient.
    """
    layers = range(len(trace.layers))
    own = [tensors(trace.compact(layer)[0]) for layer in layers]
    constants = trace.model.constants
    used = [[_held(tensor, held) for tensor in layer] for layer, held in zip(own, constants, strict=True)]
    h_L = [torch.zeros(1, one.h.shape[1]).double() for one in trace.layers]
    for t, x in enumerate(torch.tensor(trace.compact(0)[1][:last, None])):
        for layer in layers:
            h = step(used[layer], x, h_L[layer], trace.weights.architecture.reset)
            x = h_L[layer] = torch.tensor(trace.layers[layer].h[t : t + 1]) + (h - h.detach())
    logits = linear(h_L[-1][0], *map(torch.tensor, trace.weights.head))
    _surprise(logits, int(trace.ids[last])).backward()  # type: ignore[no-untyped-call]
    return [np.asarray(layer[1].grad) for layer in own]


def _held(tensor: Tensor, held: NDArray[np.bool_]) -> Tensor:
    """The same values; no gradient arrives at the rows that are held."""
    rows_held = torch.tensor(held).reshape(-1, *[1] * (tensor.dim() - 1))
    return torch.where(rows_held, tensor.detach(), tensor)


def _surprise(logits: Tensor, target: int) -> Tensor:
    """-ln p of the target: log_softmax, but its gradient keeps its digits where p is all but 1."""
    others = torch.cat([logits[:target], logits[target + 1 :]])
    return torch.logaddexp(torch.zeros_like(logits[0]), torch.logsumexp(others, 0) - logits[target])
