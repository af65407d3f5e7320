"""CharGRU, what the trainer trains: GRU layers and a linear head in torch.

Shapes: B lanes, T steps, V vocabulary, H hidden, L layers.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.native.precision import Precision
from chargru.gru.weights import HEAD, PREFIX, Architecture, Weights, is_decayed, unpack


class Recurrent(nn.GRU):
    """GRU layers with the parameters and the names of `torch.nn.GRU`, run by `layer.gru_layer`.

    A GPU with reset after keeps cuDNN, which is torch.nn.GRU's own forward pass.
    """

    def __init__(self, architecture: Architecture, dropout: float, weight_drop: float) -> None:
        V, H, layers = architecture.vocabulary_size, architecture.hidden_size, architecture.layers
        super().__init__(V, H, num_layers=layers, dropout=dropout if layers > 1 else 0.0)
        self.reset = architecture.reset
        self.weight_drop = weight_drop
        self.precision: Precision = "fp32"
        """Of the products while training; scores are always made in the precision of the weights."""
        self.layer: Callable[..., tuple[Tensor, Tensor]] = gru_layer
        """What runs a layer; with another function of the same arguments it is another network."""

    def forward(self, x: Tensor, state_LBH: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Return the top layer's states (T, B, H) and all last ones (L, B, H); x is ids (T, B) or rows (T, B, V)."""
        weights = self.thinned_weights()
        if x.is_cuda and self.reset == "after" and self.layer is gru_layer:
            return self.by_torch(x if x.is_floating_point() else self.one_hot(x), state_LBH, weights)
        last = []
        for layer, h_0_BH in enumerate(state_LBH):
            x = x if layer == 0 else drop(x, self.dropout if self.training else 0.0)
            precision = self.precision if self.training else "fp32"
            x, h_T = self.layer(x, h_0_BH, *weights[layer], reset=self.reset, precision=precision)
            last.append(h_T)
        return x, torch.stack(last)

    def by_torch(self, x_TBI: Tensor, state_LBH: Tensor, weights: list[list[Tensor]]) -> tuple[Tensor, Tensor]:
        """torch.nn.GRU's own forward pass, cuDNN on a GPU; with the given weights in the place of the parameters."""
        if not (self.training and self.weight_drop):
            h_TBH, state_LBH = super().forward(x_TBI, state_LBH)
            return h_TBH, state_LBH
        flat = [tensor for layer in weights for tensor in layer]
        choices = (True, self.num_layers, self.dropout, self.training, False, False)
        with warnings.catch_warnings():  # that weights made anew do not lie side by side, which cuDNN then mends
            warnings.filterwarnings("ignore", "RNN module weights are not part", UserWarning)
            h_TBH, state_LBH = torch._VF.gru(x_TBI, state_LBH, flat, *choices)  # noqa: SLF001
        return h_TBH, state_LBH

    def thinned_weights(self) -> list[list[Tensor]]:
        """Each layer's weights, W_hh with elements dropped while training: a draw a call, the rest scaled up.

        What is dropped is a connection from step to step, for all steps of the window alike: Merity et al. 2017
        (arXiv 1708.02182), after Wan et al. 2013.
        """
        if not (self.training and self.weight_drop):
            return cast(list[list[Tensor]], self.all_weights)
        share = self.weight_drop
        return [[w_ih, w_hh * kept_elements(w_hh, share), *biases] for w_ih, w_hh, *biases in self.all_weights]

    def one_hot(self, ids: Tensor) -> Tensor:
        """The dense rows (..., V) of ids (...)."""
        return functional.one_hot(ids.long(), self.input_size).to(cast(Tensor, self.weight_hh_l0).dtype)


def drop(h_TBH: Tensor, share: float) -> Tensor:
    """Zero each unit of each lane with probability `share`, for all steps of the window alike; scale up the rest.

    One draw a unit, not one a step: Gal and Ghahramani 2016 (arXiv 1512.05287), and it costs next to nothing.
    """
    factors = kept(h_TBH, share)
    return h_TBH if factors is None else h_TBH * factors


def kept(h_TBH: Tensor, share: float) -> Tensor | None:
    """What `drop` multiplies by, (B, H): 0 with probability `share`, else 1 / (1 - share); None for a share of 0."""
    return kept_elements(h_TBH[0], share) if share else None


def kept_elements(like: Tensor, share: float) -> Tensor:
    """Factors for elements such as those of `like`: 0 with probability `share`, else what makes their mean 1.

    16 random bits an element, in place of the float of torch's dropout: a quarter of its time. The probability is
    `share` rounded to a 65,536th, 65,535 of them at most, and the factor that of the rounded one.
    """
    words = torch.empty(-(-like.numel() // 4), dtype=torch.int64, device=like.device)
    bits = words.random_(-(2**63), None).view(torch.int16)[: like.numel()].view(like.shape)
    dropped = min(round(share * 2**16), 2**16 - 1)
    kept = torch.ge(bits, dropped - 2**15, out=torch.empty_like(like))  # by way of bool it takes seven times as long
    return kept.mul_(2**16 / (2**16 - dropped))


class CharGRU(nn.Module):
    """One-hot characters through L GRU layers and a linear head; its parameters have the names of a run's file.

    Dropout, while training, zeroes outputs of every layer, never the state that is carried to the next step;
    `weight_drop` zeroes elements of W_hh.
    """

    def __init__(self, architecture: Architecture, dropout: float = 0.0, weight_drop: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.add_module(PREFIX[architecture.reset], Recurrent(architecture, dropout, weight_drop))
        self.head = nn.Linear(architecture.hidden_size, architecture.vocabulary_size)
        self.dropout = dropout

    @property
    def recurrent(self) -> Recurrent:
        """The GRU layers, whatever their name in a file."""
        return cast(Recurrent, self.get_submodule(PREFIX[self.architecture.reset]))

    def forward(self, x: Tensor, state_LBH: Tensor) -> tuple[Tensor, Tensor]:
        """Read a window: x is ids (T, B) or one-hot rows (T, B, V); returns logits (T, B, V) and the state after."""
        h_TBH, state_LBH = self.recurrent(x, state_LBH)
        return self.head(drop(h_TBH, self.dropout if self.training else 0.0)), state_LBH

    def zero_state(self, lanes: int) -> Tensor:
        """h_0 = 0, (L, B, H)."""
        shape = (self.architecture.layers, lanes, self.architecture.hidden_size)
        return self.head.weight.new_zeros(shape)

    def loss(self, inputs_TB: Tensor, targets_TB: Tensor, state_LBH: Tensor) -> tuple[Tensor, Tensor]:
        """The mean of -ln p over a window's targets, in nats, and the state after it."""
        h_TBH, state_LBH = self.recurrent(inputs_TB, state_LBH)
        kept_BH = kept(h_TBH, self.dropout if self.training else 0.0)
        parts = h_TBH.flatten(0, 1), self.head.weight, self.head.bias, targets_TB.flatten()
        return head.loss(*parts, kept_BH), state_LBH

    def nats(self, inputs_TB: Tensor, targets_TB: Tensor, state_LBH: Tensor) -> tuple[Tensor, Tensor]:
        """-ln p of each target (T, B), without dropout or gradients, and the state after the window."""
        h_TBH, state_LBH = self.recurrent(inputs_TB, state_LBH)
        nats_N = head.nats(h_TBH.flatten(0, 1), self.head.weight, self.head.bias, targets_TB.flatten())
        return nats_N.view_as(targets_TB), state_LBH

    def load(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        """Take values by name; the shapes must be this network's."""
        self.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()})

    def export(self) -> dict[str, NDArray[np.float32]]:
        """A copy of every parameter by name."""
        return {name: value.detach().float().cpu().numpy().copy() for name, value in self.named_parameters()}

    def weights(self) -> Weights:
        """A copy of the parameters for the NumPy side."""
        return unpack(self.architecture, self.export())

    def parameter_groups(self, weight_decay: float) -> list[dict[str, object]]:
        """Parameters for AdamW: matrices decay, biases do not."""
        named = list(self.named_parameters())
        return [
            {"params": [p for name, p in named if is_decayed(name)], "weight_decay": weight_decay},
            {"params": [p for name, p in named if not is_decayed(name)], "weight_decay": 0.0},
        ]


class ModuleScorer:
    """Scores with a CharGRU on its own device, for `evaluation`; dropout is off meanwhile."""

    def __init__(self, module: CharGRU) -> None:
        self._module = module
        self._device = module.head.weight.device

    @property
    def weights(self) -> Weights:
        """A copy of the module's weights."""
        return self._module.weights()

    def zero_state(self, streams: int) -> Tensor:
        """h_0 = 0, (L, B, H)."""
        return self._module.zero_state(streams)

    def to_array(self, states: Tensor) -> NDArray[np.float32]:
        """The state as numbers, (L, B, H)."""
        return states.cpu().numpy().copy()

    def from_array(self, states_LBH: NDArray[np.floating]) -> Tensor:
        """The state with these numbers, on the module's device."""
        return self._module.head.weight.new_tensor(states_LBH)

    @torch.no_grad()
    def nats(
        self, inputs_TB: NDArray[np.integer], targets_TB: NDArray[np.integer], state: Tensor
    ) -> tuple[NDArray[np.float64], Tensor]:
        """-ln p of each target, (T, B) float64, and the state after the window."""
        training = self._module.training
        self._module.eval()
        try:
            nats_TB, state = self._module.nats(self._on_device(inputs_TB), self._on_device(targets_TB), state)
        finally:
            self._module.train(training)
        return nats_TB.double().cpu().numpy(), state

    def _on_device(self, ids: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(ids, np.int64)).to(self._device)


def scorer(weights: Weights) -> ModuleScorer:
    """Scores with the given weights on the CPU, at the layer's speed."""
    module = CharGRU(weights.architecture)
    module.load(dict(weights.named()))
    return ModuleScorer(module)


def plain(weights: Weights, dtype: torch.dtype = torch.float64) -> tuple[nn.GRU, nn.Linear | None]:
    """The same weights in a plain `torch.nn.GRU` and `torch.nn.Linear`: the reference that is not ours."""
    architecture = weights.architecture
    H, V = architecture.hidden_size, architecture.vocabulary_size
    gru = nn.GRU(V, H, num_layers=architecture.layers).to(dtype)
    named = {name: torch.from_numpy(np.array(value)).to(dtype) for name, value in weights.named()}
    prefix = PREFIX["after"] + "."
    gru.load_state_dict({name.removeprefix(prefix): value for name, value in named.items() if name.startswith(prefix)})
    if not architecture.head:
        return gru, None
    linear = nn.Linear(H, V).to(dtype)
    linear.load_state_dict({name.split(".")[1]: named[name] for name in HEAD})
    return gru, linear
