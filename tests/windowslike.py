"""`python -m windowslike ARGUMENTS` is `python -m chargru ARGUMENTS` with as much of Windows as can be had elsewhere.

What Python lacks there is taken away: modules, functions of os, signals, the process itself as a C library. A folder
cannot be opened as a file, and time.monotonic goes by sixty-fourths of a second. To read or write text without saying
in which encoding is an error. SIGBREAK, which only Windows has, is SIGUSR1.

Only two modules are told that this is Windows, as the others were made for this system: chargru.host, by sys.platform,
and Typer, which expands patterns on Windows, by os.name.
"""

import ctypes
import errno
import os
import signal
import subprocess  # noqa: F401 -- it and NumPy, made for this system, need what is taken away
import sys
import time
import warnings

import numpy  # noqa: F401, ICN001

if "train" in sys.argv:
    import torch  # noqa: F401 -- with CUDA it looks for this system's libraries when it is imported

MODULES = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
FUNCTIONS = (
    "chown", "chroot", "confstr", "ctermid", "fchdir", "fchmod", "fchown", "fork", "forkpty", "getegid",
    "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresuid", "getsid",
    "getuid", "killpg", "lchown", "lockf", "mkfifo", "mknod", "nice", "openpty", "pathconf", "pipe2",
    "posix_fadvise", "posix_spawn", "pread", "pwrite", "sched_getaffinity", "sched_setaffinity", "sched_yield",
    "sendfile", "set_blocking", "setpgid", "setsid", "setuid", "sync", "sysconf", "ttyname", "uname", "wait",
    "wait3", "wait4", "O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_SYNC",
)  # fmt: skip
SIGNALS = ("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGTSTP", "SIGWINCH")


class Refusing:
    """An importer that knows only which modules there are not."""

    def find_spec(self, name, *_):
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Libraries(ctypes.CDLL):
    """ctypes.CDLL, which wants a file."""

    def __init__(self, name, *arguments, **options):
        if name is None:
            raise TypeError("argument of type 'NoneType' is not iterable")
        super().__init__(name, *arguments, **options)


class Named:
    """The module os, under its name on Windows."""

    name = "nt"

    def __getattr__(self, name):
        return getattr(os, name)


def be():
    """From here on this process is as on Windows."""
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Refusing())
    for module, names in ((os, FUNCTIONS), (signal, SIGNALS)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    signal.SIGBREAK = signal.SIGUSR1
    ctypes.CDLL = Libraries
    os.open, time.monotonic = _opening(os.open), _ticking(time.monotonic)
    warnings.filterwarnings("error", category=EncodingWarning, module="chargru")
    real, sys.platform = sys.platform, "win32"
    import chargru.host  # noqa: F401 -- it looks once

    sys.platform = real
    import typer.core

    typer.core.os = Named()


def _opening(real):
    def opened(path, *arguments, **options):
        if os.path.isdir(path):  # noqa: PTH112 -- a path of any kind
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, *arguments, **options)

    return opened


def _ticking(real):
    return lambda: real() // (1 / 64) / 64


if __name__ == "__main__":
    be()
    from chargru.__main__ import main

    main()
