"""What Tab offers: asked for as the shells do, and in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ownruns import own_run
from terminals import tab_in_bash

from chargru import tensorfile
from chargru.cli.app import COMMANDS
from chargru.model import MODEL, MODEL_SCHEMA
from chargru.run import TRAINING

CHARGRU = [sys.executable, "-c", "from chargru.cli.app import main; main()"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with two runs of one's own and a text; what ships is there too."""
    monkeypatch.chdir(tmp_path)
    for name in ("novel-001", "my run"):
        own_run(name)
    (tmp_path / "notes.txt").write_text("The cat")
    return tmp_path


def ask(shell, line, **environment):
    """What a shell is told of a line, as it asks; nothing may ever be said on stderr."""
    words = line.split(" ")
    asked = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1), "_TYPER_COMPLETE_ARGS": line}
    known = {**os.environ, **asked, "_CHARGRU_COMPLETE": f"complete_{shell}", **environment}
    done = subprocess.run(CHARGRU, env=known, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def offered(line):
    return [one for one in ask("bash", line).split("\n") if one]


SHIPPED = ["cats", "cats-rnn"]
OWN = ["novel-001", "my\\ run"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("chargru ", list(COMMANDS)),
        ("chargru tra", ["train", "trace"]),
        ("chargru runs r", ["rename", "rm"]),
        ("chargru train --val", ["--validation-fraction"]),
        ("chargru --inst", ["--install-completion"]),
        ("chargru trace --format j", ["json"]),
        ("chargru trace --format=j", ["json"]),
        ("chargru trace --convention=torch --format=j", ["json"]),
        ("chargru info --format p", ["png"]),
        ("chargru trace --convention ch", ["cho", "chung"]),
        ("chargru trace --compare torch,co", ["torch,course"]),
        ("chargru gates --gate ", ["z", "r", "n", "h"]),
        ("chargru train --device c", ["cpu", "cuda"]),
        ("chargru train --minutes x --reset b", ["before"]),
        ("chargru corpus v", ["village"]),
        ("chargru sample -c cats-", ["cats-rnn"]),
        ("chargru train --init-from nov", ["novel-001"]),
        ("chargru train --resume --out nov", ["novel-001"]),
        ("chargru evaluate --against no", ["novel-001"]),
        ("chargru info cats nov", ["novel-001"]),
    ],
)
def test_what_bash_is_offered(line, expected):
    assert offered(line) == expected


@pytest.mark.parametrize(
    "line", ["sample -c", "sample", "trace", "gates", "page", "gradient", "prove", "info", "info -c"]
)
def test_runs_are_offered_wherever_one_is_read(line):
    assert sorted(offered(f"chargru {line} ")) == sorted([*OWN, *SHIPPED])


@pytest.mark.parametrize("line", ["runs rm", "runs rename", "train --resume -o"])
def test_what_ships_is_not_offered_to_be_changed(line):
    assert sorted(offered(f"chargru {line} ")) == sorted(OWN)


@pytest.mark.parametrize(
    "line", ["train n", "evaluate ", "train --out ", "sample -c checkp", "info -o ", "runs rename a "]
)
def test_where_a_file_can_stand_the_shell_offers_files(line):
    assert offered(f"chargru {line}") == []
    assert ask("zsh", f"chargru {line}") == "_files\n"


def test_a_run_is_shown_with_its_size_and_score():
    told = ask("fish", "chargru sample -c n", _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert told == "novel-001\t1 x 6 units, 2.5000 bits per character\n"
    assert '"cats":"1 x 48 units, 0.5103 bits per character"' in ask("zsh", "chargru sample -c ")


def test_what_is_damaged_or_unfinished_is_offered_and_says_so(folder):
    (folder / "checkpoints" / "novel-001" / MODEL).write_bytes(b"nothing")
    (folder / "checkpoints" / "my run" / MODEL).unlink()
    told = ask("fish", "chargru sample -c ", _TYPER_COMPLETE_FISH_ACTION="get-args").split("\n")
    assert {"novel-001\tdamaged", "my run\tno model yet"} <= set(told)


@pytest.mark.parametrize(
    "said",
    [
        {"layers": "\\$(touch ran)"},
        {"hidden_size": "`touch ran`"},
        {"layers": True},
        {"layers": 10**70},
        {"trained": {"val_bpc": "\\$(touch ran)"}},
        {"trained": {"val_bpc": 10**400}},
        {"trained": "$(touch ran)"},
        {"trained": [1]},
    ],
)
@pytest.mark.parametrize("shell", ["zsh", "bash", "powershell"])
def test_what_a_header_says_reaches_no_shell_unless_it_is_a_number(shell, said):
    document, tensors = tensorfile.read(Path("checkpoints/novel-001") / MODEL, MODEL_SCHEMA)
    tensorfile.write(Path("checkpoints/novel-001") / MODEL, {**document, **said}, tensors)
    told = ask(shell, "chargru sample -c nov", _TYPER_COMPLETE_WORD_TO_COMPLETE="nov")
    expected = {"zsh": """_arguments '*: :(("novel-001":"damaged"))'""", "powershell": "novel-001:::damaged"}
    assert told == expected.get(shell, "novel-001") + "\n"


@pytest.mark.parametrize("name", ["$(rm -r x)", "a'b", "-rf", "a;b", "a\nb"])
def test_a_name_that_a_shell_would_read_is_not_offered(folder, name):
    (folder / "checkpoints" / name).mkdir()
    (folder / "checkpoints" / name / TRAINING).write_bytes(b"")
    assert sorted(offered("chargru sample -c ")) == sorted([*OWN, *SHIPPED])


def test_an_error_offers_nothing(folder):
    (folder / "checkpoints").rename("elsewhere")
    (folder / "checkpoints").write_text("no folder")
    assert offered("chargru sample -c ") == SHIPPED
    assert offered("chargru sample --nonsense x -") != []
    assert offered("chargru runs rm ") == []


def test_neither_torch_nor_pydantic_nor_rich_is_loaded_to_answer():
    code = "import sys\nfrom chargru.cli.app import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
    asked = {"COMP_WORDS": "chargru\nsample\n-c\n", "COMP_CWORD": "3", "_CHARGRU_COMPLETE": "complete_bash"}
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "novel-001" in done.stdout
    assert not {"torch", "pydantic", "rich.console"} & loaded


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("chargru sam", "chargru sample "),
        ("chargru sample -c nov", "chargru sample -c novel-001 "),
        ("chargru info my", "chargru info my\\ run "),
        ("chargru info my\\ r", "chargru info my\\ run "),
        ("chargru info my\\", "chargru info my\\ run "),
        ("chargru info 'my r", "chargru info 'my run' "),
        ('chargru info "m', 'chargru info "my run" '),
        ("chargru train no", "chargru train notes.txt "),
        ("chargru trace --format=js", "chargru trace --format=json "),
    ],
)
def test_tab_in_bash(folder, typed, completed):
    known = {**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # so that it takes the shell's name
    shown = subprocess.run(
        [*CHARGRU, "--show-completion", "bash"], env=known, capture_output=True, text=True, check=True
    )
    assert tab_in_bash(typed, shown.stdout, folder) == completed
