"""The kernels as processors with 256-bit vectors get them, by each compiler that is here, against torch operations."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROCESSOR = Path("/proc/cpuinfo")
WIDE = PROCESSOR.exists() and "avx512f" in PROCESSOR.read_text(encoding="utf-8")

COMPARE = """
import torch
from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.native import build, kernels
from chargru.engine.plain import plain_loss

def apart(ours, theirs):
    return max(float(((a - b).abs() / b.abs().max().clamp(1)).max()) for a, b in zip(ours, theirs, strict=True))

def layer(engine, H, reset):
    torch.manual_seed(H)
    shapes = ((3 * H, 9), (3 * H, H), (3 * H,), (3 * H,))
    weights = [(torch.randn(shape) * 0.3).requires_grad_() for shape in shapes]
    h, last = gru_layer(torch.randint(9, (5, 7)), torch.randn(7, H), *weights, reset=reset, engine=engine)
    return [h.detach(), *torch.autograd.grad((h * h).sum() + last.sum(), weights)]

def loss(path, H, V):
    torch.manual_seed(H + V)
    inputs = [torch.randn(shape, requires_grad=True) for shape in ((70, H), (V, H), (V,))]
    value = path(*inputs, torch.randint(V, (70,)), torch.ones(10, H))
    return [value.detach(), *torch.autograd.grad(value, inputs)]

assert build.library("float").vector_width() == 8, build.description()
for H in (1, 7, 8, 9, 16, 17, 24, 25, 33, 64):
    for reset in ("after", "before"):
        difference = apart(layer("compiled", H, reset), layer("torch", H, reset))
        assert difference < 3e-6, (H, reset, difference)
    for V in (2, 8, 9, 17, 24, 25):
        difference = apart(loss(head.loss, H, V), loss(plain_loss, H, V))
        assert difference < 3e-6, (H, V, difference)
x = torch.randint(9, (6, 7))
torch.manual_seed(0)
weights = [torch.randn(shape) * 0.3 for shape in ((195, 9), (195, 65), (195,), (195,))]
for reset in ("after", "before"):
    h, _ = gru_layer(x, torch.zeros(7, 65), *weights, reset=reset, engine="compiled")
    alone, _ = gru_layer(x[:, 5:6], torch.zeros(1, 65), *weights, reset=reset, engine="compiled")
    assert torch.equal(h[:, 5:6], alone), reset
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64" or not WIDE, reason="here all kernels are those of this machine")
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_narrow_vectors_compute_the_same(compiler, tmp_path):
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    script = tmp_path / "narrow"
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo narrow && exit\nexec {compiler} "$@" -mno-avx512f\n')
    script.chmod(0o755)
    environment = {**os.environ, "CHARGRU_COMPILER": str(script), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", COMPARE], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
