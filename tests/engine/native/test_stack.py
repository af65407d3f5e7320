"""The kernels' work memory is not on the stacks of the threads, which a user may have made small."""

import os
import subprocess
import sys

import pytest
import torch

from chargru.engine.native import kernels

COMPARE = """
import torch
from chargru.engine import head
from chargru.engine.layer import gru_layer
from chargru.engine.native.precision import has_bf16
from chargru.engine.plain import plain_layer, plain_loss

torch.set_num_threads(4)
H = 512
for dtype, precision in ((torch.float32, "fp32"), (torch.float64, "fp32"), (torch.float32, "bf16")):
    if precision == "bf16" and not has_bf16():
        continue
    for reset in ("after", "before"):
        torch.manual_seed(0)
        shapes = ((3 * H, 9), (3 * H, H), (3 * H,), (3 * H,), (9, H), (9,))
        weights = [(torch.randn(shape, dtype=dtype) / H**0.5).requires_grad_() for shape in shapes]
        x, h_0 = torch.randint(9, (16, 17)), torch.zeros(17, H, dtype=dtype)
        h, _ = gru_layer(x, h_0, *weights[:4], engine="compiled", reset=reset, precision=precision)
        ours = torch.autograd.grad(head.loss(h.flatten(0, 1), *weights[4:], x.flatten()), weights)
        h, _ = plain_layer(x, h_0, *weights[:4], reset=reset)
        plain = torch.autograd.grad(plain_loss(h.flatten(0, 1), *weights[4:], x.flatten()), weights)
        difference = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(ours, plain))
        assert difference < (0.05 if precision == "bf16" else 1e-5), (dtype, precision, reset, difference)
"""


@pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")
def test_threads_with_small_stacks_compute_the_same():
    environment = {**os.environ, "OMP_STACKSIZE": "256K"}
    done = subprocess.run([sys.executable, "-c", COMPARE], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
