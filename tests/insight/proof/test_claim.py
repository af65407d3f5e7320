"""What a claim makes of its difference."""

from chargru.insight.proof.claim import Contrast, Identity


def test_what_is_not_a_number_does_not_hold():
    assert not Identity("", float("nan")).holds
    assert Contrast("", float("nan")).visible
