"""The GRU once more, in torch and float64, for derivatives by autograd: no code of chargru but the weights' names.

Each of the four paths from h_{t-1} to h_t is one place where h_{t-1} stands in the equations; a path is frozen by
`detach` at its place, which changes no value.
"""

from dataclasses import replace

import drawn
import numpy as np
import torch

CHARACTERS = "abcd"
ALL = (1, 2, 3, 4)


def model(layers=1, reset="after", hidden_size=5, seed=3, head=True):
    """A network with varied gates that knows CHARACTERS, without a text of its own."""
    drawn_one = drawn.model(CHARACTERS, units=hidden_size, layers=layers, reset=reset, seed=seed, head=head, scale=1.5)
    return replace(drawn_one, trace_text=None)


def random_text(length, seed=0):
    return "".join(np.random.default_rng(seed).choice(list(CHARACTERS), length))


def parameters(given):
    """Per layer W_ih, W_hh, b_ih, b_hh; and the head's weight and bias."""
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in given.weights.named()}
    architecture = given.architecture
    layers = [[tensors[name] for name in architecture.layer_names(layer)] for layer in range(architecture.layers)]
    return layers, tensors.get("head.weight"), tensors.get("head.bias")


def step(layer, x, h, reset, keep=ALL, W_hh=None):
    """One step of a layer, x (I), h (H); only the paths in `keep` are differentiated."""
    W_ih, W_own, b_ih, b_hh = layer
    W_hr, W_hz, W_hn = (W_own if W_hh is None else W_hh).chunk(3)
    i_r, i_z, i_n = (W_ih @ x + b_ih).chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    old, by_z, by_n, by_r = (h if path in keep else h.detach() for path in ALL)
    r = torch.sigmoid(i_r + W_hr @ by_r + b_r)
    z = torch.sigmoid(i_z + W_hz @ by_z + b_z)
    carried = r * (W_hn @ by_n + b_n) if reset == "after" else W_hn @ (r * by_n) + b_n
    return (1 - z) * torch.tanh(i_n + carried) + z * old


def one_hot(given, text):
    ids = [given.vocabulary.characters.index(char) for char in text]
    return torch.eye(len(CHARACTERS), dtype=torch.float64)[ids]


def advance(given, layers, x, states, copies=None):
    """One step of the stack; `copies` are the W_hh of each layer to be used instead of its own."""
    new = []
    for number, (layer, h) in enumerate(zip(layers, states, strict=True)):
        x = step(layer, x, h, given.architecture.reset, W_hh=None if copies is None else copies[number])
        new.append(x)
    return new


def states(given, text):
    """The states after 0, 1, ..., len(text) steps: per step one (H) a layer."""
    layers, _, _ = parameters(given)
    found = [[torch.zeros(given.architecture.hidden_size, dtype=torch.float64)] * len(layers)]
    for x in one_hot(given, text):
        found.append(advance(given, layers, x, found[-1]))
    return found


def loss(given, h, char):
    """-ln p of a character from the top layer's state."""
    _, weight, bias = parameters(given)
    target = torch.tensor(given.vocabulary.characters.index(char))
    return torch.nn.functional.cross_entropy(weight @ h + bias, target)


def whole(given, text, T, lag):
    """dL_T/d(state after step T - lag), (L, H): the run started again from that state as it was."""
    layers, _, _ = parameters(given)
    start = [h.clone().requires_grad_() for h in states(given, text[:T])[T - lag]]
    now = start
    for x in one_hot(given, text[:T])[T - lag :]:
        now = advance(given, layers, x, now)
    found = torch.autograd.grad(loss(given, now[-1], text[T]), start, allow_unused=True, materialize_grads=True)
    return torch.stack(found).numpy()


def part(given, text, T, lag, keep):
    """The top layer's dL_T/dh_{T-lag}, (H), by the paths in `keep` at every step, on the recorded states."""
    layers, _, _ = parameters(given)
    recorded = states(given, text[:T])
    start = now = recorded[T - lag][-1].clone().requires_grad_()
    for t in range(T - lag + 1, T + 1):
        x = recorded[t][-2] if len(layers) > 1 else one_hot(given, text[t - 1])[0]
        now = step(layers[-1], x, now, given.architecture.reset, keep)
    (found,) = torch.autograd.grad(loss(given, now, text[T]), [start])
    return found.numpy()


def weight_parts(given, text, T):
    """C_k, (T, L, 3H, H): the gradient of a separate copy of every W_hh for every step."""
    layers, _, _ = parameters(given)
    copies = [[layer[1].clone().requires_grad_() for layer in layers] for _ in range(T)]
    now = states(given, "")[0]
    for x, own in zip(one_hot(given, text[:T]), copies, strict=True):
        now = advance(given, layers, x, now, own)
    flat = [copy for own in copies for copy in own]
    found = torch.autograd.grad(loss(given, now[-1], text[T]), flat)
    return torch.stack(found).reshape(T, len(layers), *found[0].shape).numpy()
