"""The library's face: the names that `import chargru` gives, their signatures, and their examples."""

import doctest
import importlib
import inspect
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from drawn import TEXT, model

import chargru
from chargru.errors import SettingError, StepError, TextError
from chargru.insight.trace import Trace

ROOT = pathlib.Path(__file__).parent.parent
FUNCTIONS = sorted(name for name in chargru.__all__ if inspect.isfunction(getattr(chargru, name)))
INSIGHTS = ("compare", "gates", "gradient", "jacobian", "ledger", "prove", "trace", "weight_gradient")


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
    assert {"gates", "gradient", "jacobian", "ledger", "load", "prove", "sample", "show", "trace", "train"} <= set(
        dir(chargru)
    )
    names = {name: getattr(chargru, name) for name in chargru.__all__}
    assert {name: value.__name__.rpartition(".")[2] for name, value in names.items()} == {name: name for name in names}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        chargru.nothing  # noqa: B018


@pytest.mark.parametrize("name", [*INSIGHTS, "explore"])
def test_one_signature(name):
    model, text, *others = inspect.signature(getattr(chargru, name)).parameters.values()
    assert (model.name, text.name, text.default) == ("model", "text", None)
    assert {parameter.kind for parameter in others} == {inspect.Parameter.KEYWORD_ONLY}
    assert {"force", "where"} <= {parameter.name for parameter in others}


GIVEN = {"jacobian": {"step": 20}, "ledger": {"step": 20}, "weight_gradient": {"step": 20}}
NUMBERS = {
    "gates": lambda found: found.layers[0].z_mean,
    "compare": lambda found: found.trace.h,
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
    assert chargru.load().architecture.hidden_size == 48
    assert chargru.load(tiny_run).architecture.hidden_size == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"colour": 1}, "there is no setting 'colour'$"),
        ({"minute": 1}, r"there is no setting 'minute'; did you mean minutes\?$"),
        ({"dropout": 2}, "`dropout` is 2.0, but it must be at least 0 and below 1"),
        ({"minutes": 1, "updates": 2}, "`minutes` and `updates` are both budgets"),
        ({"resume": True, "seed": 3}, "`seed` cannot change when a run goes on"),
    ],
)
def test_train_refuses_before_it_begins(given, message, tmp_path):
    with pytest.raises(SettingError, match=f"^{message}"):
        chargru.train(**given, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_threads_wait_asleep_unless_the_environment_says_otherwise(monkeypatch, tmp_path):
    """Spinning ones made training from Python some 30 times slower on a busy machine."""
    (tmp_path / "cat.txt").write_text("The cat sat. " * 50)
    small = {"updates": 1, "hidden_size": 4, "batch_size": 2, "window": 8, "threads": 1}
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    chargru.train(tmp_path / "cat.txt", out=tmp_path / "one", **small)
    assert os.environ["OMP_WAIT_POLICY"] == "active"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    chargru.train(tmp_path / "cat.txt", out=tmp_path / "two", **small)
    assert os.environ["OMP_WAIT_POLICY"] == "passive"


def test_train_goes_on(tmp_path):
    (tmp_path / "t.txt").write_text(TEXT * 20)
    small = {"hidden_size": 8, "batch_size": 4, "window": 16, "threads": 1}
    run = tmp_path / "run"
    first = chargru.train(tmp_path / "t.txt", out=run, updates=4, **small)
    assert (first.trained["updates"], first.checkpoint) == (4, str(run))
    assert chargru.train(out=run, resume=True, updates=9).trained["budget"] == {"unit": "updates", "amount": 9.0}


def test_the_example_of_show_is_so(monkeypatch):
    monkeypatch.chdir(ROOT)
    (found,) = doctest.DocTestFinder(recurse=False).find(chargru.show, "show", module=False, globs={})
    assert found.examples
    report = []
    doctest.DocTestRunner().run(found, out=report.append)
    assert "".join(report) == ""


def test_show_goes_to_other_processes():
    assert pickle.loads(pickle.dumps(chargru.show)) is chargru.show


def test_numbers_of_numpy_are_as_good_as_python_s():
    ours, at = model(), np.int64(3)
    pairs = [
        (chargru.trace(ours, TEXT, steps=np.array([3, 4]), indices=np.array([1])), {"steps": [3, 4], "indices": [1]}),
        (chargru.gradient(ours, TEXT, lags=np.array([1, 3]), positions=np.int64(5)), {"lags": [1, 3], "positions": 5}),
        (chargru.ledger(ours, TEXT, step=at, layer=np.int64(1)), {"step": 3, "layer": 1}),
        (chargru.jacobian(ours, TEXT, step=at), {"step": 3}),
        (chargru.weight_gradient(ours, TEXT, step=at), {"step": 3}),
        (chargru.evaluate(ours, TEXT, window=at), {"window": 3}),
    ]
    functions = (chargru.trace, chargru.gradient, chargru.ledger, chargru.jacobian, chargru.weight_gradient)
    for function, (found, given) in zip((*functions, chargru.evaluate), pairs, strict=True):
        assert chargru.show(found, "json") == chargru.show(function(ours, TEXT, **given), "json")


WRONG = [
    (lambda m: chargru.gates(m, TEXT, steps=34), "`steps` is 34, but it must be a list"),
    (lambda m: chargru.trace(m, TEXT, steps=34), "`steps` is 34, but it must be a list"),
    (lambda m: chargru.trace(m, TEXT, steps="34"), "`steps` is '34', but it must be a list"),
    (lambda m: chargru.trace(m, TEXT, steps=["34"]), "`steps` is '34', but it must be a whole number"),
    (lambda m: chargru.trace(m, TEXT, indices=True), "`indices` is True, but it must be a list"),
    (lambda m: chargru.trace(m, b"The cat"), "`text` is b'The cat', but it must be a string"),
    (lambda m: chargru.trace(m, TEXT, force="z=0"), "`force` is 'z=0', but it must be a list"),
    (lambda m: chargru.ledger(m, TEXT, step="last"), "`step` is 'last', but it must be a whole number"),
    (lambda m: chargru.ledger(m, TEXT, step=3, layer="1"), "`layer` is '1', but it must be a whole number"),
    (lambda m: chargru.gradient(m, TEXT, lags=5), "`lags` is 5, but it must be a list"),
    (lambda m: chargru.gradient(m, TEXT, lags=[1], positions=2.5), "`positions` is 2.5, but it must be a whole number"),
    (lambda m: chargru.evaluate(m, TEXT, window="5"), "`window` is '5', but it must be a whole number"),
    (lambda m: chargru.evaluate(m, TEXT, unknown="x"), "`unknown` is x, but it must be error or skip"),
    (lambda m: chargru.evaluate(m, ["The", "cat"]), "`text` is neither a string nor pairs of a text and its name"),
    (lambda m: chargru.evaluate(m, []), "`text` is neither a string nor pairs of a text and its name"),
    (lambda m: chargru.sample(m, temperature="1"), "`temperature` is '1', but it must be a number"),
    (lambda m: chargru.sample(m, length=2.5), "`length` is 2.5, but it must be a whole number"),
    (lambda m: chargru.sample(m, seed="1"), "`seed` is '1', but it must be a whole number"),
    (lambda _: chargru.train(updates=1, seed=1.5), "`seed` is 1.5, but it must be a whole number"),
    (lambda _: chargru.train(updates=1, hidden_size="3"), "`hidden_size` is '3', but it must be a whole number"),
    (lambda _: chargru.train(updates=1, device=3), "`device` is 3, but it must be a string"),
    (lambda _: chargru.train(updates="3"), "`updates` is '3', but it must be a number"),
    (lambda _: chargru.show(3), "there is no way to show a thing of type int"),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_type_is_refused_by_name(call, message):
    with pytest.raises(SettingError) as error:
        call(model())
    assert error.value.message == message


def test_a_run_trained_with_numbers_of_numpy_goes_on(tmp_path):
    text, out = tmp_path / "cat.txt", tmp_path / "run"
    text.write_text("The cat sat. " * 40)
    numbers = {"hidden_size": np.int64(4), "learning_rate": np.float32(0.01), "seed": np.int64(3)}
    chargru.train(text, out=out, updates=1, threads=1, batch_size=2, window=8, **numbers)
    settings = chargru.train(out=out, updates=2, resume=True).trained["settings"]
    assert {name: settings[name] for name in numbers} == {name: value.item() for name, value in numbers.items()}


def test_a_kind_that_inherits_is_shown_as_its_parent():
    class Mine(Trace):
        pass

    found = chargru.trace(model(), TEXT, steps=[3])
    mine = Mine(**vars(found))
    assert (str(mine), mine._repr_html_()) == (str(found), found._repr_html_())


def test_a_model_says_what_it_is_in_a_line():
    assert (
        repr(model(layers=2, units=6))
        == f"<Model of no run: 2 layers of 6 units, {len(model().vocabulary)} characters>"
    )


def test_names_are_found_in_a_zip_file(tmp_path):
    archive = shutil.make_archive(str(tmp_path / "chargru"), "zip", ROOT, "chargru")
    code = "import chargru; print(chargru.__file__, hasattr(chargru, 'nothing'), 'trace' in dir(chargru))"
    environment = {**os.environ, "PYTHONPATH": archive}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [f"{archive}/chargru/__init__.py", "False", "True"], done.stderr


def test_a_name_stands_once_in_dir():
    assert callable(chargru.trace)
    assert len(dir(chargru)) == len(set(dir(chargru)))
