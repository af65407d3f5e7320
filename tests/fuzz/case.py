"""One case: an input given to its target in a folder of its own, with limits; and what came of it."""

import contextlib
import gc
import os
import signal
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from chargru.errors import ChargruError
from tests.fuzz import guard
from tests.fuzz.target import Target

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Limits:
    """What one case may take: seconds of the processor (four times as many of the clock), and bytes of memory."""

    seconds: float = 10
    memory: int = 1 << 30


@dataclass(frozen=True)
class Find:
    """What went wrong. `kind` is the same for inputs that fail the same way; `details` is for a person."""

    target: str
    kind: str
    data: bytes = field(repr=False)
    details: str = field(default="", repr=False)


class Found(Exception):  # noqa: N818 -- it is what is looked for
    """Raised by a target that sees more than an exception: a raw control character, an exit code. Says the kind."""


class TooLong(BaseException):
    """The limit of time has passed; not an Exception, so that nobody takes it for one of theirs."""


def tried(target: Target, data: bytes, limits: Limits) -> Find | None:
    """Feed one input; None if all is as it must be."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        here = Path.cwd()
        os.chdir(folder)
        _forget_peak()
        before = _peak()
        try:
            with guard.watching(folder) as done:
                find = _fed(target, data, folder, limits)
        finally:
            os.chdir(here)
        taken = _peak() - before
    if done:  # whatever came of its being refused
        find = Find(target.name, _without(folder, done[0]), data, "\n".join(done[:10]))
    if find is None and taken > limits.memory:
        find = Find(target.name, "takes too much memory", data, f"{taken >> 20:,} MiB")
        gc.collect()
    return find


def _fed(target: Target, data: bytes, folder: Path, limits: Limits) -> Find | None:
    try:
        with _time(limits.seconds):
            target.feed(data, folder)
    except ChargruError:
        return None
    except Found as found:
        return Find(target.name, _without(folder, str(found)), data, str(found))
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        return Find(target.name, kind(error), data, traceback.format_exc(limit=-25)[-6000:])
    return None


def kind(error: BaseException) -> str:
    """The exception and the last place of ours that it came through: KeyError chargru/training/record.py:57.

    What takes too long is stopped at any line, so its place is a function.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "chargru")]
    if not ours:
        ours = frames
    if not ours:
        return type(error).__name__
    last = ours[-1]
    return f"{type(error).__name__} {_relative(last.filename)}:{last.name if type(error) is TooLong else last.lineno}"


def _relative(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def _without(folder: Path, said: str) -> str:
    """Without what differs from case to case."""
    return said.replace(os.path.realpath(folder), "FOLDER").replace(str(folder), "FOLDER")


@contextlib.contextmanager
def _time(seconds: float):
    """Raises TooLong inside after so much time of the processor, or four times as much of the clock."""

    running = True

    def passed(*_: object) -> None:
        if running:
            raise TooLong

    timers = {signal.SIGPROF: (signal.ITIMER_PROF, seconds), signal.SIGALRM: (signal.ITIMER_REAL, 4 * seconds)}
    before = {number: signal.signal(number, passed) for number in timers}
    try:
        for timer, after in timers.values():
            signal.setitimer(timer, after, 5)  # again, in case that the first was swallowed
        yield
    finally:
        running = False
        for timer, _ in timers.values():
            signal.setitimer(timer, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """The most memory that this process has had since `_forget_peak`, in bytes; 0 where the system does not say."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0
