"""Training, stopping and going on, through the library: `begin.start` and `begin.resume`."""

import json
import math
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from chargru import evaluation, run
from chargru.engine.native import precision
from chargru.errors import Interrupted, RunError, RunLockedError, SettingError, TextError, TrainingError
from chargru.gru.network import Network
from chargru.gru.weights import Architecture
from chargru.model import MODEL, read_model
from chargru.training import begin
from chargru.training.progress import Progress
from chargru.training.settings import Budget, Settings

SMALL = Settings(hidden_size=6, batch_size=3, window=8, threads=1, dropout=0.3, learning_rate=0.02, seed=5)
TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "cat.txt"
    path.write_text(TEXT)
    return str(path)


class StopAt(Progress):
    """Sends this process a signal at an update, as a person would."""

    def __init__(self, update, number=signal.SIGINT):
        self.update, self.number = update, number

    def updated(self, status):
        if status.update == self.update:
            os.kill(os.getpid(), self.number)


class Notes(Progress):
    """Keeps what is said."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


def state(path):
    document, tensors = run.read_training(path)
    return document, tensors


def assert_same_state(one, other):
    (document, tensors), (document_other, tensors_other) = state(one), state(other)
    assert tensors.keys() == tensors_other.keys()
    for name, value in tensors.items():
        assert np.array_equal(value, tensors_other[name]), name
    for key in ("updates", "epochs", "settings", "budget", "finished"):
        assert document[key] == document_other[key]
    timeless = ("updates", "epoch", "index", "validated", "waited", "best_nats", "best_update", "characters")
    for key in timeless:
        assert document["position"][key] == document_other["position"][key], key


@pytest.mark.parametrize("budget", [Budget("updates", 40), Budget("epochs", 2)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_and_resumed_equals_uninterrupted_bit_for_bit(tmp_path, text, budget, number):
    whole, parts = str(tmp_path / "whole"), str(tmp_path / "parts")
    begin.start([text], settings=SMALL, budget=budget, out=whole)
    with pytest.raises(Interrupted, match="--resume"):
        begin.start([text], settings=SMALL, budget=budget, out=parts, progress=StopAt(13, number))
    with pytest.raises(Interrupted):
        begin.resume(parts, progress=StopAt(29, number))
    begin.resume(parts)
    assert_same_state(tmp_path / "whole", tmp_path / "parts")
    assert (tmp_path / "whole" / MODEL).read_bytes() == (tmp_path / "parts" / MODEL).read_bytes()
    rows = {key: _rows(tmp_path / key) for key in ("whole", "parts")}
    assert [row["val_bpc"] for row in rows["whole"]] == [row["val_bpc"] for row in rows["parts"] if row["val_bpc"]]


def _rows(path):
    return [json.loads(line) for line in (path / run.METRICS).read_text().splitlines()]


def test_the_same_training_writes_the_same_model_bytes(tmp_path, text):
    for out in ("one", "two"):
        begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=str(tmp_path / out))
    assert (tmp_path / "one" / MODEL).read_bytes() == (tmp_path / "two" / MODEL).read_bytes()


def test_training_lowers_the_loss_below_the_uniform_guess(tmp_path, text):
    report = begin.start([text], settings=SMALL, budget=Budget("updates", 60), out=str(tmp_path / "run"))
    model = read_model(tmp_path / "run")
    assert report.val_nats < 0.9 * math.log(len(model.vocabulary))
    assert report.val_bpc == pytest.approx(report.val_nats / math.log(2), rel=1e-12)
    assert model.trained["val_nats"] == report.val_nats
    assert report.parameters == sum(value.size for _, value in model.weights.named())


def test_the_best_validation_is_what_is_kept(tmp_path, text):
    wild = SMALL.replace(learning_rate=0.5)
    report = begin.start([text], settings=wild, budget=Budget("updates", 200), out=str(tmp_path / "run"))
    scored = [row["val_bpc"] for row in _rows(tmp_path / "run") if row["val_bpc"] is not None]
    assert len(scored) > 3
    assert report.val_bpc == pytest.approx(min(scored), rel=1e-12)
    assert (
        report.best_update
        == [row["update"] for row in _rows(tmp_path / "run") if row["val_bpc"]][int(np.argmin(scored))]
    )


def test_patience_stops_early(tmp_path, text):
    settings = SMALL.replace(learning_rate=2.0, patience=2)
    report = begin.start([text], settings=settings, budget=Budget("updates", 2000), out=str(tmp_path / "run"))
    assert report.updates < 2000
    assert state(tmp_path / "run")[0]["position"]["waited"] == 2


def test_without_validation_the_last_weights_are_kept(tmp_path, text):
    settings = SMALL.replace(validation_fraction=0.0)
    report = begin.start([text], settings=settings, budget=Budget("updates", 9), out=str(tmp_path / "run"))
    assert report.val_nats is None
    assert report.best_update == 9
    model, (_, tensors) = read_model(tmp_path / "run"), state(tmp_path / "run")
    for name, value in model.weights.named():
        assert np.array_equal(value, tensors[f"weights.{name}"])


def test_the_trace_text_is_the_start_of_the_validation_split(tmp_path):
    long = "".join(chr(97 + i * i % 23) for i in range(8000))
    (tmp_path / "long.txt").write_text(long)
    begin.start([str(tmp_path / "long.txt")], settings=SMALL, budget=Budget("updates", 1), out=str(tmp_path / "run"))
    model = read_model(tmp_path / "run")
    assert model.trace_text == long[7200 : 7200 + 512]
    assert model.trained["text"]["split"] == 7200


def test_a_short_split_starts_the_trace_text_earlier(tmp_path, text):
    begin.start([text], settings=SMALL, budget=Budget("updates", 1), out=str(tmp_path / "run"))
    assert read_model(tmp_path / "run").trace_text == TEXT[-512:]


def test_a_loss_that_is_not_finite_keeps_the_last_good_state(tmp_path, text):
    out = tmp_path / "run"
    begin.start([text], settings=SMALL, budget=Budget("updates", 6), out=str(out))
    document, tensors = state(out)
    tensors["weights.head.weight"][::2] = 3e38
    tensors["weights.head.weight"][1::2] = -3e38
    document.pop("schema")
    run.write_training(out, document, tensors)
    with pytest.raises(TrainingError, match="broke down at update 7") as error:
        begin.resume(str(out), budget=Budget("updates", 9))
    assert "--learning-rate" in error.value.hint
    after = state(out)
    assert after[0]["updates"] == 6
    assert np.array_equal(after[1]["weights.gru.weight_hh_l0"], tensors["weights.gru.weight_hh_l0"])


def test_minutes_go_on_with_the_minutes_left(tmp_path, text):
    out = str(tmp_path / "run")
    budget = Budget("minutes", 0.05)
    with pytest.raises(Interrupted):
        begin.start([text], settings=SMALL, budget=budget, out=out, progress=StopAt(3))
    used = state(tmp_path / "run")[0]["position"]["seconds"]
    report = begin.resume(out)
    assert used < 3.0
    assert 2.0 < report.seconds < 6.0


def test_resume_takes_a_larger_budget(tmp_path, text):
    out = str(tmp_path / "run")
    begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=out)
    assert begin.resume(out, budget=Budget("updates", 8)).updates == 8


@pytest.mark.parametrize("budget", [None, Budget("updates", 5), Budget("updates", 4), Budget("epochs", 0.01)])
def test_resume_of_a_finished_run_asks_for_a_larger_budget(tmp_path, text, budget):
    out = str(tmp_path / "run")
    begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=out)
    with pytest.raises((TrainingError, SettingError)) as error:
        begin.resume(out, budget=budget)
    assert "larger" in error.value.hint


def test_resume_refuses_a_changed_text_and_says_which(tmp_path, text):
    out = str(tmp_path / "run")
    begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=out)
    Path(text).write_text(TEXT + "!")
    with pytest.raises(TextError, match=r"cat\.txt .*changed"):
        begin.resume(out, budget=Budget("updates", 8))


def test_resume_finds_a_moved_text_by_name(tmp_path, text):
    out = str(tmp_path / "run")
    begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=out)
    moved = tmp_path / "moved.txt"
    Path(text).rename(moved)
    with pytest.raises(TextError, match="gone"):
        begin.resume(out, budget=Budget("updates", 8))
    assert begin.resume(out, paths=[str(moved)], budget=Budget("updates", 8)).updates == 8


def test_an_existing_run_is_never_overwritten(tmp_path, text):
    out = str(tmp_path / "run")
    begin.start([text], settings=SMALL, budget=Budget("updates", 2), out=out)
    before = (tmp_path / "run" / MODEL).read_bytes()
    with pytest.raises(RunError, match="already exists"):
        begin.start([text], settings=SMALL, budget=Budget("updates", 2), out=out)
    assert (tmp_path / "run" / MODEL).read_bytes() == before


def test_runs_are_numbered(tmp_path, text, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [begin.start([text], settings=SMALL, budget=Budget("updates", 1)).checkpoint for _ in range(2)]
    assert names == ["checkpoints/cat-001", "checkpoints/cat-002"]


def test_one_run_one_process(tmp_path, text):
    out = tmp_path / "run"
    begin.start([text], settings=SMALL, budget=Budget("updates", 2), out=str(out))
    with run.lock(out), pytest.raises(RunLockedError, match="another process"):
        begin.resume(str(out), budget=Budget("updates", 4))


def test_rows_beyond_the_saved_state_are_dropped(tmp_path, text):
    out = tmp_path / "run"
    begin.start([text], settings=SMALL, budget=Budget("updates", 5), out=str(out))
    with (out / run.METRICS).open("a") as file:
        file.write('{"update": 6, "val_bpc": 0.1}\n{"update": 7, "va')
    begin.resume(str(out), budget=Budget("updates", 9))
    assert [row["update"] for row in _rows(out)] == sorted({row["update"] for row in _rows(out)})
    assert all(row["val_bpc"] != 0.1 for row in _rows(out))


def test_a_device_that_is_not_there_is_one_line(text, tmp_path):
    with pytest.raises(TrainingError, match="'nonsense'"):
        begin.start([text], settings=SMALL.replace(device="nonsense"), out=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_dense_one_hot_and_ids_give_the_same_loss_and_gradient():
    from chargru.engine.module import CharGRU
    from chargru.gru.weights import Architecture, initialise
    from chargru.text.batches import Batches

    architecture = Architecture(vocabulary_size=9, hidden_size=5, layers=2)
    window = Batches(np.arange(400) % 9, 9, lanes=3, window=7).window_at(0, 0)
    outcomes = []
    for x in (torch.from_numpy(window.inputs_TB), torch.from_numpy(window.one_hot())):
        model = CharGRU(architecture)
        model.load(initialise(architecture, 3))
        loss, after = model.loss(x, torch.from_numpy(window.targets_TB), model.zero_state(3))
        loss.backward()
        outcomes.append((loss, after, *(p.grad for p in model.parameters())))
    for ids, dense in zip(*outcomes, strict=True):
        assert float((ids - dense).detach().abs().max()) <= 1e-6


def test_dropout_zeroes_a_unit_for_a_whole_window_and_keeps_the_mean():
    from chargru.engine.module import drop

    torch.manual_seed(0)
    dropped = drop(torch.ones(7, 50, 40), 0.25)
    assert np.array_equal(dropped[0], dropped[6])
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float((dropped[0] == 0).double().mean()) == pytest.approx(0.25, abs=0.04)
    assert drop(dropped, 0.0) is dropped


SHARES = [0.0, 1e-9, 0.1, 0.5, 0.999992, 0.9999999, math.nextafter(1, 0)]


@pytest.mark.parametrize("share", SHARES)
def test_kept_elements_are_as_many_and_as_large_as_the_share_says(share):
    from chargru.engine.module import kept_elements

    torch.manual_seed(0)
    count = 2_000_003  # no multiple of four
    factors = kept_elements(torch.ones(count), share)
    rounded = min(round(share * 2**16), 2**16 - 1) / 2**16
    assert abs(rounded - share) <= 2**-16
    expected = count * (1 - rounded)
    assert abs(int((factors != 0).sum()) - expected) <= 5 * math.sqrt(expected * rounded)
    assert factors.unique().tolist() == pytest.approx([1.0] if rounded == 0 else [0.0, 1 / (1 - rounded)], rel=1e-7)


@pytest.mark.parametrize("name", ["dropout", "weight_drop"])
def test_the_settings_allow_no_share_but_these(name):
    for share in SHARES:
        assert getattr(SMALL.replace(**{name: share}), name) == share
    for wrong in (1.0, math.nan, math.inf, -1e-9):
        with pytest.raises(SettingError, match="at least 0 and below 1"):
            SMALL.replace(**{name: wrong})


def thinning(**given):
    from chargru.engine.module import CharGRU

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


@pytest.mark.parametrize("name", ["dropout", "weight_drop"])
def test_a_run_trains_with_the_drop_it_was_given(tmp_path, text, name):
    nats = {}
    for share in (0.0, 0.6):
        settings = SMALL.replace(hidden_size=20, **{"dropout": 0.0, "weight_drop": 0.0, name: share})
        begin.start([text], settings=settings, budget=Budget("updates", 40), out=str(tmp_path / str(share)))
        rows = [json.loads(row) for row in (tmp_path / str(share) / "metrics.jsonl").read_text().splitlines()]
        nats[share] = rows[-1]["train_bpc"]
    assert nats[0.6] > nats[0.0] + 0.05


def test_scores_know_nothing_of_weight_drop():
    from chargru.engine.module import ModuleScorer

    model, plain = thinning(weight_drop=0.5), thinning()
    plain.load_state_dict(model.state_dict())
    ids = np.arange(12).reshape(6, 2) % 9
    nats = [ModuleScorer(m).nats(ids, ids, m.zero_state(2))[0] for m in (model, plain)]
    assert np.array_equal(*nats)


def test_the_run_records_the_precision_that_was_used(tmp_path, text):
    begin.start([text], settings=SMALL, budget=Budget("updates", 2), out=str(tmp_path / "run"))
    assert SMALL.precision == "auto"
    assert read_model(tmp_path / "run").trained["precision"] == precision.resolve("auto", SMALL.hidden_size)
    assert state(tmp_path / "run")[0]["precision"] == precision.resolve("auto", SMALL.hidden_size)


@pytest.mark.skipif(precision.has_bf16(), reason="this processor can multiply in bfloat16")
def test_bf16_is_refused_where_the_processor_has_no_units_for_it(tmp_path, text):
    with pytest.raises(SettingError, match="bfloat16"):
        begin.start([text], settings=SMALL.replace(precision="bf16"), out=str(tmp_path / "run"))


@pytest.mark.skipif(not precision.has_bf16(), reason="this processor cannot multiply in bfloat16")
def test_bf16_trains_nearly_as_fp32_does(tmp_path, text):
    losses = {}
    for chosen in ("fp32", "bf16"):
        settings = SMALL.replace(precision=chosen, hidden_size=32, dropout=0.0)
        report = begin.start([text], settings=settings, budget=Budget("updates", 60), out=str(tmp_path / chosen))
        losses[chosen] = report.val_nats
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], abs=0.05)


def test_a_validation_that_reads_again_says_so_once_and_is_the_single_streams(tmp_path):
    """Two lanes of a split of 1,560 characters, by a network that holds nearly all (b_iz = 7)."""
    text, out, notes = tmp_path / "long.txt", str(tmp_path / "run"), Notes()
    text.write_text(TEXT * 24)
    begin.start([str(text)], settings=SMALL, budget=Budget("updates", 1), out=out)
    document, tensors = state(Path(out))
    tensors["weights.gru.bias_ih_l0"][6:12] = 7
    document["position"] |= {"best_nats": None}
    run.write_training(Path(out), document, tensors)
    begin.resume(out, budget=Budget("updates", 3), progress=notes)
    said = [note for note in notes.notes if "read again" in note]
    assert len(said) == 1
    assert said[0].startswith("note: while validating, this network remembers for more than 256 characters")
    trained = read_model(out)
    source = trained.trained["text"]
    ids = trained.vocabulary.encode((TEXT * 24)[source["split"] - 1 :])
    single = evaluation.score(Network(trained.weights, np.float64), ids, lanes=1)
    assert evaluation.plan(len(ids) - 1).lanes == 2
    assert abs(trained.trained["val_nats"] - single.nats) < 1e-5
