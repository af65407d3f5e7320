"""Settings and budgets: what is refused, and documents of them."""

import math
from dataclasses import replace

import pytest
from sessions import SMALL

from chargru.errors import ChargruError, DamagedRunError, SettingError
from chargru.training.settings import DEFAULTS, Budget, Settings, budget


def test_document_gives_the_settings_back():
    settings = Settings(hidden_size=7, dropout=0.25, encoding="latin-1")
    assert Settings.from_document(settings.to_document()) == settings


@pytest.mark.parametrize("name", ["weight_drop", "initial_memory"])
def test_a_run_from_before_a_setting_was_trained_without_it(name):
    older = replace(DEFAULTS, weight_drop=0.2, initial_memory=50.0).to_document()
    del older[name]
    assert Settings.from_document(older) == replace(DEFAULTS, **{"weight_drop": 0.2, "initial_memory": 50.0, name: 0.0})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("hidden_size", 0, "`hidden_size` is 0"),
        ("learning_rate", 0.0, "`learning_rate` is 0.0"),
        ("learning_rate", float("nan"), "`learning_rate` is nan"),
        ("dropout", 1.0, "`dropout` is 1.0"),
        ("weight_drop", -0.1, "`weight_drop` is -0.1"),
        ("initial_memory", 1.5, "`initial_memory` is 1.5, but it must be 0, or from 2 to 1,000,000"),
        ("validation_fraction", -0.1, "`validation_fraction` is -0.1"),
        ("seed", -1, "`seed` is -1"),
        ("reset", "sideways", "after or before"),
    ],
)
def test_a_value_out_of_range_names_its_argument(name, value, said):
    with pytest.raises(SettingError, match=said):
        replace(DEFAULTS, **{name: value})


def test_a_document_with_another_setting_is_refused():
    with pytest.raises(DamagedRunError, match="colour"):
        Settings.from_document({**DEFAULTS.to_document(), "colour": 1})


def test_two_budgets_are_refused():
    with pytest.raises(SettingError, match="`minutes` and `updates`"):
        budget(1.0, None, 5)


def test_no_budget_is_none_and_zero_is_an_error():
    assert budget(None, None, None) is None
    assert budget(None, 3, None) == Budget("epochs", 3.0)
    with pytest.raises(SettingError, match="`updates` is 0"):
        budget(None, None, 0)


def test_total_updates():
    assert Budget("epochs", 3.0).total_updates(7) == 21
    assert Budget("updates", 9.0).total_updates(7) == 9
    assert Budget("minutes", 3.0).total_updates(7) is None


SHARES = [0.0, 1e-9, 0.1, 0.5, 0.999992, 0.9999999, math.nextafter(1, 0)]


@pytest.mark.parametrize("name", ["dropout", "weight_drop"])
def test_the_settings_allow_no_share_but_these(name):
    for share in SHARES:
        assert getattr(replace(SMALL, **{name: share}), name) == share
    for wrong in (1.0, math.nan, math.inf, -1e-9):
        with pytest.raises(SettingError, match="at least 0 and below 1"):
            replace(SMALL, **{name: wrong})


SETTINGS = Settings(hidden_size=7, layers=2, batch_size=3, window=8, threads=1, learning_rate=0.02, weight_decay=0.5)


@pytest.mark.parametrize(
    ("force", "message"),
    [
        ("z=0.5", "is neither 0 nor 1"),
        ("z=1@3-9", "names steps"),
        ("z[7]=1", "index 7, but a layer of this model has 7 units"),
        ("3:z=1", "layer 3, but the model has 2 layers"),
    ],
)
def test_what_training_cannot_hold_is_refused(force, message):
    with pytest.raises(ChargruError) as error:
        replace(SETTINGS, force=(force,))
    assert message in error.value.message


def test_settings_without_a_sound_force_are_refused():
    with pytest.raises(SettingError, match="only the gates r and z"):
        Settings(force=("n=1",))


@pytest.mark.parametrize("change", [{"seed": 10**20}, {"threads": 10**11}, {"hidden_size": 10**11}])
def test_a_number_beyond_all_sense_names_its_argument(change):
    with pytest.raises(SettingError, match=f"`{next(iter(change))}`"):
        replace(SMALL, **change)


@pytest.mark.parametrize("unit", ["minutes", "epochs", "updates"])
@pytest.mark.parametrize("amount", [1e308, 1.01e12, math.inf, math.nan, 0.0, -1.0])
def test_no_budget_is_beyond_counting(unit, amount):
    with pytest.raises(SettingError, match="above 0 and at most 1,000,000,000,000"):
        Budget(unit, amount)
    assert Budget("epochs", 1e12).total_updates(1000) == 10**15
