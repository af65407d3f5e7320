"""A disk that fails: the calls by which a program writes below a folder, counted, each of which may be refused.

Python's own functions are replaced (`io.open`, `os.open`, `os.fsync`, `os.replace`), so all of our code runs as it is.
"""

import contextlib
import errno
import io
import os
import signal
from pathlib import Path

CALLS = ("open", "write", "fsync", "rename")
RARE = ("close", "truncate")
"""What a disk seldom refuses: only a network's, and one that is broken."""
REFUSALS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EACCES)
KILL = "kill -9"


class Disk:
    """Below `folder` the `number`th call of the kind `call` is refused with an errno, or kills this process (KILL).

    With `lasting` every call of that kind is refused from then on, until `free`. Without a call all are only counted.
    """

    def __init__(self, folder, call="", number=0, refusal=errno.ENOSPC, lasting=False):
        self.folder, self.call, self.number, self.refusal, self.lasting = str(folder), call, number, refusal, lasting
        self.counts, self.calls = dict.fromkeys((*CALLS, *RARE), 0), []
        self.refused = 0
        self._open, self._os_open, self._fsync, self._replace = io.open, os.open, os.fsync, os.replace
        self._below = set()  # the handles of files below the folder

    def free(self):
        """There is room again."""
        self.call = ""

    def __enter__(self):
        io.open, os.open, os.fsync, os.replace = self.opened, self.handle, self.fsync, self.replaced
        return self

    def __exit__(self, *exc):
        io.open, os.open, os.fsync, os.replace = self._open, self._os_open, self._fsync, self._replace

    def happens(self, call):
        """Count a call; kill or raise if it is its turn."""
        self.counts[call] += 1
        if call in CALLS:
            self.calls.append(call)
        count = self.counts[call]
        if call != self.call or not (count == self.number or (self.lasting and count > self.number)):
            return
        if self.refusal == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        self.refused += 1
        raise OSError(self.refusal, os.strerror(self.refusal))

    def opened(self, file, mode="r", *arguments, **options):
        below = isinstance(file, str | Path) and str(file).startswith(self.folder)
        if not below or not set(mode) & set("xwa"):
            return self._open(file, mode, *arguments, **options)
        self.happens("open")
        found = self._open(file, mode, *arguments, **options)
        self._below.add(found.fileno())
        return File(found, self)

    def handle(self, path, flags, *arguments, **options):
        below = str(path).startswith(self.folder)
        if below:
            self.happens("open")
        handle = self._os_open(path, flags, *arguments, **options)
        if below:
            self._below.add(handle)
        return handle

    def fsync(self, handle):
        if handle in self._below:
            self.happens("fsync")
        self._fsync(handle)

    def replaced(self, old, new, **options):
        if str(new).startswith(self.folder):
            self.happens("rename")
        self._replace(old, new, **options)


class File(contextlib.AbstractContextManager):
    """A file whose writes are a disk's; what is refused has half been written, as on a disk that fills up."""

    def __init__(self, file, disk):
        self._file, self._disk = file, disk

    def write(self, data):
        try:
            self._disk.happens("write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        return self._file.write(data)

    def truncate(self, size):
        self._disk.happens("truncate")
        return self._file.truncate(size)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __exit__(self, *exc):
        self._disk._below.discard(self._file.fileno())
        self._file.close()
        self._disk.happens("close")
