"""What a case must not do, told by Python's own audit events: write outside its folder, start a program, connect."""

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
HARMLESS = (None, "uname")
"""The program itself, for ctypes; what Python's module `platform` asks."""


class Watch:
    """What was done against the rules since `watching` began; there is one, as a hook is never taken out."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.done: list[str] = []
        self.installed = False

    def hear(self, event: str, arguments: tuple) -> None:
        if self.folder is None:
            return
        if event in FORBIDDEN and arguments[0] not in HARMLESS:
            self.done.append(f"{event} {str(arguments)[:200]}")
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            self.changed(event, arguments[0], None)
        elif event == "os.rename":
            self.changed(event, arguments[0], arguments[2])
            self.changed(event, arguments[1], arguments[3])
        elif event in CHANGES:
            path, directory = CHANGES[event]
            self.changed(event, arguments[path], None if directory is None else arguments[directory])

    def changed(self, event: str, path: object, directory: object) -> None:
        if isinstance(path, int):
            return
        folder, self.folder = self.folder, None  # what is done here is not the case's
        try:
            relative = isinstance(directory, int) and directory >= 0
            base = Path(f"/proc/self/fd/{directory}").readlink() if relative else ""
            whole = Path(base) / os.fsdecode(path)
            place = Path(os.path.realpath(whole.parent), whole.name)
            if not place.is_relative_to(folder) and not place.is_relative_to("/dev"):
                self.done.append(f"{event} outside its folder: {place}")
        except OSError:
            pass
        finally:
            self.folder = folder


_watch = Watch()


@contextmanager
def watching(folder: Path):
    """What was done against the rules inside: a list that fills."""
    if not _watch.installed:
        sys.addaudithook(_watch.hear)
        tempfile.gettempdir()  # tries where it may write, once a process
        _watch.installed = True
    _watch.done = []
    _watch.folder = os.path.realpath(folder)
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
