"""What a command is given: a run's model, a text, and a place to write to."""

import os
from collections.abc import Sequence
from pathlib import Path

from chargru import bundled, host, run, tensorfile
from chargru.cli import terminal
from chargru.cli.progress import Steps
from chargru.errors import RunError, SettingError, named
from chargru.model import Model, read_model
from chargru.shown import megabytes
from chargru.text.corpus import read_corpus, require_encoding
from chargru.text.source import suffixes_of


def model(checkpoint: str | None, given: str | None = None, *, text: str = "text") -> Model:
    """The model of --checkpoint or of the argument RUN, else of the run trained last; stderr names the run.

    `text` is the argument of the library by which the command takes a text: what RUN is not. Raises SettingError,
    RunError, DamagedRunError.
    """
    words = runs(None if given is None else [given], None if checkpoint is None else [checkpoint])
    word = words[0] if words else None
    try:
        path, why = run.find_model(word)
    except RunError as error:
        if given is None or "did you mean" in error.message:
            raise
        raise RunError(error.message, _text_goes_by(text)) from None
    if word is not None:
        _require_run(word, path, text)
    terminal.doing(f"reading {host.quoted(str(path))}")
    terminal.note(why)
    found = read_model(path)
    if found.note:
        terminal.note(f"note: {found.note}")
    return found


def _require_run(word: str, path: Path, text: str) -> None:
    """Raises RunError where the user's word for a run means something else, such as a text."""
    if not (run.is_run(path) or run.is_closed(path) or (path.is_file() and tensorfile.is_one(path))):
        raise RunError(f"{host.quoted(word)} is not a run", _text_goes_by(text))


def require_no_text(word: str, path: Path) -> None:
    """Raises RunError where the user's word for a run is a file that is none."""
    if path.is_file() and not tensorfile.is_one(path):
        hint = (
            f"score it with: chargru evaluate {host.quoted(word)}; train on it with: chargru train {host.quoted(word)}"
        )
        raise RunError(f"{host.quoted(word)} is a text, not a run", hint)


def _text_goes_by(text: str) -> str:
    return f"a text goes by {named(text)}; list the runs with: {named('chargru.runs()')}"


def runs(arguments: Sequence[str] | None, option: Sequence[str] | None) -> list[str]:
    """The words for runs of RUN or of --checkpoint. Raises SettingError if both are given."""
    if arguments and option:
        raise SettingError("both RUN and -c are given", "give only one of them")
    return list(dict.fromkeys(arguments or option or ()))


def files(arguments: Sequence[str] | None, option: Sequence[str] | None) -> list[str]:
    """The files of FILE or of --file. Raises SettingError if both are given, or one of them is a run."""
    if arguments and option:
        raise SettingError("both FILE and --file are given", "give only one of them")
    given = list(arguments or option or ())
    for one in given:
        if is_a_run(one):
            raise SettingError(f"{one} is a run, not a text", f"a run goes by {named('run', host.quoted(one))}")
    return given


def is_a_run(word: str) -> bool:
    """Whether a word that stands for a text means a run: its directory, its model, or a name that is no path."""
    path = Path(word)
    try:
        if path.exists():
            return run.is_run(path) if path.is_dir() else path.suffix == ".safetensors"
        return word in bundled.RUNS or (bool(word) and run.is_run(run.RUNS / word))
    except (OSError, ValueError):  # no path that the system takes; the reader says so
        return False


def texts(
    text: str | None, files: Sequence[str], encoding: str, suffixes: Sequence[str] | None = None
) -> list[tuple[str, str]]:
    """What --text or each file holds, and what to call it; empty if none is given. Raises SettingError, TextError."""
    if text is not None and files:
        raise SettingError("both --text and a file are given", "give only one of them")
    searched = suffixes_of(files, suffixes or ()) or ()
    require_encoding(encoding)
    if text is not None:
        return [(text, "--text")]
    return [(_read(file, encoding, searched), file) for file in files]


def text_named(text: str | None, file: Sequence[str] | None, encoding: str) -> tuple[str | None, str]:
    """The text of --text or --file, and what to call it; None is the run's own. Raises SettingError, TextError."""
    found = texts(text, files(None, file), encoding)
    if not found:
        return None, "the run's text"
    return "".join(one for one, _ in found), ", ".join(name for _, name in found)


def text_for(model: Model, text: str | None, file: Sequence[str] | None, encoding: str) -> tuple[str, str]:
    """The text of --text or --file, else the run's own; and what to call it. Raises SettingError, TextError."""
    given, where = text_named(text, file, encoding)
    return model.text_for(given, where=where), where


def _read(file: str, encoding: str, suffixes: Sequence[str]) -> str:
    what = "reading stdin" if file == "-" else f"reading {host.quoted(file)}"
    with Steps(what, 0, megabytes) as steps:
        corpus = read_corpus([file], encoding=encoding, suffixes=suffixes, on_more=steps.more, on_bytes=steps.advance)
    for note in corpus.notes:
        terminal.note(f"note: {note}")
    return corpus.text


def require_apart(out: object, read: Sequence[str]) -> None:
    """Raises SettingError if a result would replace a file that is read for it, or one in a folder that is read."""
    if not isinstance(out, str | Path) or not Path(out).is_file():
        return
    place = Path(out).resolve()
    for one in read:
        if Path(one).resolve() in (place, *place.parents):
            raise SettingError(f"--out would replace {out}, which is read here", "name another file: --out FILE")


def write_to(out: str, data: bytes) -> None:
    """Replace a file atomically; a pipe or a device is written into, a directory refused. Raises SettingError."""
    if out in ("", "-"):
        raise SettingError(f"--out {out!r} names no file", f"name one, as in --out {'./-' if out else 'result'}")
    terminal.doing(f"writing {host.quoted(out)}")
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
