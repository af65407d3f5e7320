"""What Tab offers in bash, zsh, fish and PowerShell: typer asks for it in a process of its own, by a variable.

Where nothing is offered the shell goes on to names of files, so a word that can only be a file has no completer. An
error offers nothing: a line that is being typed is no place for a message.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import typer

VARIABLE = "_CHARGRU_COMPLETE"
"""Set by a shell that asks what to offer, to complete_bash and the like."""

_SAFE = re.compile(r"[\w@%+,.][\w@%+,. -]*")
"""Names that every one of these shells can be given."""
_PLAIN = re.compile(r"[A-Za-z0-9 .,()%-]{1,60}")
"""What may stand beside a name: zsh evaluates it, and what a run's file says is not to be trusted."""

_QUOTES = ("'", '"')

Offered = list[tuple[str, str]]


@dataclass(frozen=True)
class Item:
    """A word that is offered, and what a shell shows beside it; as typer has it."""

    value: str
    help: str = ""
    type: str = "plain"


def asked() -> bool:
    """Whether a shell asks what to offer."""
    return os.environ.get(VARIABLE, "").startswith("complete_")


def prepare() -> None:
    """Where a shell asks, keep every message to oneself, and rich out, which typer would load to write plain words."""
    if asked():
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 -- for good
        modules: dict[str, Any] = sys.modules
        modules["rich"] = None  # Python's own sign for what cannot be imported
        _join_values()
        _keep_backslashes()


def _join_values() -> None:
    """Take out what bash makes a word of its own, the = of --format=json; typer knows an option and its value."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    at = next((at for at, word in enumerate(words[1:-1], 1) if word == "=" and words[at - 1].startswith("--")), None)
    if at is not None and os.environ.get("COMP_CWORD") == str(len(words) - 1):
        os.environ["COMP_WORDS"] = "\n".join([*words[:at], *words[at + 1 :]])
        os.environ["COMP_CWORD"] = str(len(words) - 2)
        _join_values()


def _keep_backslashes() -> None:
    r"""Have typer read my\ ru, typed into bash, as these very letters: what is offered, my\ run, begins with them."""
    typed = _typed_in_bash()
    if "\\" in typed and not typed.startswith(_QUOTES):
        words = os.environ["COMP_WORDS"].split("\n")
        words[int(os.environ["COMP_CWORD"])] = typed.replace("\\", "\\\\\\")  # itself, and what it escapes as it was
        os.environ["COMP_WORDS"] = "\n".join(words)


def _typed_in_bash() -> str:
    """The word that is being typed as it stands on bash's line, with its quotes; empty for every other shell."""
    words, at = os.environ.get("COMP_WORDS", "").split("\n"), os.environ.get("COMP_CWORD", "")
    in_bash = os.environ.get(VARIABLE, "").endswith("bash")
    return words[int(at)] if in_bash and at.isdecimal() and int(at) < len(words) else ""


def unread(parameters: list[Any]) -> list[Any]:
    """Where a shell asks, take words as they are: to read them as numbers typer loads pydantic, which takes 70 ms."""
    for parameter in parameters if asked() else ():
        parameter.process_value = lambda _, value: value
    return parameters


def calm(parameters: Iterable[Any]) -> None:
    """Have the help before a command show what is meant for there: --no-pager is in the help of each command."""
    for parameter in parameters:
        if parameter.name == "install_completion":
            parameter.help = "Have Tab complete commands, options and runs."
        if parameter.name in ("show_completion", "_no_pager"):
            parameter.hidden = True


def words(*choices: str) -> Callable[[str], list[str]]:
    """A completer that offers these words."""
    return lambda incomplete: [one for one in choices if one.startswith(incomplete)]


def listed(kind: Any) -> Callable[[str], list[str]]:
    """A completer of names with commas between them, each one of a Literal's."""

    def offer(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + one for one in get_args(kind) if one.startswith(last)]

    return offer


def runs(incomplete: str) -> Offered:
    """The runs that a command can read: those below ./checkpoints, the latest first, and those that ship."""
    return [*own_runs(incomplete), *_offered(_shipped, incomplete)]


def own_runs(incomplete: str) -> Offered:
    """The runs below ./checkpoints."""
    return _offered(_own, incomplete)


def runs_to_resume(context: typer.Context, incomplete: str) -> Offered:
    """With --resume the runs that --out can go on with."""
    return _offered(partial(_own, only_with="training"), incomplete) if context.params.get("resume") else []


def _offered(find: Callable[[], Iterator[Path]], incomplete: str) -> Offered:
    found: Offered = []
    with suppress(Exception):
        for path in find():
            if _word(path.name).startswith(incomplete) and _SAFE.fullmatch(path.name):
                found.append((_word(path.name), _described(path)))
    return found


def _word(name: str) -> str:
    """A name as a shell takes it. bash alone puts it on the line as it is, within the quote that the line has."""
    plain = not os.environ.get(VARIABLE, "").endswith("bash") or _typed_in_bash().startswith(_QUOTES)
    return name if plain else name.replace(" ", "\\ ")


def _own(*, only_with: Literal["training"] | None = None) -> Iterator[Path]:
    from chargru import bundled, run

    for path in run.runs():
        may_stand = run.is_run(path) if only_with is None else run.holds(path, run.TRAINING)
        if path.name not in bundled.RUNS and may_stand:
            yield path


def _shipped() -> Iterator[Path]:
    from chargru import bundled

    yield from bundled.run_paths()


def _described(path: Path) -> str:
    """A run's size and score, from the header of its model; only such letters as no shell reads as more."""
    from chargru import tensorfile
    from chargru.errors import DamagedRunError, RunError
    from chargru.model import MODEL, MODEL_SCHEMA

    try:
        said = _size_and_score(tensorfile.read(path / MODEL, MODEL_SCHEMA, tensors=False)[0])
    except DamagedRunError:
        return "damaged"
    except RunError:
        return "no model yet"
    return said if _PLAIN.fullmatch(said) else "damaged"


def _size_and_score(document: dict[str, Any]) -> str:
    size = f"{document['layers']} x {document['hidden_size']} units"
    score = document.get("trained", {}).get("val_bpc")
    return size if score is None else f"{size}, {score:.4f} bits per character"
