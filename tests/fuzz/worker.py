"""A process that tries cases one after another and tells the campaign of each; if it dies, that is a find too."""

import contextlib
import os
import signal
import sys
import tempfile
from dataclasses import replace
from multiprocessing.connection import Connection

from tests.fuzz import case, mutations, shrink
from tests.fuzz.case import Find, Limits
from tests.fuzz.target import Target, load

MEMORY = 4 << 30
"""Bytes of address space that a worker may take beyond those it starts with."""
SHRUNK_SLOWLY = ("TooLong", "takes too much memory")


def work(
    talk: Connection,
    name: str,
    targets: dict[str, Target] | None,
    seed: int,
    numbers: range,
    limits: Limits,
    known: set[str],
    temporary: str,
):
    """Send ("at", N) before each case, ("find", ...) and ("shrunk", ...) for a kind not `known`, at last ("done",)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    tempfile.tempdir = temporary  # the campaign removes what is left there, if this process is killed
    target = (targets or load())[name]
    seeds = [bytes(one) for one in target.seeds()]
    case.tried(target, seeds[0], limits)  # imports what it needs
    _limit_memory()
    try:
        for number in numbers:
            talk.send(("at", number))
            find = case.tried(target, mutations.case(target, seeds, seed, number), limits)
            if find is not None and find.kind not in known:
                known.add(find.kind)
                talk.send(("find", find))
                talk.send(("shrunk", smaller(target, find, limits)))
        talk.send(("done",))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)


def smaller(target: Target, find: Find, limits: Limits) -> Find:
    """The same find with a shorter input, if there is one."""

    def fails(data: bytes) -> bool:
        again = case.tried(target, data, limits)
        return again is not None and again.kind == find.kind

    if find.kind.startswith(SHRUNK_SLOWLY):
        return replace(find, data=shrink.shrunk(find.data, fails, 6 * limits.seconds))
    return replace(find, data=shrink.shrunk(find.data, fails))


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
