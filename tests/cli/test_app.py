"""How a command words the errors of the library: an argument gives way to the option of the command that runs."""

import pytest
from drawn import model
from typer.main import get_group

from chargru.cli.app import app, wording
from chargru.model import write_model
from chargru.run import TRAINING


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sample --top-k 0", "error: --top-k is 0, but it must be at least 1\nhint: give --top-k another value"),
        ("sample --prime Q!", "error: --prime, line 1, column 1: the character 'Q' (U+0051) is not in the vocabulary"),
        ("trace --step x", "hint: give --step 34, --step 33-35 or --step last"),
        ("trace --step 999", "hint: give --step from 1 to"),
        ("trace --index x", "hint: give --index 9, --index 0,9,15, --index 0-3 or --index all"),
        ("trace --at Q!", "error: --at 'Q!' matches nothing in the text of"),
        ("trace --at Q!", "hint: try a shorter pattern, or another --text or --file"),
        ("gradient --jacobian 999", "hint: give one from 1 to 84: --jacobian 84"),
        ("gradient --weights 999", "hint: give one from 1 to 83: --weights 83"),
        ("gradient --lags 0", "hint: give other --lags"),
        ("train --minutes 1 --updates 2", "error: --minutes and --updates are both budgets"),
        ("sample -c nowhere", "hint: list the runs with: chargru info"),
    ],
)
def test_an_option_stands_where_the_library_names_an_argument(chargru, tiny_run, monkeypatch, command, message):
    monkeypatch.chdir(tiny_run.parent)
    done = chargru(*command.split(), *([] if "-c" in command or "train" in command else ["-c", "tiny"]))
    assert done.exit_code == 1
    assert message in done.stderr


def test_a_call_of_the_library_gives_way_to_the_command(chargru, tmp_path):
    write_model(tmp_path, model(head=False))
    done = chargru("gradient", "-c", tmp_path)
    assert "hint: the derivative of one step needs none: chargru gradient --jacobian STEP\n" in done.stderr


def test_a_run_to_go_on_with_is_named_as_it_was_given(chargru, tiny_run, monkeypatch):
    monkeypatch.chdir(tiny_run.parent)
    tiny_run.rename("True")
    done = chargru("train", "--out", "True", "--updates", 1)
    assert done.stderr.splitlines()[-1] == "hint: choose another --out, or go on with it: --resume --out True"


def test_a_run_to_name_is_an_option_too(chargru, empty_folder):
    damaged = empty_folder / "checkpoints" / "bad"
    damaged.mkdir(parents=True)
    (damaged / TRAINING).write_bytes(b"no safetensors")
    assert chargru("sample").stderr.splitlines()[-1] == "hint: name it: -c checkpoints/bad"


@pytest.mark.parametrize("name", ["window", "`window`", "`text`", "`encoding=utf-16`"])
def test_what_the_user_wrote_stays(chargru, tiny_run, tmp_path, name):
    done = chargru("evaluate", tmp_path / name, "-c", tiny_run)
    assert f"error: there is no file {tmp_path / name}\n" in done.stderr
    (tmp_path / name).write_bytes(b"\xff")
    done = chargru("evaluate", tmp_path / name, "-c", tiny_run)
    assert f"error: {tmp_path / name} is not UTF-8: byte 0xFF" in done.stderr
    assert "hint: name its encoding, for example --encoding latin-1\n" in done.stderr


def test_what_the_command_lacks_stays_as_python_has_it():
    word = wording(get_group(app).commands["corpus"].params)
    assert [word(named) for named in ("out", "seed=3", "window", "encoding=utf-16")] == [
        "--out",
        "--seed 3",
        "`window`",
        "`encoding=utf-16`",
    ]


def test_a_parameter_that_is_no_option_is_named_as_its_help_names_it():
    assert wording(get_group(app).commands["train"].params)("files") == "FILE"
