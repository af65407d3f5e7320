"""`chargru trace`, as it is typed."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from displayed import equations, holds
from drawn import TEXT, model
from typer.testing import CliRunner

from chargru.cli.app import app
from chargru.conventions.authors import CONVENTIONS
from chargru.insight.trace import trace
from chargru.model import write_model


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "drawn"
    path.mkdir()
    write_model(path, model())
    return str(path)


def called(run, *arguments):
    return CliRunner().invoke(app, ["trace", "-c", run, *arguments])


def ok(run, *arguments):
    result = called(run, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(run, *arguments):
    result = called(run, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("using")]
    assert len(lines) == 2
    return lines


def as_json(run, *arguments):
    return json.loads(ok(run, "--format", "json", *arguments))


def test_the_printed_calculation_holds(run):
    text = ok(run, "--step", "33", "--step", "34", "--index", "all")
    found = equations(text)
    assert len(found) == 2 * 6 * 4
    assert all(holds(expression, chain[-1]) for _, chain in found for expression in chain[:-1])


def test_the_run_read_is_named_on_stderr(run):
    result = called(run)
    assert result.stderr == f"using {run}\n"
    assert "Step 34 of 84" in result.stdout


def test_json_equals_the_library(run):
    document = as_json(run, "--step", "33", "--step", "34", "--index", "2", "--digits", "1", "--convention", "course")
    traced = trace(model(), steps=[33, 34])
    assert document["checkpoint"] == run
    assert [step["step"] for step in document["steps"]] == [33, 34]
    assert all(np.array_equal(document["steps"][i]["layers"][0]["z"], traced.z[i]) for i in (0, 1))


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        ([], [34]),
        (["--step", "33-35"], [33, 34, 35]),
        (["--step", "last"], [84]),
        (["--at", "cats?"], [7, 72]),
        (["--at", "cats", "--step", "2"], [2, 72]),
        (["--text", "The cat"], [7]),
        (["--text", "T"], [1]),
    ],
)
def test_which_steps(run, arguments, steps):
    assert [step["step"] for step in as_json(run, *arguments)["steps"]] == steps


def test_a_file_s_text(run, tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("The cats\n", encoding="utf-8")
    assert as_json(run, "--file", str(path), "--step", "last")["text"] == "The cats\n"


def test_course_letters_change_table_calculation_and_sentences(run):
    text = ok(run, "--convention", "course", "--index", "3")
    assert "c<33>  gamma_r<34>  gamma_u<34>  c~<34>  c<34>" in text
    assert "c<34> = gamma_u<34> * c~<34> + (1 - gamma_u<34>) * c<33>" in text
    assert "Another network: the course resets before" in " ".join(text.split())
    shown = text[text.index("Step 34") :]
    assert not re.search(r"\b[rznh]_3[34]", shown)


@pytest.mark.parametrize("format_", ["table", "json", "csv", "markdown"])
def test_out_holds_what_stdout_would(run, tmp_path, format_):
    out = tmp_path / "trace"
    result = called(run, "--format", format_, "--out", str(out))
    assert result.stdout == ""
    assert result.stderr.endswith(f"wrote {out}\n")
    assert out.read_text(encoding="utf-8") == ok(run, "--format", format_)


def test_out_replaces_a_file(run, tmp_path):
    out = tmp_path / "trace.csv"
    out.write_text("old")
    ok(run, "--format", "csv", "-o", str(out), "--step", "1")
    assert len(list(csv.reader(io.StringIO(out.read_text())))) == 7
    assert list(tmp_path.iterdir()) == [out]


def test_out_refuses_a_directory(run, tmp_path):
    assert refused(run, "--out", str(tmp_path))[0] == f"error: {tmp_path} is a directory"


def test_out_writes_into_a_pipe(run, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        ok(run, "--format", "csv", "--step", "1", "--out", str(pipe))
        assert reader.communicate(timeout=20)[0].startswith(b"step,char,")
    assert pipe.is_fifo()


def test_npz(run, tmp_path):
    out = tmp_path / "trace.npz"
    ok(run, "--format", "npz", "--out", str(out), "--step", "33-34")
    assert np.array_equal(np.load(out)["h"], trace(model(), steps=[33, 34]).h)
    assert refused(run, "--format", "npz")[1] == "hint: name a file: --out trace.npz"


def test_check_is_printed_and_in_the_document(run):
    assert "within the tolerance 1e-12" in " ".join(ok(run, "--check").split())
    result = called(run, "--check", "--format", "json")
    assert json.loads(result.stdout)["check"]["max_abs_difference"] < 1e-14
    assert "within the tolerance 1e-12" in result.stderr


def test_a_check_that_fails_ends_with_1(run, monkeypatch):
    monkeypatch.setattr("chargru.insight.proof.check.TOLERANCE", -1.0)
    result = called(run, "--check")
    assert result.exit_code == 1
    assert "ABOVE" in result.stdout
    assert "error: the trace differs from torch.nn.GRU in float64 by" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--step", "0"], "steps count from 1; h_0 is the state before any character"),
        (["--step", "85"], "the text has 84 steps"),
        (["--step", "2", "--text", "T"], "the text has 1 step"),
        (["--index", "6"], "a layer of this model has 6 units, counted from 0"),
        (["--layer", "2"], "the model has 1 layer"),
        (["--layer", "2", "--format", "json"], "the model has 1 layer"),
        (["--text", "The\nThé"], "--text, line 2, column 3: the character 'é'"),
        (["--text", ""], "--text is empty"),
        (["--at", "dog!"], "--at 'dog!' matches nothing"),
        (["--at", "["], "is not a regular expression"),
        (["--text", "a", "--file", "b"], "both --text and a file are given"),
        (["--file", "/no/such/file"], "there is no file /no/such/file"),
        (["--digits", "0"], "0 digits cannot be shown"),
        (["--out", "/no/such/folder/file"], "cannot write /no/such/folder/file"),
    ],
)
def test_errors_say_what_exists(run, arguments, message):
    assert message in refused(run, *arguments)[0]


@pytest.mark.parametrize(
    ("options", "what", "most"),
    [
        ([], "--format table", 1000),
        (["--format", "html"], "--format html", 1000),
        (["--back", "3"], "--back", 100),
        (["--compare", "torch,course", "--format", "json"], "--compare", 100),
    ],
)
def test_more_steps_than_one_reads_are_refused(run, options, what, most):
    ok(run, "--text", TEXT[0] * most, "--step", "1-last", *options)
    text = ["--text", TEXT[0] * (most + 1)]
    error, hint = refused(run, *text, "--step", "1-last", *options)
    assert error == f"error: {most + 1:,} steps are too many for {what}, which shows {most:,} at most"
    more = "; all of them fit in --format csv --out trace.csv" if most == 1000 else ""
    assert hint == f"hint: choose fewer, for example --step 1-{most}{more}"


def test_data_take_all_steps(run):
    table = ok(run, "--text", TEXT[0] * 1001, "--step", "1-last", "--format", "csv")
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == set(map(str, range(1, 1002)))


def test_many_steps_are_laid_out_and_that_is_said(run):
    result = called(run, "--text", TEXT[0] * 51, "--step", "1-last")
    assert "laying out 51 steps ..." in result.stderr
    assert "Step 51 of 51" in result.stdout


def test_a_model_without_a_text(tmp_path):
    from dataclasses import replace

    write_model(tmp_path, replace(model(), trace_text=None))
    assert refused(str(tmp_path))[0] == "error: this run has no text of its own"


def test_torch_is_not_imported(run):
    code = (
        "import sys\nfrom chargru.cli.app import app\n"
        f"app(['trace', '-c', {run!r}], standalone_mode=False)\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_piped_output_has_no_escape_codes(run):
    command = [sys.executable, "-m", "chargru", "trace", "-c", run, "--text", TEXT]
    piped = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    assert "\x1b" not in piped
    assert max(map(len, piped.splitlines())) <= 80


def test_help_ends_with_an_example():
    text = CliRunner().invoke(app, ["trace", "--help"]).stdout
    assert "Example: chargru trace --step 33 --step 34 --index 0,9,15" in text
    assert "h_{t-1} into h_t" in " ".join(text.split())


def test_the_list_of_conventions_needs_no_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["trace", "--convention", "list"])
    assert result.exit_code == 0
    assert result.stderr == ""
    rows = result.stdout.splitlines()
    assert max(map(len, rows)) <= 80
    assert "torch   PyTorch, cuDNN          old state after  two 3H   r, z, n  same  other" in rows
    assert "course  Andrew Ng's course      candidate before 1 a gate separate other sign" in rows
    assert "lecture the lecture (3)         old state after  none     separate b_hn  other" in rows
    document = json.loads(CliRunner().invoke(app, ["trace", "--convention", "list", "--format", "json"]).stdout)
    assert document["schema"] == "chargru.conventions/1"
    assert len(document["conventions"]) == 13
    refused_csv = CliRunner().invoke(app, ["trace", "--convention", "list", "--format", "csv"])
    assert refused_csv.exit_code == 1
    assert "error: the list of conventions has no format csv" in refused_csv.stderr


@pytest.mark.parametrize("convention", list(CONVENTIONS))
def test_every_convention_can_be_asked_for(run, convention):
    text = ok(run, "--convention", convention, "--index", "3")
    found = equations(text[: text.index("What you can see")])
    assert [name for name, _ in found] == [
        f"{CONVENTIONS[convention].symbol(quantity, 34)}[3]" for quantity in ("r", "z", "n", "h")
    ]
    assert all(holds(expression, chain[-1]) for _, chain in found for expression in chain[:-1])


def test_latex(run, tmp_path):
    out = tmp_path / "step.tex"
    ok(run, "--format", "latex", "--out", str(out), "--index", "3")
    assert out.read_text(encoding="ascii") == ok(run, "--format", "latex", "--index", "3")
    assert "z_{34}[3] &= \\sigma(" in out.read_text()


def test_at_is_repeatable_and_traces_the_matches_of_each(chargru, tiny_run):
    text = "the cats and the dogs were here"
    done = chargru("trace", "-c", tiny_run, "--text", text, "--at", r"cats", "--at", r"were", "--format", "json")
    assert [step["step"] for step in json.loads(done.stdout)["steps"]] == [8, 26]


def test_the_list_of_conventions_goes_with_nothing_to_trace(chargru, tmp_path):
    done = chargru("trace", "--convention", "list", "--out", tmp_path / "x.txt")
    assert done.exit_code == 1
    assert "error: --out does not go with --convention list" in done.stderr


def test_a_file_in_a_folder_that_is_not_there_is_one_line(chargru, tiny_run, tmp_path):
    for out in (tmp_path / "nowhere" / "x.json", tiny_run / "model.safetensors" / "x.json"):
        done = chargru("trace", "-c", tiny_run, "--text", "the cat", "--format", "json", "--out", out)
        assert done.exit_code == 1
        assert "hint: make that folder first" in done.stderr


def test_a_ledger_has_no_latex_and_that_is_said_before_any_work(chargru):
    done = chargru("trace", "--back", "5", "--format", "latex")
    assert done.stderr.splitlines() == [
        "error: a ledger has no format latex",
        "hint: give --format table, json, csv or npz",
    ]


def test_the_whole_is_asked_for(run):
    short, whole = ok(run, "--step", "34"), ok(run, "--step", "34", "--all")
    assert len(short.splitlines()) <= 46 < len(whole.splitlines())
    assert short.count("worked out") == 1
    assert whole.count("worked out") == 3
    assert "W_hr[" not in short
    assert "W_hr[" in whole
    documents = (ok(run, "--format", format_, "--all") == ok(run, "--format", format_) for format_ in DOCUMENTS)
    assert all(documents)


DOCUMENTS = ("json", "csv", "markdown", "latex")


def test_two_conventions_side_by_side(run):
    text = " ".join(ok(run, "--compare", "torch,course", "--index", "3").split())
    z = trace(model(), steps=[34]).z[0, 3]
    assert text.startswith(f"z_34[3] = {z:.2f} in PyTorch and gamma_u<34>[3] = {1 - z:.2f} in the course say the same")
    document = as_json(run, "--compare", "torch, course", "--index", "3")
    assert document["schema"] == "chargru.compare/1"
    assert document["compared"][0]["conventions"][1]["values"]["z"] == 1 - z


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--compare", "torch"], ["--compare has 1 of two or more to compare", "choose from torch, course, cho,"]),
        (["--compare", "torch,ng"], ["there is no convention 'ng'", "give --compare two or more of torch, course,"]),
        (["--compare", "torch,cho", "--back", "3"], ["--back does not go with --compare", "leave --back out"]),
        (["--compare", "torch,cho", "--convention", "d2l"], ["--convention does not go with --compare", "leave"]),
        (["--compare", "torch,cho", "--format", "csv"], ["a comparison has no format csv", "give --format table or"]),
    ],
)
def test_what_does_not_go_with_a_comparison(run, arguments, lines):
    error, hint = refused(run, *arguments)
    assert error == f"error: {lines[0]}"
    assert hint.startswith(f"hint: {lines[1]}")
