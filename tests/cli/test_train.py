"""`chargru train` as its user sees it."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chargru import run
from chargru.cli.app import app
from chargru.model import read_model
from chargru.run import find_model
from chargru.training.settings import DEFAULTS

TEXT = "The cat, which the dogs had chased, was full.\n" * 20
QUICK = ["--updates", "3", "--hidden-size", "5", "--window", "8", "--batch-size", "4", "--threads", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.txt").write_text(TEXT)
    return tmp_path


def chargru(*arguments, stdin=None):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def subprocess_of(*arguments, **options):
    command = [sys.executable, "-m", "chargru", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_the_report_is_json_on_stdout_and_nothing_else(folder):
    done = chargru("train", "cat.txt", *QUICK, "--format", "json")
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert report["schema"] == "chargru.train/1"
    assert report["updates"] == 3
    assert report["checkpoint"] == "checkpoints/cat-001"
    model = read_model(folder / "checkpoints" / "cat-001")
    assert report["parameters"] == sum(value.size for _, value in model.weights.named())
    assert report["val_nats"] == model.trained["val_nats"]
    assert set(report) == {
        "schema", "val_nats", "val_bpc", "best_update", "updates", "epochs", "seconds", "chars_per_second",
        "parameters", "checkpoint",
    }  # fmt: skip


def test_a_run_that_begins_from_another_says_both_scores(folder):
    assert chargru("train", "cat.txt", *QUICK, "--out", "first").exit_code == 0
    (folder / "other.txt").write_text("Ἡ γάτα!\n" * 90)
    begin = ["train", "other.txt", "--init-from", "first", "--updates", "9", "--window", "8", "--threads", "1"]
    done = chargru(*begin, "--out", "json", "--format", "json")
    report, trained = json.loads(done.stdout), read_model("json").trained
    assert report["schema"] == "chargru.train/1"
    assert report["init_from"] == trained["init_from"]
    assert set(report["init_from"]) == {"checkpoint", "weights_sha256", "characters", "val_nats", "val_bpc"}
    assert report["val_nats"] == trained["val_nats"] < report["init_from"]["val_nats"]
    assert "starting from first: 1 layer of 5 units; characters new to it, 75% of the text" in done.stderr
    done = chargru(*begin, "--out", "table")
    said = " ".join(done.stdout.split())
    assert f" Before training it needed {report['init_from']['val_bpc']:.3f}. " in said
    assert f" {report['val_bpc']:.3f} bits per character on text it had not seen; " in said
    shown = chargru("info", "table").stdout
    assert re.search(r"^init_from\n  checkpoint +first\n  weights_sha256 +[0-9a-f]{64}\n", shown, flags=re.M)
    assert json.loads(chargru("info", "table", "--format", "json").stdout)["init_from"] == report["init_from"]
    assert json.loads(chargru("info", "first", "--format", "json").stdout)["init_from"] is None


def test_what_never_got_better_is_said(folder):
    assert chargru("train", "cat.txt", *QUICK, "--out", "first").exit_code == 0
    done = chargru("train", "cat.txt", *QUICK, "--init-from", "first", "--learning-rate", "90")
    assert "no update improved the validation score: the run keeps the weights it started with" in done.stderr
    model, first = read_model(folder / "checkpoints" / "cat-001"), read_model("first")
    assert model.trained["weights_sha256"] == first.trained["weights_sha256"]


def test_without_a_file_it_trains_on_the_bundled_text(folder):
    done = chargru("train", *QUICK)
    assert done.exit_code == 0
    trained = read_model(folder / "checkpoints" / "cats-001").trained
    assert trained["text"]["paths"] == "cats"
    assert "chargru sample -c checkpoints/cats-001" in done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("greek", "Μῆνιν ἄειδε θεὰ Πηληϊάδεω Ἀχιλῆος\n" * 12),
        ("chinese", "道可道,非常道。名可名,非常名。\r\n" * 12),
        ("emoji", "🐈 chased 🐕‍🦺, then 👩🏽‍🚀 slept 🌙\n" * 12),
    ],
)
def test_any_script_trains_and_samples(folder, name, text):
    (folder / f"{name}.txt").write_bytes(text.encode())
    assert chargru("train", f"{name}.txt", *QUICK).exit_code == 0
    done = chargru("sample", "--length", 40, "--seed", 1, "--prime", text[0])
    assert done.exit_code == 0
    assert set(done.stdout.rstrip("\n")) <= set(text)
    assert "".join(read_model(folder / "checkpoints" / f"{name}-001").vocabulary.characters) == "".join(
        sorted(set(text))
    )


def test_text_from_a_pipe_is_kept_so_that_the_run_goes_on(folder):
    assert chargru("train", "-", *QUICK, stdin=TEXT).exit_code == 0
    kept = folder / "checkpoints" / "stdin-001" / "text.txt"
    assert kept.read_text() == TEXT
    assert chargru("train", "--resume", "--updates", 5).exit_code == 0
    assert run.read_training(kept.parent)[0]["updates"] == 5


def test_every_option_reaches_the_settings_of_the_run(folder):
    other = {
        "hidden_size": 4, "layers": 2, "reset": "before", "force": ["z[0]=0"], "initial_memory": 9.0, "batch_size": 3,
        "window": 7, "learning_rate": 0.004, "weight_decay": 0.02, "dropout": 0.2, "weight_drop": 0.05, "patience": 9,
        "validation_fraction": 0.2, "seed": 5, "threads": 1, "precision": "fp32", "device": "cpu",
        "encoding": "latin-1",
    }  # fmt: skip
    given = {**other, "force": "z[0]=0"}
    words = [str(word) for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    assert chargru("train", "cat.txt", "--updates", "2", *words).exit_code == 0
    trained = read_model(folder / "checkpoints" / "cat-001").trained
    defaults = DEFAULTS.to_document()
    assert trained["settings"] == {"clip": defaults["clip"], **other}
    assert trained["budget"] == {"unit": "updates", "amount": 2.0}
    assert all(defaults[name] != value for name, value in other.items())


def test_what_it_says_to_write_means_the_run_trained_whatever_its_name(folder):
    result = chargru("train", "cat.txt", *QUICK, "--out", "cats")
    (word,) = re.findall(r"chargru trace -c (\S+)", result.stderr)
    assert find_model(word)[0].samefile(folder / "cats")


def test_of_a_directory_the_files_with_a_suffix_are_read_on_resume_too(folder):
    (folder / "notes").mkdir()
    for name in ("a.md", "b.py", "c.txt", "d.png"):
        (folder / "notes" / name).write_text(name[0] + TEXT)
    done = chargru("train", "notes", *QUICK)
    assert done.stderr.count("note: left out of notes, by suffix: 1 .png, 1 .py\n") == 1
    assert read_model(folder / "checkpoints" / "notes-001").trained["text"]["characters"] == 2 * (len(TEXT) + 1)
    assert chargru("train", "--file", "notes", "--suffix", ".py", *QUICK).exit_code == 0
    text = read_model(folder / "checkpoints" / "notes-002").trained["text"]
    assert (text["suffixes"], text["characters"]) == ([".py"], len(TEXT) + 1)
    done = chargru("train", "--resume", "--updates", 4)
    assert "going on with checkpoints/notes-002 at update 3" in done.stderr
    assert done.exit_code == 0


def test_the_directory_of_a_run_is_no_text():
    assert chargru("train", "--file", "cat.txt", *QUICK, "--out", "my run").exit_code == 0
    done = chargru("train", "my run", *QUICK)
    assert done.stderr == (
        "error: my run is a run, not a text\nhint: to go on with it: chargru train --resume --out 'my run'\n"
    )


def test_what_is_left_out_is_the_default(folder):
    assert chargru("train", "cat.txt", *QUICK).exit_code == 0
    given = {"hidden_size": 5, "window": 8, "batch_size": 4, "threads": 1, "force": []}
    assert read_model(folder / "checkpoints" / "cat-001").trained["settings"] == DEFAULTS.to_document() | given


UNSIZED = [*QUICK[:2], *QUICK[4:]]


def test_without_a_hidden_size_the_text_decides_and_a_note_says_so(folder):
    done = chargru("train", "cat.txt", *UNSIZED)
    assert "note: hidden size 64, for 828 characters to train on\n" in done.stderr
    assert read_model(folder / "checkpoints" / "cat-001").trained["settings"]["hidden_size"] == 64
    assert run.read_training(folder / "checkpoints" / "cat-001")[0]["settings"]["hidden_size"] == 64
    assert "hidden size" not in chargru("train", "cat.txt", *QUICK).stderr
    assert "hidden size" not in chargru("train", "--resume", "--updates", 4).stderr
    assert "hidden size" not in chargru("train", "cat.txt", *UNSIZED, "--init-from", "cat-002").stderr
    sizes = [read_model(f"checkpoints/cat-00{number}").architecture.hidden_size for number in (1, 2, 3)]
    assert sizes == [64, 5, 5]


def test_a_gate_of_a_unit_that_the_chosen_size_lacks_is_one_line(folder):
    done = chargru("train", "cat.txt", *UNSIZED, "--force", "z[64]=0")
    assert done.exit_code == 1
    assert "error: 'z[64]=0'" in done.stderr
    assert not (folder / "checkpoints").exists()


def test_a_text_learned_by_heart_is_said_after_training_and_by_info(folder):
    letters = np.random.default_rng(0).choice(list("abcdefgh"), 500)
    (folder / "noise.txt").write_text("".join(letters))
    settings = ["--learning-rate", "0.03", "--updates", "600", "--hidden-size", "24", "--window", "8", "--threads", "1"]
    done = chargru("train", "noise.txt", *settings)
    report = json.loads(chargru("train", "noise.txt", *settings, "--format", "json").stdout)
    first, second = report["overfitting"].split("\n")
    assert first == f"best at update {report['best_update']} of 600; after it the model learned the text by heart"
    patience, update = re.fullmatch(
        r"more text helps most; patience=(\d+) would have stopped at update (\d+)", second
    ).groups()
    told = f"{first}\nmore text helps most; --patience {patience} would have stopped at update {update}\n"
    assert told in done.stderr
    assert "best at update" not in done.stdout
    assert chargru("info", "noise-001").stderr.endswith(told)
    stopped = json.loads(chargru("train", "noise.txt", *settings, "--patience", patience, "--format", "json").stdout)
    assert (stopped["best_update"], stopped["updates"]) == (report["best_update"], int(update))


def test_resume_takes_the_newest_run():
    for _ in range(2):
        assert chargru("train", "cat.txt", *QUICK).exit_code == 0
    done = chargru("train", "--resume", "--updates", 4, "--format", "json")
    assert json.loads(done.stdout)["checkpoint"] == "checkpoints/cat-002"
    assert "going on with checkpoints/cat-002 at update 3" in done.stderr


BAD = [
    (["train", "nothing.txt"], "nothing.txt"),
    (["train", "empty.txt"], "empty"),
    (["train", "binary.bin"], "binary"),
    (["train", "latin.txt"], "byte offset 3"),
    (["train", "cut.gz"], "cut.gz"),
    (["train", "hollow"], "hollow"),
    (["train", "tiny.txt"], "too small"),
    (["train", "cat.txt", "--encoding", "utf-99"], "utf-99"),
    (["train", "--encoding", "utf-99"], "utf-99"),
    (["train", "cat.txt", "--hidden-size", "0"], "--hidden-size is 0"),
    (["train", "cat.txt", "--learning-rate", "-1"], "--learning-rate is -1"),
    (["train", "cat.txt", "--dropout", "1"], "--dropout is 1"),
    (["train", "cat.txt", "--updates", "1", "--minutes", "1"], "both budgets"),
    (["train", "cat.txt", "--updates", "0"], "--updates is 0"),
    (["train", "cat.txt", "--device", "cuda:99"], "cuda:99"),
    (["train", "cat.txt", "--out", "cat.txt"], "already exists"),
    (["train", "cat.txt", "--out", "cat.txt/run"], "cat.txt/run"),
    (["train", "--resume"], "no run"),
    (["train", "--resume", "--out", "nowhere"], "nowhere"),
    (["train", "--resume", "--layers", "2"], "--layers cannot change"),
    (["train", "--resume", "--layers", str(DEFAULTS.layers)], "--layers cannot change"),
    (["train", "--resume", "--force", "z=0"], "--force cannot change"),
    (["train", "cat.txt", "--init-from", "nowhere"], "there is no run nowhere"),
    (["train", "cat.txt", "--init-from", "cats", "--hidden-size", "64"], "--hidden-size is 64, but cats has 48"),
    (["train", "cat.txt", "--init-from", "cats-rnn", "--force", "r=0"], "--force is r=0, but cats-rnn has r=1, z=0"),
    (["train", "--resume", "--init-from", "cats"], "--init-from begins a new run, --resume goes on with one"),
    (["train", "--resume", "--suffix", ".py"], "--suffix cannot change"),
    (["train", "cat.txt", "--suffix", ".py"], "--suffix chooses among the files of a directory"),
    (["train", "cat.txt", "--file", "cat.txt"], "both FILE and --file are given"),
    (["train", "cats"], "cats is a run, not a text"),
    (["train", "--file", "cats"], "cats is a run, not a text"),
]


@pytest.mark.parametrize(
    ("arguments", "said"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_bad_input_is_one_line_with_a_hint_and_exit_1(folder, arguments, said):
    (folder / "empty.txt").write_text("")
    (folder / "tiny.txt").write_text("a")
    (folder / "binary.bin").write_bytes(bytes(range(256)) * 4)
    (folder / "latin.txt").write_bytes("caf\u00e9".encode("latin-1"))
    (folder / "cut.gz").write_bytes(gzip.compress(TEXT.encode())[:-9])
    (folder / "hollow").mkdir()
    done = chargru(*arguments)
    lines = [
        line for line in done.stderr.splitlines() if not line.startswith(("loading", "reading", "preparing", "note:"))
    ]
    assert done.exit_code == 1
    assert len(lines) == 2
    assert lines[0].startswith("error: ")
    assert said in lines[0]
    assert lines[1].startswith("hint: ")
    assert done.stdout == ""
    assert not (folder / "checkpoints").exists()


def test_wrong_usage_exits_2():
    assert chargru("train", "--minutes", "soon").exit_code == 2
    assert chargru("train", "--colour").exit_code == 2


def wait_for_update(process, update):
    for line in process.stderr:
        if line.startswith("update ") and int(line.split()[1].rstrip(",")) >= update:
            return
    pytest.fail("the process ended before it reached that update")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_says_how_to_go_on_and_exits_130(folder, number):
    process = subprocess_of("train", "cat.txt", *QUICK[2:], "--updates", "1000000")
    wait_for_update(process, 1)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "go on with: chargru train --resume --out checkpoints/cat-001" in said
    document = run.read_training(folder / "checkpoints" / "cat-001")[0]
    assert f"stopped at update {document['updates']};" in said
    done = chargru("train", "--resume", "--updates", 1000000 + 1, "--device", "nonsense")
    assert "nonsense" in done.stderr


def test_kill_9_loses_nothing_that_was_saved(folder):
    process = subprocess_of("train", "cat.txt", *QUICK[2:], "--updates", "1000000")
    wait_for_update(process, 1)
    process.kill()
    process.communicate(timeout=120)
    document, tensors = run.read_training(folder / "checkpoints" / "cat-001")
    assert np.isfinite(tensors["weights.head.bias"]).all()
    process = subprocess_of("train", "--resume", "--threads", "1")
    for line in process.stderr:
        if line.startswith("going on with"):
            break
    assert f"at update {document['updates']}" in line
    process.kill()
    process.communicate(timeout=120)


def test_no_escape_codes_in_a_pipe():
    process = subprocess_of("train", "cat.txt", *QUICK, env={**os.environ, "TERM": "xterm-256color"})
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "\x1b" not in out + said
    assert "bits per character on text it had not seen" in out


def test_force_and_reset_on_the_command_line():
    done = chargru("train", "cat.txt", *QUICK, "--force", "r[0-2]=1", "--reset", "before", "--out", "here")
    assert done.exit_code == 0, done.stderr
    model = read_model("here")
    assert (model.forced, model.architecture.reset) == (("r[0-2]=1",), "before")
    refused = chargru("train", "--resume", "--out", "here", "--force", "z=1")
    assert refused.exit_code == 1
    assert "error: --force cannot change when a run goes on" in refused.stderr


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not tell what a process has loaded")
def test_sigterm_while_torch_loads_exits_130():
    process = subprocess_of("train", "cat.txt", "--updates", "1")
    assert process.stderr.readline() == "loading torch ...\n"
    while "libtorch" not in Path(f"/proc/{process.pid}/maps").read_text():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 130
