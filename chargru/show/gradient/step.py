"""The derivative of one step and the gradient of W_hh, step by step, as text for a terminal of 80 columns."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from chargru.gru.weights import GATES, Array, Reset
from chargru.insight.backward import TERM_NAMES
from chargru.insight.jacobian import StepJacobian
from chargru.insight.weight_gradient import WeightGradient
from chargru.show.characters import alone
from chargru.show.columns import WIDTH, aligned
from chargru.show.gradient.table import ASIDE, HEADING, prose
from chargru.show.view import View

FORMULAS: dict[Reset, tuple[str, ...]] = {
    "after": ("diag(z)", "diag((h' - n) z (1-z)) W_hz", "diag(d r) W_hn", "diag(d (W_hn h' + b_hn) r (1-r)) W_hr"),
    "before": ("diag(z)", "diag((h' - n) z (1-z)) W_hz", "diag(d) W_hn diag(r)", "diag(d) W_hn diag(h' r (1-r)) W_hr"),
}


def jacobian(found: StepJacobian, _: View | None = None) -> Text:
    """The norms of the four terms and of their sum."""
    return Text("\n", no_wrap=True, overflow="ignore").join(_jacobian_lines(found))


def _jacobian_lines(found: StepJacobian) -> Iterator[Text]:
    t, units = found.step, found.terms.shape[-1]
    yield Text(f"dh_{t}/dh_{t - 1} of layer {found.layer}, {units} x {units}, reading {_read(found.text, t)}", HEADING)
    yield Text()
    formulas = (*FORMULAS[found.reset], "all four")
    names = (*(f"{number} {name}" for number, name in enumerate(TERM_NAMES, start=1)), "sum")
    norms = ([f"{norm:.4g}" for norm in norms] for norms in (found.two_norms(), found.frobenius_norms()))
    rows = [("term", "", "2-norm", "Frobenius"), *zip(names, formulas, *norms, strict=True)]
    heading, *lines = aligned(rows, (11, 40, 10, 10), left=(0, 1), indent="  ")
    yield Text(heading, HEADING)
    yield from map(Text, lines)
    yield from prose(f"  h' = h_{t - 1}, d = (1 - z)(1 - n^2), reset {found.reset} the product with W_hn.", indent="  ")
    yield Text()
    yield from prose(
        f"Spectral radius of the sum: {found.spectral_radius():.4g}. It is of this one step and bounds no product of "
        "steps; what is left after many is measured by: chargru gradient."
    )


def weights(found: WeightGradient, _: View | None = None) -> Text:
    """C_k by gate, one table a layer: sizes and shares."""
    return Text("\n", no_wrap=True, overflow="ignore").join(_weight_lines(found))


def _weight_lines(found: WeightGradient) -> Iterator[Text]:
    T = found.step
    yield Text(f"dL_{T}/dW_hh as the sum of C_k, one for each step k in which W_hh was used", HEADING)
    yield from prose(
        f"L_{T} = -ln p({_read(found.text, T + 1)} | h_{T}). C_k is the gradient of the copy of W_hh that step k used; "
        "|C_k| its Euclidean norm (of several steps, the largest); share = <C_k, G> / <G, G> with G the sum, so "
        "shares sum to 1; below 0 a step pulls against the sum."
    )
    sizes, shares = found.log10_sizes(), found.shares()
    for layer in range(len(sizes)):
        yield Text()
        if len(sizes) > 1:
            yield Text(f"Layer {layer + 1}", HEADING)
        yield from _layer(found, sizes[layer], shares[layer])


def _layer(found: WeightGradient, sizes: Array, shares: Array) -> Iterator[Text]:
    totals = shares.sum(axis=-1)
    rows = [[f"{'lag':>8} read", *(cell for gate in GATES for cell in (f"|C_k| W_h{gate}", "share"))]]
    for first, last in _bins(found.step):
        steps = slice(found.step - last - 1, found.step - first)
        label, char = (str(first), _read(found.text, found.step - first)) if first == last else (f"{first}-{last}", "")
        cells = (cell for gate in range(3) for cell in _cells(sizes[gate, steps], shares[gate, steps]))
        rows.append([f"{label:>8} {char}", *cells])
    sums = (cell for total in totals for cell in ("", "-" if np.isnan(total) else f"{total:.1%}"))
    heading, *lines = aligned([*rows, [f"{'sum':>8}", *sums]], (14, *(11, 7) * len(GATES)), left=(0,))
    yield Text(heading, HEADING)
    yield Text("─" * max(WIDTH, *map(cell_len, lines)), ASIDE)
    yield from map(Text, lines)
    for gate, total in zip(GATES, totals, strict=True):
        if np.isnan(total):
            yield Text(f"The gradient of W_h{gate} is exactly zero, so nothing has a share in it.", ASIDE)


def _cells(sizes: Array, shares: Array) -> tuple[str, str]:
    largest, share = float(sizes.max()), float(shares.sum())
    shown = "0" if np.isneginf(largest) else _scientific(largest)
    return shown, "-" if np.isnan(share) else f"{share:+.1%}"


def _scientific(log10: float) -> str:
    """A number by its log10, which may be far below what a float64 holds."""
    exponent = int(np.floor(log10))
    mantissa = f"{10.0 ** (log10 - exponent):.2f}"
    return f"1.00e{exponent + 1:+03d}" if mantissa == "10.00" else f"{mantissa}e{exponent:+03d}"


def _bins(step: int) -> Iterator[tuple[int, int]]:
    """Lags 0 to step - 1: ten one by one, then 10-19, 20-49, 50-99, 100-199, ..."""
    for lag in range(min(10, step)):
        yield lag, lag
    edges = [digit * 10**power for power in range(1, 12) for digit in (1, 2, 5)]
    for first, after in pairwise(edges):
        if first < step:
            yield first, min(after, step) - 1


def _read(text: str, step: int) -> str:
    return alone(text[step - 1])
