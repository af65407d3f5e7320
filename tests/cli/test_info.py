"""`chargru info`: one run, and the runs found."""

import ast
import dataclasses
import importlib.metadata
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from drawn import TEXT, model
from ownruns import own_run
from rich.cells import cell_len

from chargru import run
from chargru.model import MODEL, TRAINING, write_model
from chargru.run_comparison import RunComparison


def write_run(folder, name, *, finished=True, written="2026-05-06T07:08:09+00:00", val_bpc=2.5):
    """A run with the documents that training leaves."""
    path = folder / "checkpoints" / name
    path.mkdir(parents=True)
    trained = {"settings": {"hidden_size": 6, "seed": 4}, "val_bpc": val_bpc, "best_update": 70, "updates": 80}
    write_model(path, dataclasses.replace(model(TEXT), trained=trained))
    last = {"written": written, "finished": finished, "updates": 1234, "seconds": 61.5, "settings": {"seed": 4}}
    run.write_training(path, last, {"position": np.zeros(1)})
    return path


def test_one_run_as_json(chargru, empty_folder):
    path = write_run(empty_folder, "novel-001")
    found = json.loads(chargru("info", path, "--format", "json").stdout)
    assert found["schema"] == "chargru.run/1"
    assert (found["state"], found["hidden_size"], found["layers"], found["reset"]) == ("finished", 6, 1, "after")
    assert found["vocabulary"] == list(model(TEXT).vocabulary.characters)
    assert found["parameters"] == sum(value.size for _, value in model(TEXT).weights.named())
    assert found["figures"]["val_bpc"] == 2.5
    assert found["figures"]["seconds"] == 61.5
    assert found["figures"]["val_nats"] is None
    assert found["files"] == {name: (path / name).stat().st_size for name in (MODEL, run.TRAINING)}


def test_one_run_as_lines(chargru, empty_folder):
    lines = chargru("info", write_run(empty_folder, "novel-001")).stdout.splitlines()
    facts = dict(line.split(maxsplit=1) for line in lines if len(line.split(maxsplit=1)) == 2)
    assert facts["state"] == "finished"
    assert facts["written"] == "2026-05-06 07:08"
    assert facts["network"] == "1 GRU layer of 6 units, a linear head"
    assert facts["val_bpc"] == "2.5"
    assert facts["seed"] == "4"
    assert facts["updates"] == "1,234"
    assert max(map(len, lines[1:])) <= 80


def test_the_vocabulary_is_shown_safely_and_within_80_columns(chargru, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path, model("\x1b[2J\n" + "".join(map(chr, range(0x4E00, 0x4E00 + 400)))))
    shown = chargru("info", ".").stdout
    assert "\x1b" not in shown
    assert "\\x1b" in shown
    assert "and 105 more" in shown
    assert max(sum(2 if char > "\u2e80" else 1 for char in line) for line in shown.splitlines()) <= 80


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize(("columns", "sha256"), [(60, "ab" * 8 + "…"), (80, "ab" * 8 + "…"), (120, "ab" * 32)])
def test_one_run_fits_the_terminal_in_one_column(chargru, columns, sha256):
    own_run("novel", force=[], validation_fraction=0.1)
    shown = chargru("info", "novel", env={"COLUMNS": str(columns)}).stdout
    column = len("  training.safetensors ")
    values = {line[:column].strip(): line[column:] for line in shown.splitlines()}
    assert max(map(cell_len, shown.splitlines())) <= columns
    assert (values["sha256"], values["force"], values["validation_fraction"]) == (sha256, "none", "0.1")
    assert (values["state"], values["training.safetensors"][-6:]) == ("finished", " bytes")


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_character_of_the_vocabulary_is_lost(chargru, tmp_path, monkeypatch, columns):
    """Each line is a string of its own, so that a space at its end is seen."""
    monkeypatch.chdir(tmp_path)
    many = model("".join(map(chr, range(0x20, 0xA0))) + "\t\n貓坐在墊子上")
    write_model(tmp_path, many)
    shown = chargru("info", ".", env={"COLUMNS": str(columns)}).stdout
    rows = [line.strip() for line in shown.partition("by id:\n")[2].partition("figures")[0].splitlines()]
    assert "".join(map(ast.literal_eval, rows)) == "".join(many.vocabulary.characters)
    assert max(map(cell_len, shown.partition("by id:\n")[2].splitlines())) <= columns


def test_a_run_that_says_little_is_shown(chargru, tiny_run):
    result = chargru("info", tiny_run)
    assert result.exit_code == 0
    assert "model only" in result.stdout


def test_an_unfinished_run_says_how_to_go_on(chargru, empty_folder):
    path = write_run(empty_folder, "it's", finished=False)
    result = chargru("info", path)
    assert "unfinished" in result.stdout
    assert result.stderr == f"go on with: chargru train --resume --out '{empty_folder}/checkpoints/it'\"'\"'s'\n"


def test_a_last_state_that_is_not_whole_is_damage_where_there_is_no_model(chargru, empty_folder):
    path = write_run(empty_folder, "young", finished=False)
    (path / MODEL).unlink()
    result = chargru("info", path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {path / TRAINING}: its document lacks ")
    assert "damaged" in chargru("runs").stdout


def test_a_damaged_run_is_one_line(chargru, tiny_run):
    (tiny_run / MODEL).write_bytes(b"nothing")
    result = chargru("info", tiny_run)
    assert result.exit_code == 1
    assert f"error: {tiny_run / MODEL} is not a whole safetensors file" in result.stderr


def test_what_is_not_a_run_is_refused(chargru, tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / run.METRICS).touch()
    assert f"error: {tmp_path} is not a run" in chargru("info", tmp_path).stderr
    assert (
        f"error: there is no run {tmp_path / 'none'}; there are: cats, cats-rnn\n"
        in chargru("info", tmp_path / "none").stderr
    )


def test_the_runs_are_listed_the_latest_first(chargru, empty_folder):
    write_run(empty_folder, "first", written="2026-05-06T07:08:09+00:00")
    write_run(empty_folder, "second", written="2026-05-07T07:08:09+00:00", finished=False, val_bpc=None)
    (write_run(empty_folder, "broken", written="2026-05-05T07:08:09+00:00") / MODEL).write_bytes(b"nothing")
    (empty_folder / "checkpoints" / "killed").mkdir()
    (empty_folder / "checkpoints" / "killed" / "lock").touch()
    result = chargru("info")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["run", "state", "bits/char", "units", "updates", "written"]
    assert rows[1] == ["second", "unfinished", "-", "1", "x", "6", "1,234", "2026-05-07", "07:08"]
    assert rows[2] == ["first", "finished", "2.5000", "1", "x", "6", "1,234", "2026-05-06", "07:08"]
    assert rows[3][:3] == ["broken", "damaged", "-"]
    assert len(rows) == 4
    assert "damaged: checkpoints/broken/model.safetensors is not a whole safetensors file" in result.stderr


def test_the_runs_that_ship_are_listed_by_their_names(chargru, tmp_path, monkeypatch):
    """Where they lie in the package is long, and `-c cats` is what one types."""
    monkeypatch.chdir(tmp_path)
    first = [line.split()[:2] for line in chargru("info", env={"COLUMNS": "80"}).stdout.splitlines()]
    assert first[1:] == [["cats", "bundled"], ["cats-rnn", "bundled"]]
    assert chargru("info", "cats-rnn").stdout.splitlines()[0].split() == ["run", "cats-rnn"]


LISTED = {
    80: [
        "run                      state       bits/char  units  updates  written",
        "chinese-001              finished       2.5000  1 x 6    1,234  2026-05-06 07:08",
        "my-novel-with-some-name  unfinished     2.5000  1 x 6    1,234  2026-05-06 07:08",
        "checkpoints/cats         finished       2.5000  1 x 6    1,234  2026-05-06 07:08",
    ],
    60: [
        "run                      state       bits/char  units",
        "chinese-001              finished       2.5000  1 x 6",
        "my-novel-with-some-name  unfinished     2.5000  1 x 6",
        "checkpoints/cats         finished       2.5000  1 x 6",
    ],
    40: [
        "run                      bits/char",
        "chinese-001                 2.5000",
        "my-novel-with-some-name     2.5000",
        "checkpoints/cats            2.5000",
    ],
    30: ["run", "chinese-001", "my-novel-with-some-name", "checkpoints/cats"],
}


@pytest.mark.parametrize("columns", LISTED)
def test_a_narrow_list_drops_columns_and_breaks_no_name(chargru, empty_folder, columns):
    """A run that has the name of one that ships keeps its folder, since `-c cats` means the other."""
    for name in ("chinese-001", "my-novel-with-some-name", "cats"):
        write_run(empty_folder, name, finished=name != "my-novel-with-some-name")
    shown = chargru("info", env={"COLUMNS": str(columns)}).stdout.splitlines()
    assert [shown[0], *sorted(shown[1:], key="\n".join(LISTED[columns]).index)] == LISTED[columns]


@pytest.mark.parametrize("columns", [40, 80])
def test_a_name_wider_than_the_terminal_is_folded(chargru, empty_folder, columns):
    name = "a-very-long-name-" * 6
    write_run(empty_folder, name)
    _, *rows = chargru("info", env={"COLUMNS": str(columns)}).stdout.splitlines()
    assert max(map(len, rows)) <= columns
    assert "".join(row.split()[0] for row in rows) == name
    assert "2.5000" in rows[0]


def test_the_list_as_json(chargru, empty_folder):
    write_run(empty_folder, "first")
    found = json.loads(chargru("info", "--format", "json").stdout)
    assert found["schema"] == "chargru.runs/1"
    assert [(row["checkpoint"], row["state"], row["val_bpc"]) for row in found["runs"]] == [
        ("checkpoints/first", "finished", 2.5)
    ]


@pytest.mark.usefixtures("empty_folder")
def test_without_runs_it_says_how_to_make_one(chargru):
    result = chargru("info")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "train one with: chargru train" in result.stderr


def test_it_runs_as_a_module(tiny_run):
    command = [sys.executable, "-m", "chargru", "info", str(tiny_run)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"LC_ALL": "C"})
    assert "1 GRU layer of 5 units" in result.stdout


def test_system_says_what_runs_a_layer_without_importing_torch():
    code = (
        "import sys; from chargru.cli.app import app\n"
        "try: app(['info', '--system', '--format', 'json'])\n"
        "finally: assert 'torch' not in sys.modules"
    )
    environment = {**os.environ, "CHARGRU_COMPILER": "none"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    about = json.loads(done.stdout)
    assert about["schema"] == "chargru.system/1"
    assert about["layer"] == "torch operations (switched off by CHARGRU_COMPILER=none)"
    assert about["torch"] == importlib.metadata.version("torch")


def test_a_name_that_no_system_takes_is_one_line():
    command = [sys.executable, "-m", "chargru", "info", "x" * 300]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


# --plot


def with_metrics(path, high=3.0):
    """The same run, and a metrics.jsonl of ten points that fall from `high` by a tenth."""
    rows = [{"update": 10 * n, "train_bpc": high - n / 10, "val_bpc": high + 0.5 - n / 10} for n in range(10)]
    (path / run.METRICS).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_plot_of_several_runs(chargru, empty_folder):
    for name, high in (("first", 3.0), ("second", 5.0)):
        with_metrics(write_run(empty_folder, name), high)
    shown = chargru("info", "first", "checkpoints/second", "--plot", env={"COLUMNS": "60"}).stdout
    assert "A checkpoints/first: lowest 2.6000 at update 90\n" in shown
    assert "B checkpoints/second: lowest 4.6000 at update 90\n" in shown
    assert max(map(len, shown.splitlines())) == 60
    found = json.loads(chargru("info", "first", "second", "first", "--plot", "--format", "json").stdout)
    assert [one["train_bpc"][0] for one in found["runs"]] == [3.0, 5.0]


def test_plot_without_a_run_is_of_the_one_trained_last(chargru, empty_folder):
    with_metrics(write_run(empty_folder, "old", written="2026-05-06T07:08:09+00:00"))
    with_metrics(write_run(empty_folder, "new", written="2026-05-07T07:08:09+00:00"))
    assert chargru("info", "--plot").stdout.startswith("Loss of checkpoints/new by update")


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("b.SVG", b"<?xml"), ("c.txt", b"Loss of")])
def test_the_name_of_a_picture_says_its_format(chargru, empty_folder, name, start):
    path = with_metrics(write_run(empty_folder, "novel"))
    result = chargru("info", path, "--plot", "--out", empty_folder / name)
    assert (result.exit_code, result.stdout) == (0, "")
    assert (empty_folder / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", "--plot"), "there is no run nowhere; there are: novel, young, cats, cats-rnn"),
        (("novel", "--plot"), "checkpoints/novel has no metrics.jsonl, so there is nothing to plot"),
        (("young", "--plot"), "checkpoints/young has no loss in its metrics.jsonl, so there is nothing to plot"),
        (("novel", "--plot", "--format", "png"), "png is binary, so it is not printed"),
        (("novel", "--plot", "--system"), "--system does not go with --plot"),
        (("novel", "--out", "x"), "--out goes with --plot only"),
        (("novel", "--format", "csv"), "a run has no format csv"),
    ],
)
def test_plot_refuses_in_one_line(chargru, empty_folder, arguments, message):
    write_run(empty_folder, "novel")
    (write_run(empty_folder, "young") / run.METRICS).write_text("")
    result = chargru("info", *arguments)
    error, hint = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, error) == (1, "", f"error: {message}")
    assert hint.startswith("hint: ")


# Runs side by side ------------------------------------------------------------------------------------------------


def cells(shown):
    """The cells of each row, by the name of the row; a row that occurs again goes on."""
    found = {}
    for line in shown.splitlines():
        name, *rest = line.split()
        found.setdefault(name, []).extend(rest)
    return found


@pytest.mark.usefixtures("empty_folder")
def test_two_runs_are_shown_side_by_side(chargru):
    own_run("novel-001", dropout=0.25)
    own_run("novel-002", val_bpc=1.5, dropout=0.5)
    done = chargru("info", "novel-001", "novel-002", env={"COLUMNS": "80"})
    assert done.exit_code == 0
    first, _, table = done.stdout.partition("\n\n")
    assert first == "novel-002 predicts best: 1.5000 bits per character, 1.0000 fewer than novel-001."
    assert table.splitlines()[0].split() == ["novel-001", "novel-002"]
    rows = cells(table.replace("\n\n", "\n"))
    assert rows["val_bpc"] == ["2.5000", "1.5000"]
    assert rows["state"] == ["finished", "finished"]
    assert rows["dropout"] == ["0.25", "0.5"]
    assert "seed" not in rows
    assert "chars_per_second" not in rows


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("name", ["novel", "a-very-long-name-of-a-run-with-all-of-its-settings", "貓坐在墊子上" * 2])
def test_many_runs_fit_the_terminal(chargru, columns, name):
    names = [f"{name}-{number}" for number in range(7)]
    for number, one in enumerate(names):
        own_run(one, val_bpc=1.5 + number, text=f"{'long ' * 9}{number}.txt")
    shown = chargru("info", *names, env={"COLUMNS": str(columns)}).stdout
    assert max(map(cell_len, shown.splitlines())) <= columns
    rows = cells(shown.partition("\n\n")[2].replace("\n\n", "\n"))
    assert rows["val_bpc"] == [f"{1.5 + number:.4f}" for number in range(7)]


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_narrow_comparison_breaks_no_word(chargru, columns):
    names = [f"chinese-novel-{number}" for number in range(5)]
    for number, name in enumerate(names):
        own_run(
            name, budget=1 + number * 30_000, precision=f"bfloat16-{number} products", text=f"text-of-book-{number}"
        )
    shown = chargru("info", *names, env={"COLUMNS": str(columns)}).stdout
    words = shown.split()
    for number, name in enumerate(names):
        assert {name, f"bfloat16-{number}", f"text-of-book-{number}"} <= set(words)
    assert words.count("products") == 5
    assert (words.count("minute"), words.count("minutes")) == (1, 4)
    assert max(map(len, shown.splitlines())) <= columns


def test_figures_have_as_many_digits_in_every_column():
    figures = {
        "val_bpc": (2.5, 1.5),
        "seconds": (40.7273, 516.5),
        "chars_per_second": (24567.89, 60.135),
        "epochs": (2.0, 126.6667),
    }
    nothing = {"settings": {}, "budget": {}, "text": {}, "versions": {}}
    found = RunComparison(("a", "b"), ("finished",) * 2, same_text=True, best="b", scores=figures, **nothing)
    rows = cells(str(found).partition("\n\n")[2].replace("\n\n", "\n"))
    assert rows["seconds"] == ["41", "516"]
    assert rows["chars_per_second"] == ["24,568", "60"]
    assert rows["epochs"] == ["2.00", "126.67"]


@pytest.mark.usefixtures("empty_folder")
def test_runs_of_different_texts_do_not_compare(chargru):
    own_run("a")
    own_run("b", val_bpc=1.5, sha256="cd" * 32, text="other.txt")
    shown = chargru("info", "a", "-c", "b").stderr
    assert "both RUN and -c" in shown
    shown = chargru("info", "-c", "a", "-c", "b").stdout
    assert shown.startswith("They were not scored on the same text: their scores are not comparable.\n")
    rows = cells(shown.replace("\n\n", "\n"))
    assert rows["paths"] == ["novel.txt", "other.txt"]
    assert rows["sha256"] == ["abababababab", "cdcdcdcdcdcd"]


@pytest.mark.usefixtures("empty_folder")
def test_runs_that_are_the_same_say_so(chargru):
    own_run("a")
    own_run("b")
    shown = chargru("info", "a", "b").stdout
    assert shown.startswith("a and b score the same: 2.5000 bits per character.\n")
    assert shown.endswith("nothing else differs\n")
    assert chargru("info", "a", "a").stdout == chargru("info", "a").stdout


@pytest.mark.usefixtures("empty_folder")
def test_a_name_that_tells_them_apart(chargru):
    """The same name in two folders, and one of a run that ships: then the paths are shown."""
    own_run("a")
    own_run("other/a")
    own_run("cats")
    assert chargru("info", "a", "checkpoints/other/a").stdout.splitlines()[2].split() == [
        "checkpoints/a",
        "checkpoints/other/a",
    ]
    assert "checkpoints/cats" in chargru("info", "a", "./checkpoints/cats").stdout.splitlines()[2]


@pytest.mark.usefixtures("empty_folder")
def test_the_comparison_as_json(chargru):
    own_run("a", dropout=0.25)
    own_run("b", val_bpc=1.5)
    found = json.loads(chargru("info", "a", "b", "--format", "json").stdout)
    assert found["schema"] == "chargru.run_comparison/1"
    assert found["runs"] == ["checkpoints/a", "checkpoints/b"]
    assert found["best"] == "checkpoints/b"
    assert found["scores"]["val_bpc"] == [2.5, 1.5]
    assert found["settings"] == {"dropout": [0.25, None]}


def test_a_text_is_said_to_be_no_run(chargru, tiny_run, tmp_path):
    text = tmp_path / "poem.txt"
    text.write_text("The cat sat on the mat.")
    for runs in ((text,), (tiny_run, text)):
        done = chargru("info", *runs)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith(
            f"error: {text} is a text, not a run\nhint: score it with: chargru evaluate {text};"
        )
