"""Batches: lanes, windows and offsets, against positions worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargru.errors import SettingError, TextError
from chargru.text.batches import Batches, one_hot

SIZES = st.tuples(st.integers(2, 400), st.integers(1, 9), st.integers(1, 12), st.integers(0, 2**40))


def counting(n, lanes, window, seed=0):
    """Batches over a text whose id at each position is the position itself."""
    return Batches(np.arange(n), n, lanes=lanes, window=window, seed=seed)


def lanes_of(batches, epoch):
    """What each lane reads in an epoch, (B, W*T), and what it has to predict."""
    windows = list(batches.epoch(epoch))
    inputs_TB = np.concatenate([window.inputs_TB for window in windows])
    targets_TB = np.concatenate([window.targets_TB for window in windows])
    return inputs_TB.T, targets_TB.T


def test_windows_of_a_tiny_text_by_hand():
    """24 predictions, 2 lanes, windows of 3: (24 - 3) // 6 = 3 windows, 9 characters a lane, slack 6."""
    batches = counting(25, lanes=2, window=3)
    assert (batches.lanes, batches.window, batches.windows_per_epoch, batches.slack) == (2, 3, 3, 6)
    o = batches.offset(0)
    second = batches.window_at(0, 1)
    assert (second.inputs_TB - o).tolist() == [[3, 12], [4, 13], [5, 14]]
    assert (second.targets_TB - o).tolist() == [[4, 13], [5, 14], [6, 15]]
    assert (second.epoch, second.index, second.first) == (0, 1, False)


def test_text_ids_are_read_at_those_positions():
    """8 predictions, 1 lane of 3 + 3: slack 2; the offset is read off the first id."""
    batches = Batches(np.array([7, 1, 4, 0, 2, 6, 3, 5, 8], dtype=np.uint8), 9, lanes=1, window=3, seed=5)
    text = [7, 1, 4, 0, 2, 6, 3, 5, 8]
    o = batches.offset(0)
    assert batches.windows_per_epoch == 1
    assert batches.window_at(0, 0).inputs_TB[:, 0].tolist() == text[o : o + 3]
    assert batches.window_at(0, 0).targets_TB[:, 0].tolist() == text[o + 1 : o + 4]


@given(SIZES, st.integers(0, 3))
def test_lanes_are_contiguous_disjoint_and_inside(sizes, epoch):
    n, lanes, window, seed = sizes
    batches = counting(n, lanes, window, seed)
    inputs_BT, targets_BT = lanes_of(batches, epoch)
    expected = batches.offset(epoch) + np.arange(inputs_BT.size)
    np.testing.assert_array_equal(inputs_BT.ravel(), expected)
    np.testing.assert_array_equal(targets_BT.ravel(), expected + 1)
    assert 0 <= expected[0] <= expected[-1] + 1 <= n - 1


@given(SIZES)
def test_little_of_a_text_is_left_out(sizes):
    n, lanes, window, seed = sizes
    batches = counting(n, lanes, window, seed)
    assert 0 <= batches.slack < (batches.lanes + 1) * batches.window


def test_only_the_first_window_starts_the_epoch():
    assert [window.first for window in counting(25, 2, 3).epoch(1)] == [True, False, False]


def test_offsets_differ_between_epochs_and_fill_their_range():
    batches = counting(25, lanes=2, window=3)
    assert {batches.offset(epoch) for epoch in range(100)} == set(range(7))


def test_offsets_differ_between_seeds():
    assert [counting(999, 2, 20, 1).offset(e) for e in range(8)] != [
        counting(999, 2, 20, 2).offset(e) for e in range(8)
    ]


def test_same_seed_gives_the_same_windows_in_any_order():
    resumed = [window.inputs_TB for window in counting(500, 3, 7, seed=4).epoch(5, start=6)]
    whole = [window.inputs_TB for window in counting(500, 3, 7, seed=4).epoch(5)]
    assert len(whole) > 6
    np.testing.assert_array_equal(resumed, whole[6:])


def test_small_text_gets_fewer_lanes_with_a_note():
    batches = counting(1000, lanes=64, window=50)
    assert (batches.lanes, batches.window, batches.windows_per_epoch) == (4, 50, 4)
    assert batches.notes == ("the training text has 1,000 characters: 4 lanes instead of 64",)


def test_tiny_text_gets_one_lane_and_a_shorter_window():
    batches = counting(9, lanes=2, window=128)
    assert (batches.lanes, batches.window, batches.windows_per_epoch, batches.slack) == (1, 8, 1, 0)
    assert batches.notes == (
        "the training text has 9 characters: 1 lane instead of 2",
        "the training text has 9 characters: a window of 8 instead of 128",
    )


def test_large_enough_text_has_no_note():
    assert counting(1001, lanes=5, window=50).notes == ()


def test_two_characters_are_one_prediction():
    window = counting(2, lanes=4, window=4).window_at(3, 0)
    assert (window.inputs_TB.tolist(), window.targets_TB.tolist()) == ([[0]], [[1]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_windows_are_contiguous_int64_of_their_own(dtype):
    ids = np.arange(100, dtype=dtype)
    window = Batches(ids, 100, lanes=2, window=5).window_at(0, 0)
    for array in (window.inputs_TB, window.targets_TB):
        assert (array.dtype, array.flags.c_contiguous, np.shares_memory(array, ids)) == (np.int64, True, False)


def test_memory_map_reads_like_an_array(tmp_path):
    ids = np.random.default_rng(0).integers(0, 9, 300).astype(np.uint16)
    ids.tofile(tmp_path / "ids")
    mapped = Batches(np.memmap(tmp_path / "ids", np.uint16, "r"), 9, lanes=3, window=8).window_at(2, 3)
    plain = Batches(ids, 9, lanes=3, window=8).window_at(2, 3)
    assert type(mapped.inputs_TB) is np.ndarray
    np.testing.assert_array_equal(mapped.inputs_TB, plain.inputs_TB)


def test_window_one_hot_marks_its_inputs():
    window = Batches(np.array([0, 2, 1, 2, 0]), 3, lanes=1, window=4).window_at(0, 0)
    x_TBV = window.one_hot()
    assert x_TBV.dtype == np.float32
    assert x_TBV.tolist() == [[[1, 0, 0]], [[0, 0, 1]], [[0, 1, 0]], [[0, 0, 1]]]


def test_one_hot_times_weights_picks_columns():
    """W x for a one-hot x is a column of W: the reason that the model may take ids instead."""
    W_HV = np.random.default_rng(1).normal(size=(4, 6))
    ids = np.array([[5, 0, 3], [2, 2, 1]])
    np.testing.assert_array_equal(one_hot(ids, 6, np.float64) @ W_HV.T, W_HV.T[ids])


def test_one_hot_of_nothing():
    assert one_hot(np.zeros((0, 2), np.int64), 3).shape == (0, 2, 3)


@pytest.mark.parametrize("id_", [-1, 3])
def test_one_hot_refuses_an_id_out_of_range(id_):
    with pytest.raises(SettingError, match="vocabulary of 3"):
        one_hot(np.array([0, id_]), 3)


@pytest.mark.parametrize(
    ("name", "value", "hint"), [("lanes", 0, "`batch_size`"), ("window", 0, "`window`"), ("seed", -1, "`seed`")]
)
def test_settings_out_of_range_are_refused(name, value, hint):
    settings = {"lanes": 1, "window": 1, "seed": 0, name: value}
    with pytest.raises(SettingError) as caught:
        Batches(np.arange(9), 9, **settings)
    assert caught.value.hint.startswith(f"give {hint}")


@pytest.mark.parametrize("n", [0, 1])
def test_text_without_a_prediction_is_refused(n):
    with pytest.raises(TextError, match=f"has {n} character.* at least 2"):
        Batches(np.zeros(n, np.uint8), 1, lanes=1, window=1)


@pytest.mark.parametrize(("epoch", "index"), [(0, 3), (0, -1), (-1, 0)])
def test_no_such_window(epoch, index):
    with pytest.raises(IndexError, match=f"no window {index} in epoch {epoch}"):
        counting(25, 2, 3).window_at(epoch, index)
