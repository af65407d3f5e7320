"""Which step of the past the gradient of W_hh comes from: dL_T/dW_hh is a sum over steps k of C_k.

C_k = dL_T/dW^(k), where W^(k) is a separate copy of W_hh used at step k only; later steps carry its effect through h.
Each block of C_k is an outer product, dL_T/d(product) times what W_hh is multiplied by, so no matrix is kept a step.
C_1 = 0 where h_0 = 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chargru.arguments import several
from chargru.errors import StepError
from chargru.gru.weights import GATES, Array
from chargru.insight import backward
from chargru.insight.backward import Recording, StepDerivatives
from chargru.insight.select import resolve_step
from chargru.insight.trace import OnStep
from chargru.model import Model
from chargru.shown import Shown


@dataclass(frozen=True, eq=False)
class WeightGradient(Shown):
    """The parts C_k, k = 1 to T, of dL_T/dW_hh by layer and by gate r, z, n, each kept as 10^scale left right^T.

    left, right (L, 3, T, H); scale (T).
    """

    checkpoint: str | None
    text: str
    step: int
    left: Array
    right: Array
    scale: Array

    def part(self, layer: int, gate: str, k: int) -> Array:
        """The block of C_k, (H, H), of a gate (r, z or n) of a layer (1-based), k 1-based."""
        at = layer - 1, GATES.index(gate), k - 1
        return np.outer(self.left[at] * 10.0 ** self.scale[k - 1], self.right[at])

    def total(self, layer: int, gate: str) -> Array:
        """The block of dL_T/dW_hh, (H, H), of a gate of a layer (1-based): the sum of the parts."""
        return self._sum(layer - 1, GATES.index(gate), self.scale)

    def log10_sizes(self) -> Array:
        """log10 of the Euclidean (Frobenius) norm of every part, (L, 3, T); -inf where it is exactly zero."""
        return backward.log10_norm(self.left, -1) + backward.log10_norm(self.right, -1) + self.scale

    def shares(self) -> Array:
        """<C_k, G> / <G, G> for G = dL_T/dW_hh, (L, 3, T): signed, summing to 1 over k; nan where G is zero."""
        shares, smaller = np.full(self.left.shape[:3], np.nan), self.scale - self.scale.max()
        for layer, gate in np.ndindex(*self.left.shape[:2]):
            G, scale = backward.rescaled(self._sum(layer, gate, smaller), (0, 1))
            squared = np.sum(G * G)
            if squared > 0:
                left = self.left[layer, gate] * 10.0 ** (smaller - scale[0, 0])[:, None]
                shares[layer, gate] = np.sum((left @ G) * self.right[layer, gate], axis=-1) / squared
        return shares

    def _sum(self, layer: int, gate: int, scale: Array) -> Array:
        """The sum over k of 10^scale left right^T, (H, H), of a gate of a layer (both 0-based)."""
        with np.errstate(over="ignore", invalid="ignore"):  # weights of 1e38: what is left is not finite, which is seen
            return np.asarray((self.left[layer, gate] * 10.0 ** scale[:, None]).T @ self.right[layer, gate])


def weight_gradient(
    model: Model,
    text: str | None = None,
    *,
    step: int,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> WeightGradient:
    """Take dL_T/dW_hh apart at T = `step` (from 1) of a text, as the sum over steps k of the past of C_k.

    L_T = -ln p(x_{T+1} | h_T). `text` is the run's own if None; `force` holds gates. `where` names the text in errors;
    `on_step` is called after every step run. Sizes and shares are (layers, 3, T): the gates r, z, n, and k from 1 to T.
    Raises TextError, UnknownCharacterError, SettingError, StepError (the last step has no next character), ChargruError
    for a model without a head.

    >>> gradient = chargru.weight_gradient(chargru.load("cats"), step=34)
    >>> gradient.shares().shape
    (1, 3, 34)
    >>> [f"{share:.6f}" for share in gradient.shares().sum(axis=-1)[0]]
    ['1.000000', '1.000000', '1.000000']
    """
    backward.need_head(model)
    text = model.text_for(text, where=where, at_least=2)
    step = resolve_step(step, len(text))
    if step == len(text):
        raise StepError(f"step {step} is the last, so no next character is predicted", f"give at most {step - 1}")
    forced = model.force(*several("force", force), steps=len(text), where=where)
    return replace(parts(backward.record(forced, text[: step + 1], where, on_step), step), text=text)


def parts(recorded: Recording, step: int) -> WeightGradient:
    """The same at a step (1-based, not the last) of a run that is recorded already."""
    layers = recorded.derivatives
    g = recorded.loss_gradient(np.array([step]))
    v = np.zeros((len(layers), *g.shape))
    v[-1] = g
    left = np.zeros((len(layers), 3, step, g.shape[-1]))
    right = np.empty_like(left)
    scales = np.zeros(step)
    scale = 0.0
    for row in reversed(range(step)):
        v, larger = backward.rescaled(v, (0, 1, 2))
        scale += float(larger.item())
        scales[row] = scale
        here = [layer.at([row]) for layer in layers]
        v, totals = backward.step_back(here, v)
        for number, total in enumerate(totals):
            left[number, :, row], right[number, :, row] = _outer(here[number], total)
    return WeightGradient(recorded.trace.checkpoint, recorded.trace.text, step, left, right, scales)


def _outer(layer: StepDerivatives, total: Array) -> tuple[Array, Array]:
    """What a step's W_hr, W_hz, W_hn h are differentiated to, and what they multiply: (3, H) each."""
    after = layer.reset == "after"
    n, old = (total * layer.an * layer.r, layer.h_prev) if after else (total * layer.an, layer.r * layer.h_prev)
    left = np.concatenate([layer.by_reset(total), total * layer.az, n])
    return left, np.concatenate([layer.h_prev, layer.h_prev, old])
