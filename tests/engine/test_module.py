"""The network as torch modules: its loss, what dropout and weight drop leave out, and its scorer."""

import math

import numpy as np
import pytest
import torch

from chargru.engine.module import CharGRU, ModuleScorer, drop, kept_elements
from chargru.gru.initial import initialise
from chargru.gru.weights import Architecture

pytestmark = pytest.mark.usefixtures("one_thread")


def test_dense_one_hot_and_ids_give_the_same_loss_and_gradient():
    architecture = Architecture(vocabulary_size=9, hidden_size=5, layers=2)
    inputs_TB, targets_TB = (torch.arange(start, start + 21).view(7, 3) % 9 for start in (0, 3))
    outcomes = []
    for x in (inputs_TB, torch.nn.functional.one_hot(inputs_TB, 9).float()):
        model = CharGRU(architecture)
        model.load(initialise(architecture, 3))
        loss, after = model.loss(x, targets_TB, model.zero_state(3))
        loss.backward()
        outcomes.append((loss, after, *(p.grad for p in model.parameters())))
    for ids, dense in zip(*outcomes, strict=True):
        assert float((ids - dense).detach().abs().max()) <= 1e-6


def test_dropout_zeroes_a_unit_for_a_whole_window_and_keeps_the_mean():
    torch.manual_seed(0)
    dropped = drop(torch.ones(7, 50, 40), 0.25)
    assert np.array_equal(dropped[0], dropped[6])
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float((dropped[0] == 0).double().mean()) == pytest.approx(0.25, abs=0.04)
    assert drop(dropped, 0.0) is dropped


SHARES = [0.0, 1e-9, 0.1, 0.5, 0.999992, 0.9999999, math.nextafter(1, 0)]


@pytest.mark.parametrize("share", SHARES)
def test_kept_elements_are_as_many_and_as_large_as_the_share_says(share):
    torch.manual_seed(0)
    count = 2_000_003  # no multiple of four
    factors = kept_elements(torch.ones(count), share)
    rounded = min(round(share * 2**16), 2**16 - 1) / 2**16
    assert abs(rounded - share) <= 2**-16
    expected = count * (1 - rounded)
    assert abs(int((factors != 0).sum()) - expected) <= 5 * math.sqrt(expected * rounded)
    assert factors.unique().tolist() == pytest.approx([1.0] if rounded == 0 else [0.0, 1 / (1 - rounded)], rel=1e-7)


def thinning(**given):
    torch.manual_seed(0)
    return CharGRU(Architecture(9, 20, 2), **given)


def test_weight_drop_zeroes_elements_of_W_hh_alone_and_keeps_the_mean():
    recurrent = thinning(weight_drop=0.25).recurrent
    for whole, thinned in zip(recurrent.all_weights, recurrent.thinned_weights(), strict=True):
        assert all(a is b for number, (a, b) in enumerate(zip(whole, thinned, strict=True)) if number != 1)
        kept = thinned[1] != 0
        assert float((thinned[1] - whole[1] / 0.75)[kept].detach().abs().max()) <= 1e-6
        assert float(kept.double().mean()) == pytest.approx(0.75, abs=0.03)
    first, second = (recurrent.thinned_weights()[0][1] for _ in range(2))
    assert not torch.equal(first, second)
    assert recurrent.eval().thinned_weights() == recurrent.all_weights


def test_weight_drop_draws_16_bits_an_element():
    """At 0.1 the probability is 6,554 in 65,536, so that the factor is 1.111119 and not 1 / 0.9 = 1.111111."""
    recurrent = thinning(weight_drop=0.1).recurrent
    for whole, thinned in zip(recurrent.all_weights, recurrent.thinned_weights(), strict=True):
        kept = thinned[1] != 0
        factors = (thinned[1] / whole[1])[kept].detach()
        assert float((factors - 65_536 / 58_982).abs().max()) <= 5e-7


def test_weight_drop_passes_the_gradient_of_what_it_kept():
    recurrent = thinning(weight_drop=0.25).recurrent
    (_, thinned, *_), _ = recurrent.thinned_weights()
    (gradient,) = torch.autograd.grad(thinned.sum(), recurrent.weight_hh_l0)
    assert float((gradient * recurrent.weight_hh_l0 - thinned).detach().abs().max()) == 0


def test_torch_s_own_pass_takes_the_thinned_weights_too():
    recurrent = thinning(weight_drop=0.5).recurrent
    x, h_0 = torch.randint(9, (6, 3)), torch.randn(2, 3, 20)
    torch.manual_seed(1)
    ours = recurrent(x, h_0)
    torch.manual_seed(1)
    theirs = recurrent.by_torch(recurrent.one_hot(x), h_0, recurrent.thinned_weights())
    for mine, other in zip(ours, theirs, strict=True):
        assert float((mine - other).detach().abs().max()) <= 1e-6
    assert float((ours[0] - recurrent.eval()(x, h_0)[0]).detach().abs().max()) > 0.01


def test_scores_know_nothing_of_weight_drop():
    model, plain = thinning(weight_drop=0.5), thinning()
    plain.load_state_dict(model.state_dict())
    ids = np.arange(12).reshape(6, 2) % 9
    nats = [ModuleScorer(m).nats(ids, ids, m.zero_state(2))[0] for m in (model, plain)]
    assert np.array_equal(*nats)
