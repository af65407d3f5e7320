"""The kernels, built with the sanitizers of addresses and of undefined behaviour, over layer and head."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chargru.engine.native import precision

pytestmark = pytest.mark.slow

RUN = """
import itertools, sys
import torch
from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.native import build, kernels
torch.set_num_threads(3)

def layer(H, B, T, V, reset, dtype, precision, dense):
    weights = [torch.randn(shape, dtype=dtype) / H**0.5 for shape in ((3 * H, V), (3 * H, H), (3 * H,), (3 * H,))]
    leaves = [weight.requires_grad_() for weight in weights]
    x = torch.randn(T, B, V, dtype=dtype) if dense else torch.randint(V, (T, B))
    h_0 = torch.randn(B, H, dtype=dtype, requires_grad=True)
    arguments = {"reset": reset, "engine": "compiled", "precision": precision}
    with torch.no_grad():
        gru_layer(x, h_0, *leaves, **arguments)
    h, last = gru_layer(x, h_0, *leaves, **arguments)
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(h.sum() + last.sum(), [h_0, *leaves]))

def loss(H, B, T, V, dtype, dropout):
    leaves = [torch.randn(shape, dtype=dtype, requires_grad=True) for shape in ((B * T, H), (V, H), (V,))]
    targets, kept = torch.randint(V, (B * T,)), torch.ones(B, H, dtype=dtype) if dropout else None
    head.nats(*leaves, targets)
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(head.loss(*leaves, targets, kept), leaves))

SIZES = [(1, 1, 1, 2), (7, 1, 3, 5), (16, 5, 4, 17), (33, 7, 2, 9), (70, 39, 8, 65), (130, 3, 90, 30)]
dtype, precision = getattr(torch, sys.argv[1]), sys.argv[2]
for size in SIZES[: int(sys.argv[3])]:
    for reset, dense in itertools.product(("after", "before"), (False, True)):
        layer(*size, reset, dtype, precision, dense)
    for dropout in (False, True):
        loss(*size, dtype, dropout)
real = "bfloat16" if precision == "bf16" else kernels.REALS[dtype]
print(build.library(real).tiles(), "done")
"""
# The same with the head's memory as long as H and V themselves, which is too short.
SHORT = RUN.replace("SIZES = [", "from chargru.engine.native import head_kernel\n"
"head_kernel.up_to = lambda count, multiple: count\nSIZES = [")  # fmt: skip


@functools.cache
def sanitizers():
    """What to load before the interpreter; skips the test where gcc has none."""
    if sys.platform != "linux" or not shutil.which("gcc"):
        pytest.skip("there is no gcc on Linux")
    names = ("libasan.so", "libubsan.so", "libstdc++.so.6")
    paths = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in names
    ]
    missing = [name for name, path in zip(names, paths, strict=True) if not Path(path).is_absolute()]
    if missing:
        pytest.skip(f"gcc has no {missing[0]}")
    return ":".join(paths)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the libraries are, as they take long to build."""
    return tmp_path_factory.mktemp("sanitized")


def run(code, folder, dtype, products, flags="", sizes=6):
    preload = sanitizers()
    script = folder / "sanitized"
    all_flags = f"-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -O1 {flags}"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo {all_flags} && exit\nexec gcc "$@" {all_flags}\n', encoding="utf-8"
    )
    script.chmod(0o755)
    environment = {**os.environ, "CHARGRU_COMPILER": str(script), "XDG_CACHE_HOME": str(folder)}
    environment |= {"LD_PRELOAD": preload, "ASAN_OPTIONS": "detect_leaks=0"}  # those of the interpreter
    command = [sys.executable, "-c", code, dtype, products, str(sizes)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layer_and_head(folder, dtype):
    done = run(RUN, folder, dtype, "fp32")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 done\n", "")


@pytest.mark.skipif(not precision.has_bf16(), reason=precision.why_not())
@pytest.mark.parametrize("unit", ["processor", "emulated tiles"])
def test_products_in_bfloat16(folder, unit):
    emulated = unit == "emulated tiles"
    flags = f"-DEMULATE_TILES -I{Path(__file__).parent}" if emulated else ""
    done = run(RUN, folder, "float32", "bf16", flags, sizes=4 if emulated else 6)  # emulation takes minutes
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("1 done\n" if emulated or precision.unit() == "amx_bf16" else "0 done\n")


def test_memory_that_is_too_short_is_seen(folder):
    done = run(SHORT, folder, "float32", "fp32")
    assert done.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in done.stderr
