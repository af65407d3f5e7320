"""What can go wrong, as one tree; each error says what is wrong and what to do about it.

ChargruError                a mistake that the user can mend: one line, a hint, exit 1
├── TextError               a text cannot be read, or is of no use for what was asked
│   └── UnknownCharacterError   the vocabulary lacks a character; says which, where, how often
├── RunError                a run's directory cannot be found, read or written
│   ├── DamagedRunError     a file of the run is there but does not hold what it must
│   └── RunLockedError      another process is training into this run
├── TrainingError           training cannot start or go on (settings, budget, a loss that is not finite)
├── SettingError            a value is out of its range, whatever command it was given to
└── StepError               a step, index or layer that the text or the model does not have

Interrupted                 Ctrl-C or SIGTERM; not a mistake; exit 130

Messages speak of arguments, as Python has them: `window` is 0. The command line puts its option there: --window is 0.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

_PACKAGE = Path(__file__).parent
_LITERAL = re.compile(r"True|False|None|-?\d+(\.\d+)?|'.*'", re.DOTALL)
_NAMED = re.compile("\0([^\0]+)\0")


def named(argument: str, value: object = None) -> str:
    """An argument for a message, or one with a value, or a call: `window`, `encoding=utf-16`, `chargru.train(out=...)`.

    It is marked by NUL characters, which no file name and no command line can hold, so that nothing else in a message
    is ever taken for an argument.
    """
    return f"\0{argument}\0" if value is None else f"\0{argument}={value}\0"


def _in_python(argument: str) -> str:
    """A `named` argument as one types it in Python: `encoding="utf-16"`, `half=True`; a value quoted already stays."""
    name, given, value = argument.partition("=")
    if given and name.isidentifier() and not _LITERAL.fullmatch(value):
        value = json.dumps(value, ensure_ascii=False)
    return f"`{name}{given}{value}`"


class InNotebook(Exception):  # noqa: N818 -- not one that is raised
    """An exception of which a notebook shows what is wrong, what to do, and the line of the cell; no more."""

    def advice(self) -> str:
        """What to do about it, or ""."""
        return ""

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback."""
        where = _line_of_caller(self.__traceback__)
        said = [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}", self.advice(), where]
        return [line for line in said if line]


def _line_of_caller(traceback: TracebackType | None) -> str:
    """The last line outside this package, that is, of the cell or of what it calls: its number and its text."""
    from traceback import extract_tb

    found = ""
    for frame in extract_tb(traceback):
        if Path(frame.filename).is_relative_to(_PACKAGE):
            break
        found = f"line {frame.lineno}: {frame.line}"
    return found


class ChargruError(InNotebook):
    """A mistake that the user can mend.

    `message` says what is wrong in one line; `hint` says what to do, or is empty. Both may have `named` arguments.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self._written = (message, hint)
        self.message, self.hint = self.worded(_in_python)
        super().__init__(self.message)

    def worded(self, word: Callable[[str], str]) -> tuple[str, str]:
        """Message and hint, each `named` argument or call in them as `word` puts it."""
        message, hint = (_NAMED.sub(lambda mark: word(mark[1]), part) for part in self._written)
        return message, hint

    def advice(self) -> str:
        """The hint."""
        return f"hint: {self.hint}" if self.hint else ""


class TextError(ChargruError):
    """A text cannot be read, or is of no use for what was asked."""


class UnknownCharacterError(TextError):
    """The vocabulary lacks a character of the text."""


class RunError(ChargruError):
    """A run's directory cannot be found, read or written."""


class DamagedRunError(RunError):
    """A file of the run is there but does not hold what it must."""


class RunLockedError(RunError):
    """Another process is training into this run."""


class TrainingError(ChargruError):
    """Training cannot start or go on."""


class SettingError(ChargruError):
    """A value is out of its range."""


class StepError(ChargruError):
    """A step, index or layer that the text or the model does not have."""


def check_setting(name: str, value: object, good: bool, allowed: str) -> None:
    """Raises SettingError, which names the argument and what is `allowed`, unless its value is good."""
    if not good:
        raise SettingError(f"{named(name)} is {value}, but it must be {allowed}", f"give {named(name)} another value")


class Interrupted(InNotebook):
    """Ctrl-C or SIGTERM arrived; what was to be saved is saved, in `run` if there is one to go on with."""

    def __init__(self, message: str = "", run: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.run = run

    def advice(self) -> str:
        """How to go on with the run, if there is one."""
        return f"go on with: chargru.train(out={self.run!r}, resume=True)" if self.run else ""
