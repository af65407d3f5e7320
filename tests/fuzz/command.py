"""The whole program in this process: a command line in, its exit code and what it wrote out, and what is wrong."""

import contextlib
import io
import json
import os
import re
import sys
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chargru.engine.native import build
from tests.fuzz import guard
from tests.fuzz.case import Found

CODES = (0, 1, 2, 130)
TEXT = "the cat sat on the mat, and the dogs sat on the cats.\n" * 12
RUN = Path("checkpoints/tiny")
SMALL = ("--updates", "3", "--hidden-size", "5", "--batch-size", "3", "--window", "8", "--threads", "1")
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What steers a terminal, or the direction of a text: nothing that a person reads may hold it raw."""
TRACE = re.compile(r"Traceback \(most recent|^Exception |\.pyx?:\d+|File \".*\", line \d+", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: object
    out: str
    said: str


def called(arguments: list[str], stdin: bytes = b"") -> Done:
    """Run `chargru` with these arguments in the current folder, stdout and stderr being pipes."""
    from chargru.cli import app

    before = (sys.argv, sys.stdin, sys.stdout, sys.stderr)
    code: object = None
    temporary, tempfile.tempdir = tempfile.tempdir, str(Path.cwd())  # what is temporary goes there too
    with environment(), _caught() as written, warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = _warn
        sys.argv = ["chargru", *arguments]
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        sys.stdout, sys.stderr = (io.TextIOWrapper(open(os.dup(fd), "wb"), encoding="utf-8") for fd in (1, 2))  # noqa: SIM115, PTH123
        try:
            app.main()
        except SystemExit as end:
            code = end.code
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(ValueError, OSError):
                    stream.close()
            sys.argv, sys.stdin, sys.stdout, sys.stderr = before
            tempfile.tempdir = temporary
    return Done(code, *written)


def _warn(message: Warning | str, category: type[Warning], file_name: str, line: int, *_: object) -> None:
    """Onto stderr, as Python does; pytest would keep it."""
    sys.stderr.write(warnings.formatwarning(message, category, file_name, line))


@contextlib.contextmanager
def environment():
    """No compiler is started, and no colours are asked for; put back at the end, for the tests beside."""
    before = dict(os.environ)
    os.environ |= {"CHARGRU_COMPILER": "none", "NO_COLOR": "1", "COLUMNS": "80"}
    build.build.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
        build.build.cache_clear()


@contextlib.contextmanager
def _caught():
    """File descriptors 1 and 2 go to two files, so that what C code writes is seen too; their texts, at the end."""
    sys.stdout.flush()
    sys.stderr.flush()
    with guard.unwatched():
        files = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 -- closed below
    with files[0] as out, files[1] as said:
        kept, written = [os.dup(fd) for fd in (1, 2)], []
        try:
            for fd, file in zip((1, 2), (out, said), strict=True):
                os.dup2(file.fileno(), fd)
            yield written
        finally:
            for fd, old in zip((1, 2), kept, strict=True):
                os.dup2(old, fd)
                os.close(old)
            for file in (out, said):
                file.seek(0)
                written.append(file.read().decode("utf-8", "surrogateescape"))


def judge(arguments: list[str], done: Done) -> None:
    """Raises Found if the command did not end as every command must."""
    what = " ".join(arguments[:1])
    if done.code not in CODES:
        raise Found(f"{what}: exit code {done.code!r}\n{done.said[-500:]}")
    if trace := TRACE.search(done.said):
        line = next(line for line in done.said.splitlines() if trace[0] in line)
        raise Found(f"{what}: {line[:160]}")
    if steers := STEERS.search(done.said):
        raise Found(f"{what}: U+{ord(steers[0]):04X} raw on stderr")
    if done.code in (1, 2) and not done.said.startswith("Usage:") and "error: " not in done.said:
        raise Found(f"{what}: exit code {done.code} without an error")
    if done.code == 0 and "json" in arguments and "-o" not in arguments and "--out" not in arguments:
        _judge_json(what, done.out)


def _judge_json(what: str, out: str) -> None:
    def no_constant(name: str) -> None:
        raise ValueError(name)

    if out.startswith(("{", "[")):
        try:
            json.loads(out, parse_constant=no_constant)
        except ValueError as error:
            raise Found(f"{what}: --format json is no JSON: {error}") from None


@cache
def run_files() -> dict[str, bytes]:
    """The files of a small run, trained once a process; its text is in it. And what is loaded once is loaded."""
    here = Path.cwd()
    with guard.unwatched(), tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            done = called(["train", "-", "--out", "tiny", *SMALL], TEXT.encode())
            assert done.code == 0, done.said
            files = {path.name: path.read_bytes() for path in Path("tiny").iterdir()}
            called(
                ["info", "tiny", "--plot", "--format", "svg", "--out", "curves.svg"]
            )  # matplotlib writes its cache now
            return files
        finally:
            os.chdir(here)


def lay_out(**changed: bytes) -> None:
    """Put a text and the run into the current folder; a file of the run by its name with _ for the dot is changed."""
    Path("text.txt").write_text(TEXT, encoding="utf-8")
    RUN.mkdir(parents=True)
    for name, data in run_files().items():
        (RUN / name).write_bytes(changed.get(name.replace(".", "_"), data))
