"""What is typed wrongly: one line that says so and what was meant, exit 2."""

import pytest
from ownruns import own_run


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("trian", "there is no command trian; did you mean train?"),
        ("samp", "there is no command samp; did you mean sample?"),
        ("rm a", "there is no command rm; did you mean runs rm?"),
        ("delete a", "there is no command delete; did you mean runs rm?"),
        ("remove a", "there is no command remove; did you mean runs rm?"),
        ("rename a b", "there is no command rename; did you mean runs rename?"),
        ("prune", "there is no command prune; did you mean runs prune?"),
        ("list", "there is no command list; did you mean info?"),
        ("compare a b", "there is no command compare; did you mean info A B?"),
        ("plot a", "there is no command plot; did you mean info RUN --plot?"),
        ("generate", "there is no command generate; did you mean sample?"),
        ("write", "there is no command write; did you mean sample?"),
        ("resume", "there is no command resume; did you mean train --resume?"),
        ("finetune a", "there is no command finetune; did you mean train --init-from?"),
        ("runs remove a", "there is no command runs remove; did you mean rm?"),
        ("runs delete a", "there is no command runs delete; did you mean rm?"),
        ("runs renam a b", "there is no command runs renam; did you mean rename?"),
        ("train --minuts 3", "there is no option --minuts; did you mean --minutes?"),
        ("--versoin", "there is no option --versoin; did you mean --version?"),
        ("sample --temp 1", "there is no option --temp; did you mean --temperature?"),
        ("runs --formt json", "there is no option --formt; did you mean --format?"),
        ("sample --format jso", "--format is jso; did you mean json?"),
        ("trace --convention cours", "--convention is cours; did you mean course?"),
        ("train --precision b16", "--precision is b16; did you mean bf16?"),
    ],
)
def test_what_was_meant_is_said_in_one_line(chargru, command, message):
    done = chargru(*command.split(), prog_name="chargru")
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


@pytest.mark.parametrize(
    ("command", "message", "of"),
    [
        ("xyzzy", "there is no command xyzzy", ""),
        ("trace -x", "there is no option -x", " trace"),
        ("gates --gate q", "--gate is q, but it must be z, r, n or h", " gates"),
        ("runs --format q", "--format is q, but it must be table or json", " runs"),
        ("train --minutes x", "--minutes is x, but it must be a number", " train"),
        ("train --layers 1.5", "--layers is 1.5, but it must be a whole number", " train"),
        ("runs rm", "RUN is missing", " runs rm"),
        ("runs prune", "--keep-best is missing", " runs prune"),
        ("sample a b", "chargru sample has no place for b", " sample"),
        ("train --minutes", "--minutes needs a value", ""),
    ],
)
def test_where_nothing_is_like_it_the_help_is_named(chargru, command, message, of):
    done = chargru(*command.split(), prog_name="chargru")
    assert (done.exit_code, done.stderr) == (2, f"error: {message}\nhint: see: chargru{of} --help\n")


def test_a_text_without_a_command_is_told_where_it_goes(chargru, empty_folder):
    (empty_folder / "my novel.txt").write_text("The cat")
    done = chargru("my novel.txt", prog_name="chargru")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == "hint: train on it: chargru train 'my novel.txt'"


@pytest.mark.parametrize(
    "command",
    ["sample -c", "sample", "trace", "info", "runs rm", "train --init-from", "train --resume --out", "info --plot"],
)
@pytest.mark.usefixtures("empty_folder")
def test_the_run_that_was_meant_is_named(chargru, command):
    own_run("novel-001")
    done = chargru(*command.split(), "noval-001")
    assert done.exit_code == 1
    said = ["error: there is no run noval-001; did you mean novel-001?", "hint: list the runs with: chargru info"]
    assert done.stderr.splitlines()[-2:] == said
    assert "did you mean" not in chargru(*command.split(), "xyzzy").stderr
