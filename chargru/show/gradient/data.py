"""Gradients, one step's derivative and C_k as JSON documents, as rows for CSV and as arrays for NPZ."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from chargru.gru.weights import GATES
from chargru.insight.backward import TERM_NAMES
from chargru.insight.gradient import GradientReport, Sizes
from chargru.insight.jacobian import StepJacobian
from chargru.insight.weight_gradient import WeightGradient
from chargru.show.data import csv_text, finite, json_text, npz_bytes
from chargru.show.view import View

Document = dict[str, Any]
Found = GradientReport | StepJacobian | WeightGradient


def as_json(found: Found, _: View | None = None) -> str:
    """The document on one line: chargru.gradient/1, chargru.jacobian/1 or chargru.weight_gradient/1."""
    if isinstance(found, GradientReport):
        return json_text(_gradient(found))
    return json_text(_jacobian(found) if isinstance(found, StepJacobian) else _weights(found))


def as_csv(found: Found, _: View | None = None) -> str:
    """Long form: one row a curve and lag, a term, or a layer, gate and step; empty where there is no number."""
    return csv_text(_rows(found))


def as_npz(found: Found, _: View | None = None) -> bytes:
    """The arrays, float64; of a gradient log10 of the size at every position and lag, -inf where it is exactly zero."""
    return npz_bytes(_arrays(found))


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _gradient(report: GradientReport) -> Document:
    return {
        "schema": "chargru.gradient/1",
        "checkpoint": report.checkpoint,
        "text": report.text,
        "reset": report.reset,
        "positions": report.positions.tolist(),
        "untrained": report.untrained_name,
        "against": report.against_name or None,
        "log10_sizes": [
            {"lag": lag, **{_key(name): _summary(sizes, lag) for name, sizes in report.columns.items()}}
            for lag in report.lags
        ],
    }


def _summary(sizes: Sizes, lag: int) -> Document:
    return {"mean": finite(sizes.mean(lag)), "std": finite(sizes.std(lag)), "zeros": sizes.zeros(lag)}


def _jacobian(found: StepJacobian) -> Document:
    return {
        "schema": "chargru.jacobian/1",
        "checkpoint": found.checkpoint,
        "text": found.text,
        "step": found.step,
        "layer": found.layer,
        "reset": found.reset,
        "terms": _records(found),
        "spectral_radius": found.spectral_radius(),
    }


def _weights(found: WeightGradient) -> Document:
    return {
        "schema": "chargru.weight_gradient/1",
        "checkpoint": found.checkpoint,
        "text": found.text,
        "step": found.step,
        "parts": _records(found),
    }


def _records(found: StepJacobian | WeightGradient) -> list[Document]:
    """The rows of the CSV, each keyed by their names."""
    header, *rows = _rows(found)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _rows(found: Found) -> Iterable[tuple[Any, ...]]:
    if isinstance(found, GradientReport):
        yield "curve", "lag", "mean_log10", "std_log10", "zeros", "positions"
        for name, sizes in found.columns.items():
            for lag in found.lags:
                numbers = (finite(sizes.mean(lag)), finite(sizes.std(lag)))
                yield _key(name), lag, *numbers, sizes.zeros(lag), len(found.positions)
    elif isinstance(found, StepJacobian):
        yield "term", "two_norm", "frobenius_norm"
        yield from zip((*TERM_NAMES, "sum"), found.two_norms().tolist(), found.frobenius_norms().tolist(), strict=True)
    else:
        yield "layer", "gate", "k", "char", "log10_size", "share"
        log10_sizes, shares = found.log10_sizes(), found.shares()
        for layer, gate, row in np.ndindex(*shares.shape):
            size, share = (finite(float(values[layer, gate, row])) for values in (log10_sizes, shares))
            yield layer + 1, GATES[gate], row + 1, found.text[row], size, share


def _arrays(found: Found) -> dict[str, Any]:
    if isinstance(found, GradientReport):
        curves = {_key(name): sizes.log10 for name, sizes in found.columns.items()}
        return {"positions": found.positions, "lags": np.arange(found.whole.log10.shape[1]), **curves}
    if isinstance(found, StepJacobian):
        return {**dict(zip(TERM_NAMES, found.terms, strict=True)), "sum": found.total}
    return {"log10_sizes": found.log10_sizes(), "shares": found.shares()}
