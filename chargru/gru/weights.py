"""The one place that knows the tensors of a character GRU: names, shapes, packed order.

Names and packing are those of `torch.nn.GRU` and `torch.nn.Linear`, so that a file loads by name into plain torch:

    gru.weight_ih_l0  (3H, I)   rows W_ir, W_iz, W_in; I = V in the first layer (one-hot), H above
    gru.weight_hh_l0  (3H, H)   rows W_hr, W_hz, W_hn
    gru.bias_ih_l0    (3H)      b_ir, b_iz, b_in
    gru.bias_hh_l0    (3H)      b_hr, b_hz, b_hn
    head.weight       (V, H)
    head.bias         (V)

A network that resets before the product is another network, so its tensors are called `gru_before.*`: a plain
load then fails instead of giving wrong states.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from chargru.documents import entry
from chargru.errors import DamagedRunError, SettingError
from chargru.shown import Brief, counted

Reset = Literal["after", "before"]
Array = NDArray[np.floating]
Tensors = dict[str, NDArray[np.float32]]
Rows = slice | NDArray[np.integer] | NDArray[np.bool_]
"""Which rows of a packed tensor: an index as NumPy takes it."""

GATES = ("r", "z", "n")
"""The packed order of the row blocks."""

PREFIX: dict[str, str] = {"after": "gru", "before": "gru_before"}
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
HEAD = ("head.weight", "head.bias")


@dataclass(frozen=True)
class Architecture:
    """What fixes the names and shapes of every tensor: V, H, the number of layers, where r acts, a head or none."""

    vocabulary_size: int
    hidden_size: int
    layers: int = 1
    reset: Reset = "after"
    head: bool = True

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "hidden_size", "layers"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is {getattr(self, name)}, but it must be at least 1")
        if self.reset not in get_args(Reset):
            raise SettingError(f"reset is {self.reset!r}, but it must be one of after, before")

    def input_size(self, layer: int) -> int:
        """I of a layer (0-based): V for the first, H above it."""
        return self.vocabulary_size if layer == 0 else self.hidden_size

    def name(self, kind: str, layer: int) -> str:
        """The tensor name of one of KINDS in a layer (0-based), e.g. gru.weight_hh_l0."""
        return f"{PREFIX[self.reset]}.{kind}_l{layer}"

    def layer_names(self, layer: int) -> tuple[str, str, str, str]:
        """The names of a layer's (0-based) weight_ih, weight_hh, bias_ih and bias_hh."""
        ih, hh, bias_ih, bias_hh = (self.name(kind, layer) for kind in KINDS)
        return ih, hh, bias_ih, bias_hh

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Every tensor's name and shape, in the order of a file."""
        H = self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.layers):
            sizes = ((3 * H, self.input_size(layer)), (3 * H, H), (3 * H,), (3 * H,))
            shapes |= dict(zip(self.layer_names(layer), sizes, strict=True))
        if self.head:
            shapes |= {HEAD[0]: (self.vocabulary_size, H), HEAD[1]: (self.vocabulary_size,)}
        return shapes

    @property
    def in_words(self) -> str:
        """The size of the network: 1 layer of 48 units."""
        return f"{counted(self.layers, 'layer')} of {counted(self.hidden_size, 'unit')}"

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())


def rows(gate: str, hidden_size: int) -> slice:
    """The rows of gate r, z or n in a packed tensor."""
    start = GATES.index(gate) * hidden_size
    return slice(start, start + hidden_size)


def mergeable(*, before: bool) -> tuple[str, ...]:
    """The gates whose b_h merges with b_i: not the candidate's where r multiplies it, that is, unless reset before."""
    return GATES if before else ("r", "z")


@dataclass(frozen=True)
class LayerWeights(Brief):
    """One layer's packed tensors, with views by the names of the equations.

    weight_ih (3H, I), weight_hh (3H, H), bias_ih (3H), bias_hh (3H).
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array
    bias_hh: Array

    @property
    def hidden_size(self) -> int:
        """H."""
        return int(self.weight_hh.shape[1])

    def W_i(self, gate: str) -> Array:
        """W_ir, W_iz or W_in, (H, I), a view."""
        return self.weight_ih[rows(gate, self.hidden_size)]

    def W_h(self, gate: str) -> Array:
        """W_hr, W_hz or W_hn, (H, H), a view."""
        return self.weight_hh[rows(gate, self.hidden_size)]

    def b_i(self, gate: str) -> Array:
        """b_ir, b_iz or b_in, (H), a view."""
        return self.bias_ih[rows(gate, self.hidden_size)]

    def b_h(self, gate: str) -> Array:
        """b_hr, b_hz or b_hn, (H), a view."""
        return self.bias_hh[rows(gate, self.hidden_size)]

    def packed(self) -> tuple[Array, Array, Array, Array]:
        """The four packed tensors, in the order of KINDS."""
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def each(self, change: Callable[[Array], Array]) -> "LayerWeights":
        """The same layer with every packed tensor put through a function."""
        return LayerWeights(*map(change, self.packed()))

    def with_rows(self, where: Rows, **values: Array | float) -> "LayerWeights":
        """A copy in which some packed rows of the tensors named (see KINDS) have other values.

        `where` picks the rows as NumPy does; a value is one number, or an array of the shape of those rows. Tensors
        that are not named are shared, not copied.
        """
        changed = {}
        for kind, value in values.items():
            changed[kind] = getattr(self, kind).copy()
            changed[kind][where] = value
        return replace(self, **changed)

    def with_constant(self, where: Rows, pre_activation: Array | float) -> "LayerWeights":
        """A copy in which these packed rows read nothing: whatever x and h are, they add up to `pre_activation`."""
        return self.with_rows(where, weight_ih=0.0, weight_hh=0.0, bias_ih=pre_activation, bias_hh=0.0)

    def with_biases_merged(self, *gates: str) -> "LayerWeights":
        """A copy with b_h of these gates added to b_i, and 0 in its place."""
        where = np.isin(np.repeat(GATES, self.hidden_size), gates)
        return self.with_rows(where, bias_ih=(self.bias_ih + self.bias_hh)[where], bias_hh=0.0)


@dataclass(frozen=True)
class Weights(Brief):
    """All tensors of a network: layers from the bottom up, and the head (V, H), (V) if there is one."""

    architecture: Architecture
    layers: tuple[LayerWeights, ...]
    head_weight: Array | None
    head_bias: Array | None

    def in_brief(self) -> str:
        """The network, how many numbers it has, and their type."""
        one = self.architecture
        return f"of {one.in_words}, {counted(one.parameters, 'parameter')}, {self.layers[0].weight_hh.dtype}"

    @property
    def head(self) -> tuple[Array, Array]:
        """The head's weight and bias. Raises ValueError if the network has none."""
        if self.head_weight is None or self.head_bias is None:
            raise ValueError("this network has no head")
        return self.head_weight, self.head_bias

    def astype(self, dtype: type[np.floating]) -> "Weights":
        """The same network in another precision."""
        return unpack(self.architecture, {name: value.astype(dtype) for name, value in self.named()})

    def named(self) -> Iterator[tuple[str, Array]]:
        """Every tensor with its name in a file."""
        for number, layer in enumerate(self.layers):
            yield from zip(self.architecture.layer_names(number), layer.packed(), strict=True)
        if self.architecture.head:
            yield from zip(HEAD, self.head, strict=True)

    def readers(self, layer: int) -> Iterator[Array]:
        """The matrices (..., H) that multiply a layer's (0-based) state: its own W_hh, and what stands above it."""
        yield self.layers[layer].weight_hh
        if layer + 1 < len(self.layers):
            yield self.layers[layer + 1].weight_ih
        elif self.architecture.head:
            yield self.head[0]


def precision(weights: Weights) -> type[np.floating]:
    """What a network is fast in without overflow: float32, or float64 where weights are so large that sums overflow."""
    largest = max(float(np.abs(value).max(initial=0.0)) for _, value in weights.named())
    addends = 4 + weights.architecture.hidden_size  # a row's products with h, which is within 1, and biases
    return np.float32 if largest * addends < float(np.finfo(np.float32).max) else np.float64


def fingerprint(weights: Weights) -> str:
    """The SHA-256 (hexadecimal) of every tensor as a file holds it, float32, names included."""
    digest = hashlib.sha256()
    for name, value in weights.named():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value, "<f4").tobytes())
    return digest.hexdigest()


def unpack(architecture: Architecture, tensors: Mapping[str, Array]) -> Weights:
    """Gather a file's tensors into layers.

    Raises DamagedRunError if a tensor is missing, is left over, or has another shape.
    """
    check_shapes(architecture, {name: value.shape for name, value in tensors.items()})
    layers = tuple(
        LayerWeights(*(tensors[name] for name in architecture.layer_names(layer)))
        for layer in range(architecture.layers)
    )
    head = (tensors[HEAD[0]], tensors[HEAD[1]]) if architecture.head else (None, None)
    return Weights(architecture, layers, *head)


def check_shapes(architecture: Architecture, found: Mapping[str, tuple[int, ...]]) -> None:
    """Raises DamagedRunError unless the tensors of a file, by name, are those of the network."""
    if architecture.layers > len(found):  # before anything counts up to them
        raise DamagedRunError(f"layers is {architecture.layers:,}, too many for {counted(len(found), 'tensor')}")
    shapes = architecture.shapes()
    odd = sorted(shapes.keys() ^ found.keys())
    if odd:
        state = "missing" if odd[0] in shapes else "unexpected"
        raise DamagedRunError(f"the tensor {entry(odd[0])} is {state}")
    for name, shape in shapes.items():
        if found[name] != shape:
            raise DamagedRunError(f"the tensor {name} has shape {found[name]}, but it must be {shape}")


def is_decayed(name: str) -> bool:
    """Whether weight decay applies: to matrices, never to biases (a forced gate lives in its bias)."""
    return "bias" not in name
