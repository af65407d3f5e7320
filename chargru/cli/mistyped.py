"""What is typed wrongly is one line, as every error is: what is wrong, and what may have been meant."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from chargru import host
from chargru.arguments import nearest
from chargru.cli import terminal

USAGE: type[Exception] = typer.BadParameter.__mro__[1]
"""What typer raises for words that it cannot read."""

OTHER_WORDS = {
    "chargru": {
        "compare": "info A B",
        "delete": "runs rm",
        "finetune": "train --init-from",
        "fine-tune": "train --init-from",
        "generate": "sample",
        "list": "info",
        "ls": "info",
        "plot": "info RUN --plot",
        "prune": "runs prune",
        "remove": "runs rm",
        "rename": "runs rename",
        "resume": "train --resume",
        "rm": "runs rm",
        "write": "sample",
    },
    "chargru runs": {"delete": "rm", "mv": "rename", "remove": "rm"},
}
"""What other programs call what a command here does, by where the word stands."""

NEEDED = {"bool_parsing": "yes or no", "float_parsing": "a number", "int_parsing": "a whole number"}
"""What must be given, by the name that a refusal has."""

_CHOICE = re.compile(r"'(?P<value>.*)' is not one of '(?P<choices>.*)'\.", re.DOTALL)
_NUMBER = re.compile(r"'(?P<value>.*)' is not a valid (?P<kind>float|int)", re.DOTALL)  # as typer 0.26 says it
_OPTION = re.compile("--?[a-z][a-z-]*")
_LEFT_OVER = re.compile(r"unexpected extra arguments?(?:\(s\))? \((?P<words>.*)\)", re.DOTALL)


@contextmanager
def refused() -> Iterator[None]:
    """Say in one line what is wrong with the words of a command, and exit with 2."""
    try:
        yield
    except USAGE as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        terminal.error(*worded(error))
        raise typer.Exit(2) from None


def worded(error: Any) -> tuple[str, str]:
    """Message and hint of what typer refuses."""
    context = error.ctx
    command = "chargru" if context is None else str(context.command_path)
    hint = f"see: {command} --help"
    if _called(error) == "NoSuchOption":
        return _mended(f"there is no option {error.option_name}", _option_meant(error), hint)
    if _called(error) == "MissingParameter":
        return f"{_written(error.param)} is missing", hint
    if _called(error) == "BadParameter" and error.param is not None:
        return _of_value(error, _written(error.param), hint)
    if _called(error) == "BadOptionUsage" and "requires an argument" in error.message:
        return f"{error.option_name} needs a value", hint
    left = _LEFT_OVER.search(error.message)
    if left is not None:
        return f"{command} has no place for {left['words']}", hint
    return _sentence(error.message), hint


def no_command(word: str, path: str, known: list[str]) -> tuple[str, str]:
    """Message and hint for a word that is no command of `path`, chargru or one of its groups; `known` are those."""
    name = f"{path} {word}".removeprefix("chargru ")
    hint = f"see: {path} --help"
    if path == "chargru" and Path(word).exists():
        return f"there is no command {word}, it is a file", f"train on it: chargru train {host.quoted(word)}"
    meant = OTHER_WORDS.get(path, {}).get(word) or nearest(word, known)
    return _mended(f"there is no command {name}", meant, hint)


def _mended(message: str, meant: str | None, hint: str) -> tuple[str, str]:
    """With what may have been meant there is nothing more to say."""
    return (message, hint) if meant is None else (f"{message}; did you mean {meant}?", "")


def _option_meant(error: Any) -> str | None:
    command = None if error.ctx is None else error.ctx.command
    known = [] if command is None else [one for parameter in command.get_params(error.ctx) for one in parameter.opts]
    return nearest(error.option_name, [one for one in known if one.startswith("--")])


def _of_value(error: Any, name: str, hint: str) -> tuple[str, str]:
    """Of a value that its option does not take."""
    choice = _CHOICE.search(error.message)
    if choice is not None:
        choices = choice["choices"].split("', '")
        meant = nearest(choice["value"], choices)
        if meant is not None:
            return f"{name} is {choice['value']}; did you mean {meant}?", ""
        allowed = " or ".join((", ".join(choices[:-1]), choices[-1])) if choices[1:] else choices[0]
        return f"{name} is {choice['value']}, but it must be {allowed}", hint
    number, first = _NUMBER.search(error.message), next(iter(_reasons(error)), {})
    value, kind = (number["value"], number["kind"] + "_parsing") if number else (first.get("input"), first.get("type"))
    needed = NEEDED.get(str(kind))
    if needed is not None:
        return f"{name} is {value}, but it must be {needed}", hint
    return f"{name}: {_sentence(error.message)}", hint


def _reasons(error: Any) -> list[dict[str, Any]]:
    """Why a value was refused, where what read it says so."""
    reasons = getattr(error.__cause__, "errors", None)
    return list(reasons()) if callable(reasons) else []


def _called(error: Any) -> str:
    return type(error).__name__


def _written(parameter: Any) -> str:
    """How a parameter is written: --minutes, or RUN for an argument."""
    longest = max(map(str, parameter.opts), key=len)
    return longest if _OPTION.fullmatch(longest) else str(parameter.metavar).strip("[].")


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")
