"""The kill loop by hand: `python -m tests.faults --rounds 300`, or `--every-call`."""

import argparse
import random
import tempfile

from .kills import Kills


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=0, help="kill so many times at a random moment")
    asked.add_argument("--every-call", action="store_true", help="kill before every call that writes")
    asked.add_argument("--step", type=int, default=1, help="with --every-call: only before every so many")
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--quiet", action="store_true", help="only the sum")
    given = asked.parse_args()
    say = (lambda _: None) if given.quiet else (lambda line: print(line, flush=True))
    with tempfile.TemporaryDirectory(prefix="chargru-faults-") as folder:
        kills = Kills(folder)
        if given.every_call:
            kills.at_every_call(say, given.step)
        if given.rounds or not given.every_call:
            kills.at_random(given.rounds or 300, random.Random(given.seed), say)
    print("; ".join(f"{what}: {count}" for what, count in sorted(kills.counted.items())))


if __name__ == "__main__":
    main()
