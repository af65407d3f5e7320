"""A disk that refuses any call of any save: training goes on, saves when it can, and ends with the same bits."""

import pytest
from faults import runs
from faults.disk import CALLS, REFUSALS, Disk

from chargru import run
from chargru.errors import RunError
from chargru.model import MODEL

UPDATES = 3


@pytest.fixture(autouse=True)
def _saved_often(monkeypatch):
    monkeypatch.setattr(runs.session, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(runs.saving, "TRY_EVERY", 0.001)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "cat.txt"
    path.write_text(runs.TEXT)
    return path


@pytest.fixture
def whole(text, tmp_path):
    """A run that nothing happened to: its bits, and how many calls of each kind it took."""
    with Disk(tmp_path / "whole") as disk:
        runs.trained(text, tmp_path / "whole", UPDATES)
    return runs.bits(tmp_path / "whole"), disk.counts


def names(out):
    return {entry.name for entry in out.iterdir()}


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_costs_no_update(text, tmp_path, whole, call, lasting):
    """Every call of that kind, with one errno after another; a lasting refusal ends when it was said."""
    expected, counts = whole
    assert counts[call] > 8
    said = 0
    for number in range(1, counts[call] + 1):
        out = tmp_path / f"{number}"
        refusal = REFUSALS[number % len(REFUSALS)]
        with Disk(out, call, number, refusal, lasting) as disk:
            shown = runs.Hears(lambda note, disk=disk: "not saved" in note and disk.free())
            try:
                runs.trained(text, out, UPDATES, shown)
            except RunError:  # of the first save
                assert shown.updates == 0
                disk.free()
                runs.check_that_it_loads(out)
                runs.trained(text, out, UPDATES)
        assert disk.refused
        said += any("saved again" in note for note in shown.notes)
        assert runs.bits(out) == expected
        assert names(out) == {run.LOCK, run.METRICS, run.TRAINING, MODEL}
    assert said > counts[call] // 2
