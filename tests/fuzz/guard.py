"""What a case must not do, told by Python's own audit events: write outside its folder, start a program, connect.

It is refused, so that the machine on which a campaign runs stays as it was, and it is noted.
"""

import errno
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {
    "os.remove": (0, 1),
    "os.rmdir": (0, 1),
    "os.mkdir": (0, 2),
    "os.truncate": (0, None),
    "os.chmod": (0, 2),
    "os.chown": (0, 3),
    "os.utime": (0, 3),
    "os.symlink": (1, 2),
    "os.link": (1, 3),
}
"""Events that change a path: where in their arguments the path is, and the directory that it is relative to."""
FORBIDDEN = frozenset(
    [
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.startfile",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.bind",
        "pickle.find_class",
        "webbrowser.open",
        "ctypes.dlopen",
    ]
)
DEVICES = frozenset(["/dev/null", "/dev/zero", "/dev/full", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty"])
HARMLESS = (None, "uname")
"""The program itself, for ctypes; what Python's module `platform` asks."""


class Watch:
    """What was done against the rules since `watching` began; there is one, as a hook is never taken out."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.folder_of_case = ""
        self.done: list[str] = []
        self.installed = False

    def hear(self, event: str, arguments: tuple) -> None:
        if self.folder is None:
            return
        if event in FORBIDDEN and arguments[0] not in HARMLESS:
            self.refuse(f"{event} {str(arguments)[:200]}")
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            self.changed(event, arguments[0], None)
        elif event == "os.rename":
            self.changed(event, arguments[0], arguments[2])
            self.changed(event, arguments[1], arguments[3])
        elif event in CHANGES:
            path, directory = CHANGES[event]
            self.changed(event, arguments[path], None if directory is None else arguments[directory])

    def changed(self, event: str, path: object, directory: object) -> None:
        """Raises PermissionError unless the path is in the folder, or a harmless device."""
        if isinstance(path, int):
            return
        with unwatched():
            place = _place(path, directory)
            inside = place.is_relative_to(str(self.folder_of_case)) or str(place) in DEVICES
        if not inside:
            self.refuse(f"{event} outside its folder: {place}")

    def refuse(self, what: str) -> None:
        """Note it, and have it not done."""
        self.done.append(what)
        raise PermissionError(errno.EACCES, "the fuzz campaign does not allow it", what)


def _place(path: object, directory: object) -> Path:
    """Where a path really is, but for its last part; relative ones are so to an open directory, or to the current."""
    relative = isinstance(directory, int) and directory >= 0
    whole = Path(os.readlink(f"/proc/self/fd/{directory}") if relative else "") / os.fsdecode(path)  # noqa: PTH115
    return Path(os.path.realpath(whole.parent), whole.name)


_watch = Watch()


@contextmanager
def watching(folder: Path):
    """What was done against the rules inside: a list that fills."""
    if not _watch.installed:
        sys.addaudithook(_watch.hear)
        tempfile.gettempdir()  # tries where it may write, once a process
        _watch.installed = True
    _watch.done = []
    _watch.folder = _watch.folder_of_case = os.path.realpath(folder)
    try:
        yield _watch.done
    finally:
        _watch.folder = None


@contextmanager
def unwatched():
    """What is done inside is not the case's."""
    folder, _watch.folder = _watch.folder, None
    try:
        yield
    finally:
        _watch.folder = folder


def forgive() -> None:
    """What was refused until now was asked for by name, and is no find."""
    _watch.done.clear()
