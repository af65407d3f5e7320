"""The kernels' structs stand in C and in Python: what differs is caught before anything is called."""

import pytest
import torch

from chargru.engine.native import abi, build, kernels
from chargru.engine.window import Window

pytestmark = pytest.mark.skipif(not kernels.available(torch.zeros(1)), reason="there is no C compiler")

WINDOW, HEAD = "window.h", "head.h"


@pytest.mark.parametrize("real", ["float", "double"])
def test_structs_agree(real):
    assert build.build(real).reason == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (WINDOW, "FIELD(REAL *, d_0) ", "FIELD(REAL *, d_0) FIELD(REAL *, more) ", "has more where Python has carried"),
        (WINDOW, "FIELD(int64_t, right_stride)", "FIELD(int64_t, right_stride) FIELD(char, more)", "window is longer"),
        (WINDOW, "FIELD(int64_t, steps)", "FIELD(int32_t, steps)", "struct window has steps where Python has steps"),
        ("kernels.c", "EXPORT int64_t spare", "int64_t spare", "lacks a function"),
    ],
)  # fmt: skip
def test_what_differs_is_named(altered, file, old, new, reason):
    made = altered("float", file, old, new)
    assert made.library is None
    assert reason in made.reason
    assert "\n" not in made.reason


@pytest.mark.parametrize(
    ("file", "first", "second"),
    [(WINDOW, "FIELD(const REAL *, h_0) ", "FIELD(REAL *, h) "), (HEAD, "FIELD(REAL *, nats) ", "FIELD(REAL *, d_h) ")],
)
def test_two_pointers_in_each_other_s_place_are_caught(altered, file, first, second):
    """The kernels would read one array as the other, and nothing would say so."""
    made = altered("float", file, first, "FIELD(char *, neither) ", second, first, "FIELD(char *, neither) ", second)
    assert made.library is None
    assert f"the library's struct {file.removesuffix('.h')} has" in made.reason


def test_memory_that_lies_apart_is_an_internal_error():
    task, apart = abi.WindowTask(), torch.zeros(4, 6)[:, :3]
    with pytest.raises(RuntimeError, match="internal error: h_0 is not contiguous"):
        task.point(h_0=apart)
    with pytest.raises(RuntimeError, match="internal error: h_0 is not contiguous"):
        task.point_arrays(h_0=apart.numpy())
    task.point_rows(left=apart)
    assert task.left == apart.data_ptr()
    with pytest.raises(RuntimeError, match="internal error: the rows of left are not contiguous"):
        task.point_rows(left=apart.t())


def test_first_rows_that_lie_otherwise_apart_than_the_others_are_refused():
    h, left, run = torch.zeros(3, 2, 5), torch.zeros(6, 4), torch.zeros(2, 9)
    window = Window(before=False, h_0=h[0], weight_hh=torch.zeros(15, 5), b_hn=torch.zeros(5), h=h, rows=None)
    with pytest.raises(AssertionError, match="as far apart"):
        kernels.outer_products(window, left, h.flatten(0, 1), run[:, :5])
