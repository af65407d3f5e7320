"""`chargru gates`, as it is typed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from drawn import model
from typer.testing import CliRunner

from chargru.cli.app import app
from chargru.insight.gates import gates
from chargru.model import write_model
from chargru.show.formats import show


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "drawn"
    path.mkdir()
    write_model(path, model(units=20))
    return str(path)


def called(run, *arguments):
    return CliRunner().invoke(app, ["gates", "-c", run, *arguments])


def ok(run, *arguments):
    result = called(run, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def as_json(run, *arguments):
    return json.loads(ok(run, "--format", "json", *arguments))


def test_it_prints_what_the_library_shows(run):
    result = called(run)
    assert result.stderr == f"using {run}\n"
    assert result.stdout == str(gates(model(units=20))) + "\n"
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["--gate", "h"], {"gate": "h"}),
        (["--step", "3-9", "--step", "last"], {"steps": [3, 4, 5, 6, 7, 8, 9, 84]}),
        (["--at", "cats?", "--step", "2"], {"steps": [2, 7, 72]}),
        (["--index", "0,7-9"], {"indices": [0, 7, 8, 9]}),
        (["--all"], {"steps": range(1, 85), "indices": range(20)}),
        (["--order", "index"], {"order": "index"}),
        (["--match", "[ea]"], {"match": "[ea]"}),
        (["--match", "e", "--among", "[a-z]"], {"match": "e", "among": "[a-z]"}),
        (["--force", "z[3]=1"], {"force": ["z[3]=1"]}),
        (["--text", "The cats were full"], {"text": "The cats were full"}),
    ],
)
@pytest.mark.parametrize("format_", ["table", "markdown", "html", "csv"])
def test_options_are_arguments(run, arguments, given, format_):
    expected = show(gates(model(units=20), **given), format_)
    assert ok(run, "--format", format_, *arguments).rstrip("\n") == expected.rstrip("\n")


def test_the_document_is_whole_whatever_is_shown(run):
    document = as_json(run, "--index", "2", "--layer", "1")
    expected = gates(model(units=20))
    assert document["checkpoint"] == run
    assert [row["age"] for row in document["layers"][0]["indices"]] == expected.layers[0].age.tolist()
    assert np.array_equal(document["map"]["layers"][0]["values"], expected.layers[0].values)


def test_a_layer(tmp_path):
    write_model(tmp_path, model(layers=2))
    both, second = ok(str(tmp_path)), ok(str(tmp_path), "--layer", "2")
    assert "Layer 1 of 2" in both
    assert "Layer 1 of 2" not in second
    assert second.split("Layer 2 of 2")[1].split("index")[0].split("Map")[0] in both


def test_a_file_s_text(run, tmp_path):
    path = tmp_path / "some.txt"
    path.write_text("The cats\n", encoding="utf-8")
    assert as_json(run, "--file", str(path))["text"] == "The cats\n"


def test_what_is_held_is_said(run):
    first = ok(run, "--force", "z[3]=1@5-9", "--force", "r=1").splitlines()[0]
    assert first == "The gates on 84 characters, 20 units, with z[3]=1@5-9 and r=1 held"


@pytest.mark.parametrize("format_", ["table", "html", "json", "csv", "markdown"])
def test_out_holds_what_stdout_would(run, tmp_path, format_):
    out = tmp_path / "gates"
    result = called(run, "--format", format_, "--out", str(out))
    assert result.stdout == ""
    assert result.stderr.endswith(f"wrote {out}\n")
    assert out.read_text(encoding="utf-8") == ok(run, "--format", format_)


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--match", "["], ["--match '[' is not a regular expression", "put a backslash before"]),
        (
            ["--match", "dog!"],
            ["--match 'dog!' matches nothing in the text of 84 char", "try a shorter pattern, or another -"],
        ),
        (
            ["--match", "ca"],
            ["--match 'ca' matches at only 2 of 84 places; at least 3", "try a longer --text or --file"],
        ),
        (["--match", "T", "--text", "TTT"], ["3 places are too few to tell what --match finds from chance"]),
        (["--among", "e"], ["--among goes with --match only", "give both, or leave --among out"]),
        (["--at", "["], ["--at '[' is not a regular expression"]),
        (["--step", "0"], ["there is no step 0"]),
        (["--step", "85"], ["there is no step 85: the text has 84 steps", "give --step from 1 to 84"]),
        (["--index", "20"], ["there is no index 20: a layer of this model has 20 units", "give --index from 0 to 19"]),
        (["--layer", "2"], ["there is no layer 2: the model has 1 layer"]),
        (["--text", "The\nThé"], ["--text, line 2, column 3: the character 'é'"]),
        (["--text", ""], ["--text is empty"]),
        (["--all", "--index", "3"], ["--index does not go with --all", "leave --index out"]),
        (["--all", "--step", "3"], ["--step does not go with --all", "leave --step out"]),
        (["--all", "--at", "e"], ["--at does not go with --all", "leave --at out"]),
        (["--force", "z=0@99"], ["'z=0@99' names a step that is not there"]),
    ],
)
def test_errors_say_what_to_do(run, arguments, lines):
    result = called(run, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    error, hint = (line for line in result.stderr.splitlines() if not line.startswith("using"))
    for line, start, prefix in zip((error, hint), lines, ("error: ", "hint: "), strict=False):
        assert line.startswith(prefix + start)


def terminal_output(run, columns, **environment):
    """What a terminal of so many columns gets: ANSI sequences and all."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    unset = ("NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
    names = {key: value for key, value in os.environ.items() if key not in unset}
    names |= {"TERM": "xterm-256color", "PAGER": "cat", **environment}
    command = [sys.executable, "-m", "chargru", "gates", "-c", run, "--step", "1-20"]
    with subprocess.Popen(command, stdout=theirs, stdin=theirs, stderr=subprocess.DEVNULL, env=names):
        os.close(theirs)
        found = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            found += part
    os.close(ours)
    return found.decode()


def test_a_terminal_gets_colours_unless_it_wants_none(run):
    coloured = terminal_output(run, 80)
    assert "\x1b[38;5;231;48;5;17m" in coloured
    plain = terminal_output(run, 80, NO_COLOR="1")
    assert "48;5" not in plain
    assert "38;5" not in plain


def test_torch_is_not_imported(run):
    code = f"import sys; from chargru.cli.app import app; app(['gates', '-c', {run!r}, '--match', 'e'], "
    code += "standalone_mode=False); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
