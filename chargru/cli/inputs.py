"""What a command is given: a trained model, a text to run over, and a place to write to."""

import os
from pathlib import Path

from chargru import run, tensorfile
from chargru.cli import terminal
from chargru.errors import SettingError, TextError
from chargru.model import Model, read_model
from chargru.text.corpus import read_corpus


def model_at(checkpoint: str | None) -> Model:
    """The model of --checkpoint, or of the run that is read without it; which one is said. Raises RunError."""
    path, why = run.find_model(checkpoint)
    terminal.note(why)
    return read_model(path)


def text_for(model: Model, text: str | None, file: str | None, encoding: str) -> tuple[str, str]:
    """The text of --text or --file, else the run's own; and what to call it. Raises SettingError, TextError."""
    if text is not None and file is not None:
        raise SettingError("both --text and --file are given", "give only one of them")
    if file is not None:
        corpus = read_corpus([file], encoding=encoding)
        for note in corpus.notes:
            terminal.note(f"note: {note}")
        return corpus.text, file
    if text is not None:
        return text, "--text"
    if model.trace_text is None:
        raise TextError("this run brings no text along", "give one: --text 'Some text' or --file FILE")
    return model.trace_text, "the run's text"


def write_to(out: str, data: bytes) -> None:
    """Replace a file atomically; a pipe or a device is written into, a directory refused. Raises SettingError."""
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
