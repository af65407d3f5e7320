"""Errors speak of arguments; the command line puts its options there (`cli/test_app.py`)."""

import ast
import re
from pathlib import Path

import pytest

import chargru
from chargru.errors import Interrupted, SettingError, named
from chargru.evaluation import score_windows

PACKAGE = Path(chargru.__file__).parent
COMMAND_LINE = (
    "cli",
    *("show/ablation.py", "show/evaluation.py", "show/gates", "show/ledger", "show/retraining.py", "show/samples.py"),
    "show/page/letters.py",
    "show/surprise",
    "show/trace",
    "conventions/authors.py",
    "engine/native",
)
"""What speaks with the command's voice: the commands, what they print and its notes; and the compiler's options."""


def strings(tree):
    """The string constants of a file that are not docstrings."""
    bare = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in bare)
    return [node.value for node in constants if isinstance(node.value, str)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_library_speaks_of_no_option(path):
    if str(path.relative_to(PACKAGE)).startswith(COMMAND_LINE):
        return
    assert [string for string in strings(ast.parse(path.read_text())) if re.search(r"--[a-z]", string)] == []


def test_an_argument_stands_in_backticks():
    error = SettingError(f"{named('window')} is 0", f"give {named('encoding', 'utf-16')}")
    assert (str(error), error.message, error.hint) == ("`window` is 0", "`window` is 0", 'give `encoding="utf-16"`')


@pytest.mark.parametrize(
    ("value", "typed"),
    [("skip", '"skip"'), ("0,9", '"0,9"'), (34, "34"), (True, "True"), ("'my novel'", "'my novel'"), ("a b", '"a b"')],
)
def test_an_argument_with_a_value_is_valid_python(value, typed):
    error = SettingError(named("unknown", value))
    assert error.message == f"`unknown={typed}`"
    ast.parse(error.message.strip("`"))


def test_only_what_is_named_is_worded():
    error = SettingError(f"`window` is no {named('window')}", f"{named('a')} {named('b', 1)}")
    assert error.worded(str.upper) == ("`window` is no WINDOW", "A B=1")


def test_a_caller_reads_the_name_of_its_argument():
    with pytest.raises(SettingError, match="`window` is 0, but it must be at least 1"):
        score_windows(None, None, 0)


def test_a_notebook_shows_what_is_wrong_what_to_do_and_where():
    """IPython calls it; the line is the last one outside the package."""
    with pytest.raises(SettingError) as caught:
        chargru.sample(chargru.load("cats"), temperature=-1)
    assert caught.value._render_traceback_() == [
        "\x1b[31mSettingError\x1b[0m: `temperature` is -1.0, but it must be from 0 to 1e30",
        "hint: give `temperature` another value",
        f"line {caught.traceback[0].lineno + 1}: {str(caught.traceback[0].statement).strip()}",
    ]


def test_an_interrupted_run_says_how_to_go_on():
    go_on = "go on with: chargru.train(out='checkpoints/a b', resume=True)"
    assert Interrupted("stopped", "checkpoints/a b").advice() == go_on
    assert Interrupted("stopped")._render_traceback_() == ["\x1b[31mInterrupted\x1b[0m: stopped"]
