"""A campaign: workers try the cases of every target in turn, in processes of their own, until the time is over."""

import hashlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.fuzz import mutations
from tests.fuzz.case import Find, Limits
from tests.fuzz.target import CORPUS, Target
from tests.fuzz.worker import work

ROUND = 60.0
"""Seconds that a worker stays with one target before the next one's turn."""
STARTING = 60.0
"""Seconds that a worker may take for its start, and for making an input shorter."""


@dataclass
class Worker:
    """A process at work on one target, and what it last said."""

    name: str
    process: multiprocessing.Process
    talk: Connection
    until: float
    heard: float
    at: int | None = None
    shrinking: bool = True


@dataclass
class Campaign:
    """What is tried, and what came of it: `cases` counts by target, `finds` holds the shortest of each kind.

    Each find is written to the `corpus`, if there is one. `own` is for targets that no file of `targets/` has;
    `patience` is how many seconds later than its limit a case may end before its worker is given up.
    """

    targets: dict[str, Target]
    seed: int = 0
    jobs: int = 2
    limits: Limits = field(default_factory=Limits)
    own: bool = False
    patience: float = 5
    corpus: Path | None = None
    cases: dict[str, int] = field(default_factory=dict)
    finds: dict[tuple[str, str], Find] = field(default_factory=dict)
    heard: Callable[["Campaign"], None] = lambda _: None
    temporary: str = ""

    def run(self, seconds: float, most: int = 1 << 40) -> "Campaign":
        """Try cases for so long, or at most so many of each target."""
        end, turns, working = time.monotonic() + seconds, self._turns(), []
        with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as self.temporary:
            self._work(turns, working, end, most)
        return self

    def _work(self, turns: Iterator[str], working: list[Worker], end: float, most: int) -> None:
        try:
            while time.monotonic() < end and (working or self._left(most)):
                while len(working) < self.jobs and (name := self._next(turns, most, working)):
                    working.append(self._begin(name, end, most))
                working = [worker for worker in working if self._hear(worker)]
                self.heard(self)
        finally:
            for worker in working:
                self._end(worker)

    def _turns(self) -> Iterator[str]:
        while True:
            yield from self.targets

    def _left(self, most: int) -> bool:
        return any(self.cases.get(name, 0) < most for name in self.targets)

    def _next(self, turns: Iterator[str], most: int, working: list[Worker]) -> str | None:
        """The next target that has cases left, and that nobody works on: numbers are never tried twice."""
        busy = {worker.name for worker in working}
        free = {name for name in self.targets if self.cases.get(name, 0) < most and name not in busy}
        return next(name for name in turns if name in free) if free else None

    def _begin(self, name: str, end: float, most: int) -> Worker:
        talk, theirs = multiprocessing.Pipe()
        numbers = range(self.cases.get(name, 0), most)
        context = multiprocessing.get_context("fork" if self.own else "spawn")
        own, known = self.targets if self.own else None, {kind for target, kind in self.finds if target == name}
        given = (theirs, name, own, self.seed, numbers, self.limits, known, self.temporary)
        process = context.Process(target=work, args=given, daemon=True)
        process.start()
        theirs.close()
        now = time.monotonic()
        return Worker(name, process, talk, min(end, now + ROUND), now)

    def _hear(self, worker: Worker) -> bool:
        """Take what a worker says for a moment; False once it has ended, or was ended."""
        for _ in range(1000):
            if not wait([worker.talk], 0.05):
                break
            try:
                said, *what = worker.talk.recv()
            except (EOFError, OSError):
                self._died(worker)
                return False
            worker.heard = time.monotonic()
            if said == "done":
                self.cases[worker.name] = (worker.at or 0) + 1
                return False
            self._note(worker, said, what)
        now = time.monotonic()
        patience = STARTING if worker.shrinking else self.patience
        if now - worker.heard > patience + 6 * self.limits.seconds:
            self._add(self._of(worker, "hangs where no signal reaches it"))
            self._end(worker)
            return False
        if now > worker.until and not worker.shrinking:
            self._end(worker)
            return False
        return True

    def _note(self, worker: Worker, said: str, what: list) -> None:
        worker.shrinking = said == "find"
        if said == "at":
            worker.at = what[0]
            self.cases[worker.name] = worker.at
        else:
            self._add(what[0])

    def _died(self, worker: Worker) -> None:
        worker.process.join(5)
        code = worker.process.exitcode
        self._add(self._of(worker, f"ends the interpreter with {code}"))
        self.cases[worker.name] = (worker.at or 0) + 1

    def _of(self, worker: Worker, kind: str) -> Find:
        target = self.targets[worker.name]
        if worker.at is None:
            return Find(worker.name, f"{kind} before its first case", b"")
        seeds = [bytes(one) for one in target.seeds()]
        return Find(worker.name, kind, mutations.case(target, seeds, self.seed, worker.at), f"case {worker.at}")

    def _end(self, worker: Worker) -> None:
        worker.process.kill()
        worker.process.join()
        if worker.at is not None:
            self.cases[worker.name] = worker.at + 1

    def _add(self, find: Find) -> None:
        known = self.finds.get((find.target, find.kind))
        if known is not None and len(known.data) <= len(find.data):
            return
        self.finds[find.target, find.kind] = find
        if self.corpus is not None:  # at once, as a campaign may be cut off
            if known is not None:
                place(known, self.corpus).unlink(missing_ok=True)
            keep(find, self.corpus)


def place(find: Find, corpus: Path = CORPUS) -> Path:
    """Where the corpus has the input of a find."""
    return corpus / find.target / hashlib.sha256(find.data).hexdigest()[:16]


def keep(find: Find, corpus: Path = CORPUS) -> Path:
    """Write the input of a find to the corpus, which the tests try again; its path."""
    path = place(find, corpus)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(find.data)
    return path
