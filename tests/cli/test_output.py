"""Where results go: what prints at all, and what a command writes."""

import ast
from pathlib import Path

import pytest
from terminals import on_a_terminal

from chargru import cli
from chargru.show.formats import choices

PRINTERS = {
    "app": "the version",
    "output": "facts",
    "pager": "tables",
    "sample": "text while it is made",
    "terminal": "notes",
}


def test_facts_are_printed_in_one_place_only():
    found = set()
    for path in Path(cli.__file__).parent.glob("*.py"):
        calls = (ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        if any(call in ("print", "sys.stdout.write") or call.endswith("console.print") for call in calls):
            found.add(path.stem)
    assert found == set(PRINTERS)


def test_a_table_is_coloured_on_a_terminal_and_nowhere_else(chargru, tiny_run, tmp_path):
    arguments = ("trace", "-c", tiny_run, "--step", 3)
    plain = chargru(*arguments).stdout
    coloured = chargru(*arguments, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[" in coloured
    assert "\x1b[" not in plain
    chargru(*arguments, "--out", tmp_path / "t.txt", env={"FORCE_COLOR": "1"})
    assert (tmp_path / "t.txt").read_text() == plain


def test_a_wide_terminal_is_used_and_a_file_is_not_wide(chargru, tiny_run, tmp_path):
    arguments = ("trace", "-c", tiny_run, "--step", 3)
    widths = []
    for more in ((), ("--out", tmp_path / "t.txt")):
        shown = chargru(*arguments, *more, env={"COLUMNS": "130"}).stdout or (tmp_path / "t.txt").read_text()
        widths.append(max(map(len, shown.splitlines())))
    assert widths == [130, 80]


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("train", ["TrainingSummary"]),
        ("sample", ["Samples"]),
        ("trace", ["Trace"]),
        ("gradient", ["GradientReport", "StepJacobian", "WeightGradient"]),
        ("prove", ["Proof"]),
        ("evaluate", ["Surprise"]),
        ("info", ["Curves"]),
        ("corpus", ["WrittenCorpus"]),
    ],
)
def test_the_choices_of_a_command_are_those_of_the_facts_that_it_writes(chargru, command, kinds):
    (names,) = {tuple(choices(kind)) for kind in kinds}
    assert f"--format <{'|'.join(names)}>" in chargru(command, "--help").stdout
    refused = chargru(command, *(("cats", "--out", "x") if command == "corpus" else ()), "--format", "braille")
    assert refused.exit_code == 2
    assert f"--format is braille, but it must be {', '.join(names[:-1])} or {names[-1]}\n" in refused.stderr


def test_on_a_narrow_terminal_sentences_fit_and_a_table_says_what_it_takes():
    shown, code = on_a_terminal(["trace", "--convention", "list", "--no-pager"], size=(60, 60), NO_COLOR="1")
    lines = shown.splitlines()
    assert code == 0
    assert lines[-1] == f"note: this takes {max(map(len, lines))} columns, the terminal has 60"
    assert [line for line in lines if len(line) > 60 and "  " not in line.strip()] == []


@pytest.mark.parametrize(
    ("command", "name", "format"),
    [
        ("evaluate --highlight", "a.html", "html"),
        ("trace --step 3", "b.HTM", "html"),
        ("trace --step 3", "c.tex", "latex"),
        ("trace --step 3", "d.npz", "npz"),
        ("gates", "e.md", "markdown"),
        ("gates", "f.csv", "csv"),
        ("gradient --lags 1", "g.json", "json"),
        ("evaluate", "h.txt", "table"),
        ("evaluate", "i", "table"),
        ("evaluate", "v1.2", "table"),
    ],
)
def test_the_ending_of_out_chooses_the_format_unless_format_does(chargru, tiny_run, tmp_path, command, name, format):  # noqa: A002
    arguments = (*command.split(), "--text", "the cat sat", "-c", tiny_run, "--out")
    written = {}
    for file, more in ((name, ()), ("plain", ("--format", format)), ("k.json", ("--format", format))):
        done = chargru(*arguments, tmp_path / file, *more)
        assert done.exit_code == 0, done.stderr
        written[file] = (tmp_path / file).read_bytes()
    assert written[name] == written["plain"] == written["k.json"]


@pytest.mark.parametrize(
    ("command", "name", "message", "hint"),
    [
        ("evaluate", "a.csv", "a score has no format csv", "table or json"),
        ("gates", "b.jpg", "the gates of a text has no format jpg", "table, json, csv, markdown or html"),
        ("gradient", "c.PDF", "a gradient has no format pdf", "table, json, csv or npz"),
        ("info --plot", "d.html", "a plot of losses has no format html", "table, json, csv, png or svg"),
    ],
)
def test_an_ending_that_the_command_cannot_write_is_refused(chargru, tiny_run, tmp_path, command, name, message, hint):
    done = chargru(*command.split(), "-c", tiny_run, "--out", tmp_path / name)
    assert (done.exit_code, done.stderr) == (1, f"error: {message}\nhint: give --format {hint}\n")
    assert not (tmp_path / name).exists()


def test_the_ending_of_a_corpus_does_not_choose_the_format_of_its_report(chargru, tmp_path):
    done = chargru("corpus", "cats", "--size", 100, "--out", tmp_path / "c.json")
    assert (done.exit_code, done.stdout[:1] == "{") == (0, False)
