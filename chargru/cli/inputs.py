"""What a command is given: a run's model, a text, and a place to write to."""

import os
from collections.abc import Sequence
from pathlib import Path

from chargru import run, tensorfile
from chargru.cli import terminal
from chargru.errors import SettingError
from chargru.model import Model, read_model
from chargru.text.corpus import read_corpus


def model(checkpoint: str | None) -> Model:
    """The model of --checkpoint, else of the run trained last, which stderr names. Raises RunError, DamagedRunError."""
    path, why = run.find_model(checkpoint)
    terminal.note(why)
    return read_model(path)


def texts(text: str | None, files: Sequence[str], encoding: str) -> list[tuple[str, str]]:
    """What --text or each file holds, and what to call it; empty if none is given. Raises SettingError, TextError."""
    if text is not None and files:
        raise SettingError("both --text and a file are given", "give only one of them")
    if text is not None:
        return [(text, "--text")]
    return [(_read(file, encoding), file) for file in files]


def text_named(text: str | None, file: str | None, encoding: str) -> tuple[str | None, str]:
    """The text of --text or --file, and what to call it; None is the run's own. Raises SettingError, TextError."""
    found = texts(text, [] if file is None else [file], encoding)
    return found[0] if found else (None, "the run's text")


def text_for(model: Model, text: str | None, file: str | None, encoding: str) -> tuple[str, str]:
    """The text of --text or --file, else the run's own; and what to call it. Raises SettingError, TextError."""
    given, where = text_named(text, file, encoding)
    return model.text_for(given, where=where), where


def _read(file: str, encoding: str) -> str:
    corpus = read_corpus([file], encoding=encoding)
    for note in corpus.notes:
        terminal.note(f"note: {note}")
    return corpus.text


def write_to(out: str, data: bytes) -> None:
    """Replace a file atomically; a pipe or a device is written into, a directory refused. Raises SettingError."""
    if out in ("", "-"):
        raise SettingError(f"--out {out!r} names no file", f"name one, as in --out {'./-' if out else 'result'}")
    path = Path(os.path.realpath(out))
    if path.is_dir():
        raise SettingError(f"{out} is a directory", "name a file in it")
    if not path.exists() or path.is_file():
        tensorfile.write_atomically(path, data)
        return
    try:
        path.write_bytes(data)
    except OSError as error:
        raise SettingError(f"cannot write {out}: {error.strerror}", "choose another --out") from error
