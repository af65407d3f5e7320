"""kill -9 while a run trains: at a random moment, or before any call that writes. Each training is a forked process."""

import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from chargru import run
from chargru.model import MODEL

from . import runs
from .disk import CALLS, KILL, Disk

UPDATES = 12


class Kills:
    """Trainings of one text below a folder, each to be killed; `counted` is what was left of them."""

    def __init__(self, folder):
        self.folder, self.text = Path(folder), Path(folder) / "cat.txt"
        self.text.write_text(runs.TEXT)
        self.counted = Counter()
        runs.saved_often()
        runs.trained(self.text, self.folder / "first", UPDATES)  # what is loaded once is loaded in all that are forked
        started = time.perf_counter()
        assert self.train("whole")[1] == 0
        self.seconds = time.perf_counter() - started
        self.whole = runs.bits(self.folder / "whole")

    def start(self, name, call="", number=0):
        """Fork a process that trains the run of this name, and is killed at that call. Returns its id."""
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            with Disk(self.folder / name, call, number, KILL):
                runs.trained(self.text, self.folder / name, UPDATES)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def train(self, name, call="", number=0):
        """Train to the end, or to the kill at that call. Returns the process's id, and its exit code (-9: killed)."""
        child = self.start(name, call, number)
        return child, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def train_for(self, name, seconds):
        """Train, and kill after so many seconds. Returns the exit code; 0 if it was done before."""
        child = self.start(name)
        time.sleep(seconds)  # the moment is what is random
        os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def check(self, name):
        """What a kill left can be read. Returns a few words about it."""
        out = self.folder / name
        if not out.is_dir():
            return self.count("nothing yet")
        update = runs.check_that_it_loads(out)
        if update is None:
            return self.count("no state yet")
        if not run.holds(out, MODEL):
            self.count("a state without a model")
            return f"update {update}, without a model"
        self.count("a model and a state")
        return f"update {update}"

    def count(self, what):
        self.counted[what] += 1
        return what

    def check_the_end(self, name):
        """A run that is done has the bits of the one that nothing happened to."""
        found = runs.bits(self.folder / name)
        different = [key for key in self.whole if found.get(key) != self.whole[key]]
        assert found == self.whole, f"{name} differs in {different}"
        self.count("finished with the same bits")
        shutil.rmtree(self.folder / name)

    def at_random(self, rounds, chance=random, say=lambda _: None):
        """Kill so many times at a random moment; each killed run goes on in the next round."""
        name = "run"
        for number in range(1, rounds + 1):
            seconds = chance.uniform(0, self.seconds)
            code = self.train_for(name, seconds)
            assert code in (0, -signal.SIGKILL), f"round {number} ended with {code}"
            what = self.check(name)
            say(f"{number:>5}  {'killed' if code else 'done'} after {seconds:.3f} s: {what}")
            if code == 0:
                self.check_the_end(name)
        if self.train(name)[1] != 0:
            raise AssertionError("the last run did not go on")
        self.check_the_end(name)

    def at_every_call(self, say=lambda _: None, step=1):
        """Kill before every `step`th call of each kind; the run then goes on to the end."""
        for call in CALLS:
            for number in range(1, 10_000, step):
                code = self.train("run", call, number)[1]
                if code == 0:
                    break
                assert code == -signal.SIGKILL, f"{call} {number}: {code}"
                what = self.check("run")
                assert self.train("run")[1] == 0, f"{call} {number}: it did not go on"
                self.check_the_end("run")
                say(f"{call:>6} {number:>4}: {what}")
            assert number > 10, f"only {number} calls of {call}"
            shutil.rmtree(self.folder / "run")
