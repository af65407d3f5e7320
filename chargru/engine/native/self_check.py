"""Whether a library computes a small window, and a small loss, as the equations do. Ten milliseconds, without torch.

The states are compared with `gru.cell`, the gradients with differences of it, the head with the derivative of softmax
and cross-entropy.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chargru.engine.native.abi import HeadTask, Task, WindowTask, up_to
from chargru.gru import cell
from chargru.gru.network import log_softmax
from chargru.gru.weights import GATES, Array, LayerWeights, Reset

Arrays = dict[str, NDArray[Any]]

STEPS, LANES, HIDDEN, IDS = 7, 39, 37, 21
TOLERANCE = {"float": 1e-4, "double": 1e-6, "bfloat16": 3e-2}
SLOT = {"n": 0, "r": 1, "z": 2}  # in rows and table; slot 3 is of W_hn h + b_hn
RESETS: tuple[Reset, ...] = ("after", "before")


def disagreement(library: ctypes.CDLL, real: str) -> str:
    """What the library computes otherwise than the equations, in a few words; empty if all agrees."""
    dtype = np.float64 if real == "double" else np.float32
    with np.errstate(all="ignore"):  # of what is wrong, anything can come
        errors = [
            (f"{name} with reset {reset}", error) for reset in RESETS for name, error in _layer(library, dtype, reset)
        ]
        if real != "bfloat16":
            errors += _head(library, dtype)
    wrong = [name for name, error in errors if not error <= TOLERANCE[real]]  # so that NaN is wrong
    return f"the compiled code computes the {wrong[0]} wrongly" if wrong else ""


def _layer(library: ctypes.CDLL, dtype: type[np.floating], reset: Reset) -> Iterator[tuple[str, float]]:
    """The errors of the states, and of the gradients of L = the sum of h * d_h along one drawn direction."""
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"weight_ih": (3 * HIDDEN, IDS), "weight_hh": (3 * HIDDEN, HIDDEN)}
    shapes |= {"bias_ih": (3 * HIDDEN,), "bias_hh": (3 * HIDDEN,), "h_0": (LANES, HIDDEN)}
    given: Arrays = {name: random.normal(scale=0.3, size=shape) for name, shape in shapes.items()}
    ids, d_h = random.integers(IDS, size=(STEPS, LANES)), random.normal(size=(STEPS, LANES, HIDDEN))
    states, gradients = _run_layer(library, dtype, given, ids, d_h, reset)
    yield "states", _largest(states - _states(given, ids, reset))
    direction = {name: random.normal(size=gradient.shape) for name, gradient in gradients.items()}
    ends = ({name: given[name] + small * direction[name] for name in given} for small in (1e-5, -1e-5))
    after, before = (np.sum(_states(end, ids, reset) * d_h) for end in ends)
    slope = (after - before) / 2e-5
    products = [np.sum(gradient * direction[name]) for name, gradient in gradients.items()]
    yield "gradients", float(abs(sum(products) - slope) / (1 + np.linalg.norm(products)))


def _states(given: Arrays, ids: NDArray[np.integer], reset: Reset) -> Array:
    """The states (T, B, H) by the equations."""
    weights, h = LayerWeights(**{name: value for name, value in given.items() if name != "h_0"}), given["h_0"]
    states = []
    for x in ids:
        h = cell.step(weights, x, h, reset).h
        states.append(h)
    return np.array(states)


def _run_layer(
    library: ctypes.CDLL,
    dtype: type[np.floating],
    given: Arrays,
    ids: NDArray[np.integer],
    d_h: Array,
    reset: Reset,
) -> tuple[Array, Arrays]:
    """The states (T, B, H) and the gradients by the library."""
    P, before = up_to(HIDDEN, library.multiple()), reset == "before"
    task = WindowTask(steps=STEPS, lanes=LANES, hidden=HIDDEN, padded=P, before=before, keep=True, blocks=1)
    arrays: Arrays = {
        "ids": ids.astype(np.int64),
        **{name: given[source].astype(dtype) for name, source in (("weight", "weight_hh"), ("h_0", "h_0"))},
        "table": _table(given, P, before=before).astype(dtype),
        "b_hn": np.pad(given["bias_hh"][2 * HIDDEN :], (0, P - HIDDEN)).astype(dtype),
        "rounded": np.zeros((LANES + library.spare()) * 6 * P, np.uint16),
        "d_h": d_h.astype(dtype),
    }
    made = {"rows": (STEPS, LANES, 4, P), "h": d_h.shape, "packed": (3, P, P), "d_0": (LANES, HIDDEN)}
    made |= {"carried": (LANES, P), "d_bias": (4, P), "d_table": (IDS, 3, P)}
    arrays |= {name: np.zeros(shape, dtype) for name, shape in made.items()}
    task.point_arrays(**arrays)
    for function in ("pack_forward", "forward", "pack_backward", "backward", "scatter"):
        _run(library, function, task)
    return arrays["h"], _gradients(library, task, arrays, before=before)


def _table(given: Arrays, P: int, *, before: bool) -> Array:
    """What reading each id puts into the slots, (V, 4, P); b_hn only where it merges."""
    weights = LayerWeights(**{name: value for name, value in given.items() if name != "h_0"})
    table = np.zeros((IDS, 4, P))
    for gate, slot in SLOT.items():
        merged = weights.b_h(gate) if before or gate != "n" else 0
        table[:, slot, :HIDDEN] = weights.W_i(gate).T + weights.b_i(gate) + merged
    return table


def _gradients(library: ctypes.CDLL, task: WindowTask, arrays: Arrays, *, before: bool) -> Arrays:
    """Each gradient by the name of what it belongs to, from what the backward pass left."""
    rows, slots = arrays["rows"][..., :HIDDEN], [SLOT[gate] for gate in GATES]
    h_old = np.concatenate([arrays["h_0"][None], arrays["h"][:-1]])
    of_state = slots if before else [*slots[:2], 3]
    sides = ((rows[:, :, slot], rows[:, :, 3] if before and slot == SLOT["n"] else h_old) for slot in of_state)
    sums = arrays["d_bias"][:, :HIDDEN]
    return {
        "h_0": arrays["d_0"],
        "weight_ih": arrays["d_table"][:, slots, :HIDDEN].transpose(1, 2, 0).reshape(3 * HIDDEN, IDS),
        "weight_hh": np.concatenate([_outer_products(library, task, left, right) for left, right in sides]),
        "bias_ih": sums[slots].ravel(),
        "bias_hh": sums[of_state].ravel(),
    }


def _outer_products(library: ctypes.CDLL, task: WindowTask, left: Array, right: Array) -> Array:
    """(H, H): the sum over steps and lanes of left times right, (T, B, H) each."""
    arrays: Arrays = {"left": left.copy(), "right_0": right[0].copy(), "right": right[1:].copy()}
    arrays |= {"sum": np.zeros((HIDDEN, HIDDEN), left.dtype), "space": np.zeros(library.space(), left.dtype)}
    task.point_arrays(**arrays)
    task.left_count = task.left_stride = task.right_count = task.right_stride = HIDDEN
    _run(library, "outer_products", task)
    return arrays["sum"]


def _head(library: ctypes.CDLL, dtype: type[np.floating]) -> list[tuple[str, float]]:
    """The errors of each target's nats and of the gradients of their mean."""
    random, N = np.random.default_rng(0), STEPS * LANES
    h, weight, bias = (random.normal(size=shape).astype(dtype) for shape in ((N, HIDDEN), (IDS, HIDDEN), IDS))
    kept = (2.0 * random.integers(2, size=(LANES, HIDDEN))).astype(dtype)
    targets = random.integers(IDS, size=N).astype(np.int64)
    P, S = up_to(HIDDEN, library.columns()), up_to(IDS, library.multiple())
    task = HeadTask(rows=N, lanes=LANES, hidden=HIDDEN, vocabulary=IDS, blocks=1)
    arrays: Arrays = {"h": h, "weight": weight, "bias": bias, "kept": kept, "targets": targets}
    made = {"nats": (N,), "d_h": (N, HIDDEN), "d_weight": (IDS, P), "d_bias": (S,), "across": (IDS, P), "biases": (S,)}
    made |= {"downwards": (up_to(IDS, library.columns()), HIDDEN), "space": (library.head_space(ctypes.byref(task)),)}
    arrays |= {name: np.zeros(shape, dtype) for name, shape in made.items()}
    task.point_arrays(**arrays)
    library.head_begin(ctypes.byref(task))
    _run(library, "head_loss", task)
    factors = np.tile(kept.astype(np.float64), (STEPS, 1))
    x = h * factors
    log_p = log_softmax(x @ weight.T.astype(np.float64) + bias)
    d_a = (np.exp(log_p) - np.eye(IDS)[targets]) / N
    return [
        ("head's loss", _largest(arrays["nats"] + log_p[np.arange(N), targets])),
        ("head's gradient of h", _largest(arrays["d_h"] - d_a @ weight * factors)),
        ("head's gradient of its weight", _largest(arrays["d_weight"][:, :HIDDEN] - d_a.T @ x)),
        ("head's gradient of its bias", _largest(arrays["d_bias"][:IDS] - d_a.sum(0))),
    ]


def _largest(differences: Array) -> float:
    return float(np.abs(differences).max())


def _run(library: ctypes.CDLL, function: str, task: Task) -> None:
    task.next = 0
    getattr(library, function)(ctypes.byref(task))
