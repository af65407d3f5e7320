"""Numbers that nobody means, of thousands of digits or beyond a float: one clear line, whatever the option."""

import pytest

DIGITS = {"5,000 digits": "9" * 5000, "4,299 digits": "9" * 4299, "400 digits": "9" * 400, "19 digits": "9" * 19}
READING = {
    "trace": "--step=% --step=1-% --step=%-last --index=% --index=0-% --layer=% --digits=% --force=r=% --force=r=1@% "
    "--force=r=1@1-% --force=r[%]=1 --force=r[0-%]=1 --force=%:r=1",
    "gradient": "--lags=% --positions=-% --jacobian=% --weights=% --layer=%",
    "sample": "--length=% --count=% --temperature=-% --top-k=-% --top-p=% --seed=-%",
    "gates": "--step=% --index=% --layer=%",
    "evaluate": "--window=-%",
    "page": "--steps=%",
}
TRAINING = (
    "--minutes=-% --epochs=-% --updates=-% --hidden-size=% --layers=% --initial-memory=% --learning-rate=-% "
    "--batch-size=% --window=% --dropout=% --weight-drop=% --weight-decay=-% --patience=% --seed=% "
    "--validation-fraction=% --threads=%"
)


def refused_in_one_line(done):
    message, *hints = [line for line in done.stderr.splitlines() if not line.startswith("using ")]
    assert done.exit_code in (1, 2), done
    assert isinstance(done.exception, SystemExit)
    assert message.startswith("error: ")
    assert len(message) < 1200
    assert all(line.startswith("hint: ") for line in hints)
    assert done.stdout == ""


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads_a_run_refuses_them(chargru, tiny_run, command, digits):
    more = ["--text", "The cat"] if command == "evaluate" else []
    for option in READING[command].split():
        refused_in_one_line(chargru(command, "-c", tiny_run, *more, option.replace("%", DIGITS[digits])))


@pytest.mark.parametrize("digits", DIGITS)
def test_train_refuses_them(chargru, empty_folder, digits):
    (empty_folder / "t.txt").write_text("The cat sat. " * 50)
    for option in TRAINING.split():
        refused_in_one_line(chargru("train", "t.txt", "--out", "run", option.replace("%", DIGITS[digits])))
    assert [path.name for path in empty_folder.iterdir()] == ["t.txt"]


def test_the_ends_of_a_long_number_are_shown(chargru, tiny_run):
    done = chargru("trace", "-c", tiny_run, "--step", "9" * 5000)
    short = "9" * 58 + "..." + "9" * 58
    assert done.stderr.splitlines()[-2:] == [
        f"error: '{short}' is not a step",
        "hint: give --step 34, --step 33-35 or --step last",
    ]
