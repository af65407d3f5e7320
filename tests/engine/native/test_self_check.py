"""A library that computes something else than the equations is not used, and the reason is said."""

import logging

import pytest
import torch
from layers import make, make_input

from chargru.engine.engines import choose
from chargru.engine.layer import gru_layer
from chargru.engine.native import build, kernels, precision
from chargru.errors import SettingError

pytestmark = pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")

MISTAKES = [
    ("float", "kernels.c", "vec fresh = (1 - z) * n;", "vec fresh = z * n;", "states with reset after"),
    ("float", "kernels.c", "dh * (1 - z) * (1 - n * n)", "dh * (1 - z)", "gradients with reset after"),
    ("double", "kernels.c", "const vec rh = r * load", "const vec rh = load", "states with reset before"),
    ("double", "kernels.c", "load(carried) + drh * r", "load(carried) + drh", "gradients with reset before"),
    ("float", "kernels.c", "store(out + i, load(out + i) + load(from + i))", "store(out + i, load(from + i))", "grad"),
    ("float", "weight_gradient.h", "k ? part + load_part(out, count) : part", "part + 1", "gradients with reset after"),
    ("float", "weight_gradient.h", "k ? part + load_part(out, count) : part", "part", "gradients with reset after"),
    ("float", "product.h", "TILE(m_ = 4, b_, __VA_ARGS__)", "m_ = 4", "states with reset after"),
    ("float", "product.h", "TILE(m_ = 2, b_, __VA_ARGS__)", "m_ = 2", "states with reset after"),
    ("float", "head.h", "LOGARITHM(sum) - of_target", "LOGARITHM(sum)", "head's loss"),
    ("double", "head.h", "if (w->kept) d_h *=", "if (0) d_h *=", "head's gradient of h"),
    ("double", "head.h", "a[target] -= (REAL)1 / w->rows", "a[target] -= (REAL)1", "head's gradient of h"),
    ("float", "head.h", "load(d_bias + i) + load(d_a", "load(d_a", "head's gradient of its bias"),
    ("float", "head.h", "load(out) + tile[row * NR", "tile[0 * NR", "head's gradient of its weight"),
]  # fmt: skip


QUICK = ("states with reset after", "gradients with reset before", "head's loss", "head's gradient of its bias")
CASES = [case if case[-1] in QUICK else pytest.param(*case, marks=pytest.mark.slow) for case in MISTAKES]


@pytest.mark.parametrize(("real", "file", "old", "new", "what"), CASES)
def test_mistake_is_found(altered, real, file, old, new, what):
    made = altered(real, file, old, new)
    assert made.library is None
    assert f"the compiled code computes the {what}" in made.reason


@pytest.mark.skipif(not precision.has_bf16(), reason=precision.why_not())
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("operands_bfloat16.h", "_mm512_slli_epi32(high, 16)", "high"),
        ("operands_bfloat16.h", "copy_at(w, (t + 1) % 2, b, w->padded)", "copy_at(w, 0, b, w->padded)"),
        ("kernels.c", "vec fresh = (1 - z) * n;", "vec fresh = z * n;"),
    ],
)
def test_mistake_in_bfloat16_is_found_and_said_once(altered, caplog, file, old, new):
    with caplog.at_level(logging.WARNING, "chargru"):
        assert "wrongly" in altered("bfloat16", file, old, new).reason
        precision.why_not.cache_clear()
        assert [precision.resolve("auto", 512) for _ in range(2)] == ["fp32", "fp32"]
        with pytest.raises(SettingError, match=r"no compiled products in bfloat16 [(]the compiled code computes the"):
            precision.resolve("bf16", 512)
    precision.why_not.cache_clear()
    (record,) = caplog.records
    assert record.getMessage().startswith("note: products are made in float32, not in bfloat16 (the compiled code")


def test_torch_operations_do_the_work_and_the_reason_is_said_once(altered, caplog):
    altered("float", "kernels.c", "vec fresh = (1 - z) * n;", "vec fresh = z * n;")
    weights, (x, h_0) = make(9, 4), make_input(9, 3, 5, 4)
    with caplog.at_level(logging.WARNING, "chargru"):
        results = [gru_layer(x, h_0, *weights, engine=name)[0] for name in ("auto", "torch", "auto")]
        assert choose("auto", h_0).name == "torch"
    assert torch.equal(results[0], results[1])
    said = "the compiled code computes the states with reset after wrongly"
    assert [said in record.getMessage() for record in caplog.records] == [True]
    assert said in build.description()
