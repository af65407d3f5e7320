"""One rule for all commands: what stands without an option is a run, or a text where the command is of texts."""

import json
from pathlib import Path

import pytest
from ownruns import own_run

from chargru import host
from chargru.model import MODEL

OF_A_RUN = {
    "info": [],
    "sample": ["--seed", "1", "--length", "9"],
    "trace": ["--step", "3"],
    "gates": ["--layer", "1"],
    "gradient": ["--lags", "1"],
    "prove": [],
    "page": ["--out", "page.html"],
}


@pytest.fixture(autouse=True)
def folder(empty_folder):
    (empty_folder / "cat.txt").write_text("The cat sat.\n")
    own_run("novel")
    return empty_folder


@pytest.mark.parametrize("command", OF_A_RUN)
def test_a_run_goes_with_and_without_its_option(chargru, command):
    first, second = (chargru(command, *one, *OF_A_RUN[command]) for one in (["novel"], ["-c", "novel"]))
    assert first.exit_code == second.exit_code
    assert first.stdout == second.stdout
    assert first.stderr.splitlines()[:1] == second.stderr.splitlines()[:1]  # the others may say how far it is
    assert command == "info" or first.stderr.startswith("using checkpoints/novel\n")


@pytest.mark.parametrize("command", OF_A_RUN)
def test_both_are_one_error(chargru, command):
    done = chargru(command, "novel", "-c", "novel")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: both RUN and -c are given\nhint: give only one of them\n"


TAKES = {"sample": "--prime"} | dict.fromkeys(("trace", "gates", "gradient", "prove", "page"), "--text or --file")


@pytest.mark.parametrize(("command", "option"), TAKES.items())
def test_a_text_in_the_place_of_a_run_is_told_where_it_goes(chargru, folder, command, option):
    (folder / "notes").mkdir()
    hint = f"hint: a text goes by {option}; list the runs with: chargru info\n"
    for word, said in (
        ("cat.txt", "cat.txt is not a run"),
        ("notes", "notes is not a run"),
        ("", "'' is not a run"),
        ("The cat", "there is no run 'The cat'; there are: novel, cats, cats-rnn"),
    ):
        done = chargru(command, word)
        assert (done.exit_code, done.stderr) == (1, f"error: {said}\n{hint}")
    assert chargru(command, "-c", "cat.txt").stderr == f"error: cat.txt is not a run\n{hint}"


def test_a_damaged_model_is_a_run_all_the_same(chargru, folder):
    (folder / "checkpoints" / "novel" / MODEL).write_bytes(b"nothing")
    for word in ("novel", f"checkpoints/novel/{MODEL}"):
        assert "is not a whole safetensors file" in chargru("trace", word).stderr


def test_a_model_of_another_name_is_a_run(chargru, folder):
    (folder / "checkpoints" / "novel" / MODEL).rename("weights.bin")
    assert chargru("trace", "weights.bin", "--text", "The cat").exit_code == 0


@pytest.mark.parametrize("command", ["evaluate", "ablate"])
def test_a_run_in_the_place_of_a_text_is_told_where_it_goes(chargru, command):
    own_run("my run").rename("my run")
    for words, quoted in (
        (["novel"], "novel"),
        (["--file", "novel"], "novel"),
        (["checkpoints/novel"], "checkpoints/novel"),
        ([f"checkpoints/novel/{MODEL}"], f"checkpoints/novel/{MODEL}"),
        (["cats-rnn"], "cats-rnn"),
        (["cat.txt", "my run"], "'my run'"),
    ):
        done = chargru(command, *words)
        assert done.exit_code == 1
        assert done.stderr == f"error: {words[-1]} is a run, not a text\nhint: a run goes by -c {quoted}\n"
    assert "hint: a run goes by -c novel\n" in chargru("trace", "--file", "novel").stderr
    Path("novel").write_text("The cat sat.\n")  # a text is a text, whatever a run is called
    assert chargru(command, "novel", "-c", "checkpoints/novel").exit_code == 0


@pytest.mark.parametrize("command", ["evaluate", "ablate"])
def test_a_text_goes_with_and_without_its_option(chargru, command):
    first, second = (chargru(command, *words, "-c", "novel") for words in (["cat.txt"], ["--file", "cat.txt"]))
    assert first.exit_code == 0
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)
    done = chargru(command, "cat.txt", "--file", "cat.txt")
    assert done.stderr == "error: both FILE and --file are given\nhint: give only one of them\n"


def test_several_files_are_joined(chargru, folder):
    (folder / "b.txt").write_text("The cats.")
    whole = chargru("trace", "novel", "--text", "The cat sat.\nThe cats.", "--step", "last", "--format", "csv").stdout
    joined = chargru("trace", "novel", "--file", "cat.txt", "--file", "b.txt", "--step", "last", "--format", "csv")
    assert whole.splitlines()[-1].startswith("22,.,")
    assert joined.stdout == whole


def test_of_a_directory_the_files_with_a_suffix(chargru, folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text("The cat sat.\n")
    (folder / "notes" / "b.py").write_text("The cats.\n")
    scored = {
        words: chargru("evaluate", "-c", "novel", *words, "--format", "json")
        for words in (("notes",), ("notes", "--suffix", "md"), ("notes", "--suffix", ".py"), ("cat.txt",))
    }
    counts = [done.stdout.partition('"characters": ')[2].partition(",")[0] for done in scored.values()]
    assert counts == ["12", "12", "9", "12"]
    assert "note: left out of notes, by suffix: 1 .py\n" in scored[("notes",)].stderr
    done = chargru("evaluate", "cat.txt", "-c", "novel", "--suffix", ".py")
    assert "error: --suffix chooses among the files of a directory" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "evaluate cat.txt --highlight",
        "evaluate --file cat.txt --highlight",
        "trace --file cat.txt",
        "gates --file cat.txt",
    ],
)
@pytest.mark.parametrize("out", ["cat.txt", "./notes/../cat.txt"])
def test_a_text_that_is_read_is_not_written_over(chargru, folder, command, out):
    (folder / "notes").mkdir()
    done = chargru(*command.split(), "-c", "novel", "-o", out)
    assert done.exit_code == 1
    assert done.stderr == f"error: --out would replace {out}, which is read here\nhint: name another file: --out FILE\n"
    assert (folder / "cat.txt").read_text() == "The cat sat.\n"


def test_a_file_of_a_folder_that_is_read_is_not_written_over(chargru, folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("The cat.\n")
    command = ["evaluate", "notes", "-c", "novel", "--highlight", "-o"]
    assert "would replace notes/a.txt" in chargru(*command, "notes/a.txt").stderr
    assert chargru(*command, "notes/new.txt").exit_code == 0


@pytest.mark.parametrize("given", [("--file", "*.txt"), ("*.txt",)])
def test_a_pattern_is_expanded_for_files_where_the_shell_does_not(chargru, folder, monkeypatch, given):
    monkeypatch.setattr(host, "WINDOWS", True)
    (folder / "dog.txt").write_text("The cat ate.\n")
    shown = chargru("evaluate", *given, "-c", "novel", "--format", "json").stdout
    assert json.loads(shown)["text"] == "cat.txt, dog.txt"


@pytest.mark.parametrize("command", ["trace", "evaluate", "ablate", "gates", "prove"])
def test_an_encoding_that_is_none_is_refused_even_where_no_file_is_read(chargru, command):
    done = chargru(command, "-c", "novel", "--encoding", "utf-99")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error: there is no text encoding 'utf-99'\nhint: give --encoding utf-8, " in done.stderr
