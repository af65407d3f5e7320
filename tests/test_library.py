"""The library's face: the names that `import chargru` gives, their signatures, and their examples."""

import doctest
import importlib
import inspect
import pathlib
import re

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru.errors import SettingError, StepError, TextError

ROOT = pathlib.Path(__file__).parent.parent
FUNCTIONS = sorted(name for name in chargru.__all__ if inspect.isfunction(getattr(chargru, name)))
INSIGHTS = ("gradient", "jacobian", "ledger", "prove", "trace", "weight_gradient")


@pytest.fixture
def beside_the_bundled_run(tmp_path, monkeypatch):
    """A folder where checkpoints/cats is the bundled run."""
    (tmp_path / "checkpoints").symlink_to(ROOT / "checkpoints")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("beside_the_bundled_run")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_is_so(name):
    (found,) = doctest.DocTestFinder(recurse=False).find(
        getattr(chargru, name), name, globs={"chargru": chargru, "pathlib": pathlib}
    )
    assert found.examples
    report = []
    doctest.DocTestRunner().run(found, out=report.append)
    assert "".join(report) == ""


def test_the_names():
    assert {"gradient", "jacobian", "ledger", "load", "prove", "sample", "show", "trace", "train"} <= set(dir(chargru))
    names = {name: getattr(chargru, name) for name in chargru.__all__}
    assert {name: value.__name__.rpartition(".")[2] for name, value in names.items()} == {name: name for name in names}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        chargru.nothing  # noqa: B018


@pytest.mark.parametrize("name", INSIGHTS)
def test_one_signature(name):
    model, text, *others = inspect.signature(getattr(chargru, name)).parameters.values()
    assert (model.name, text.name, text.default) == ("model", "text", None)
    assert {parameter.kind for parameter in others} == {inspect.Parameter.KEYWORD_ONLY}
    assert {"force", "where"} <= {parameter.name for parameter in others}


GIVEN = {"jacobian": {"step": 20}, "ledger": {"step": 20}, "weight_gradient": {"step": 20}}
NUMBERS = {
    "gradient": lambda found: found.whole.log10,
    "jacobian": lambda found: found.terms,
    "ledger": lambda found: found.shares,
    "prove": lambda found: np.array([one.difference for one in found.contrasts]),
    "trace": lambda found: found.h,
    "weight_gradient": lambda found: found.total(1, "z"),
}


def numbers(name, of, **given):
    return NUMBERS[name](getattr(chargru, name)(of, **GIVEN.get(name, {}), **given))


@pytest.mark.parametrize("name", INSIGHTS)
def test_force_is_the_forced_model(name):
    ours, force = model(units=4), ["z[2]=0.5", "1:r=1"]
    held = numbers(name, ours, force=force)
    np.testing.assert_array_equal(held, numbers(name, ours.force(*force)))
    assert np.abs(held - numbers(name, ours)).max() > 1e-3


@pytest.mark.parametrize("name", sorted({*INSIGHTS} - {"prove"}))
def test_a_gate_held_beyond_the_text_is_refused(name):
    message = f"'z=0@{len(TEXT) + 1}' names a step that is not there: it has {len(TEXT)} steps"
    with pytest.raises(StepError, match=f"^{re.escape(message)}"):
        numbers(name, model(), force=[f"z=0@{len(TEXT) + 1}"], where="it")


@pytest.mark.parametrize("name", INSIGHTS)
def test_a_text_is_named_as_the_caller_says(name):
    with pytest.raises(TextError, match=r"^the novel is empty$"):
        numbers(name, model(), text="", where="the novel")


def test_the_gradient_of_a_forced_model_stands_beside_the_model_without():
    ours = model(units=4)
    report = chargru.gradient(ours, force=["z=0.5"])
    assert report.against_name == "this model without z=0.5 held"
    np.testing.assert_array_equal(report.against.log10, chargru.gradient(ours).whole.log10)
    other = model(units=4, seed=1)
    report = chargru.gradient(ours, force=["z=0.5"], against=other)
    assert report.against_name == "the other model"
    np.testing.assert_array_equal(report.against.log10, chargru.gradient(other).whole.log10)


def test_a_sample_of_a_forced_model():
    ours = model()
    assert chargru.sample(ours, length=60, force=["z=0"]) == chargru.sample(ours.force("z=0"), length=60)
    assert chargru.sample(ours, length=60, force=["z=0"]) != chargru.sample(ours, length=60)


def test_show_is_a_function_though_its_package_is_loaded():
    traced = chargru.trace(model(), steps=[34])
    assert chargru.show(traced) == str(traced)
    importlib.import_module("chargru.show.view")
    assert chargru.show is importlib.import_module("chargru.show")
    assert chargru.show(traced) == str(traced)


def test_load_without_a_run_takes_the_one_that_the_commands_read(tiny_run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert chargru.load().architecture.hidden_size == 32
    assert chargru.load(tiny_run).architecture.hidden_size == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"colour": 1}, "there is no setting 'colour'"),
        ({"dropout": 2}, "`dropout` is 2, but it must be at least 0 and below 1"),
        ({"minutes": 1, "updates": 2}, "`minutes` and `updates` are both budgets"),
        ({"resume": True, "seed": 3}, "`seed` cannot change when a run goes on"),
    ],
)
def test_train_refuses_before_it_begins(given, message, tmp_path):
    with pytest.raises(SettingError, match=f"^{message}"):
        chargru.train(**given, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_train_goes_on(tmp_path):
    (tmp_path / "t.txt").write_text(TEXT * 20)
    small = {"hidden_size": 8, "batch_size": 4, "window": 16, "threads": 1}
    run = tmp_path / "run"
    first = chargru.train(tmp_path / "t.txt", out=run, updates=4, **small)
    assert (first.trained["updates"], first.checkpoint) == (4, str(run))
    assert chargru.train(out=run, resume=True, updates=9).trained["budget"] == {"unit": "updates", "amount": 9.0}
