"""`python -m tests.fuzz --minutes 60`: look for inputs that make the program fail; what falls is kept in the corpus."""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own modules, as pytest has them
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])

from tests.fuzz.campaign import Campaign, place
from tests.fuzz.case import Limits, tried
from tests.fuzz.target import CORPUS, load

LINES = 12
"""Of a traceback, in the report."""


def main() -> int:
    """Run a campaign, or one input again; 1 if something was found."""
    options = _options()
    targets = load()
    if unknown := set(options.target or ()) - set(targets):
        print(f"there is no target {', '.join(unknown)}; there are: {', '.join(targets)}", file=sys.stderr)
        return 2
    chosen = {name: targets[name] for name in options.target or targets}
    limits = Limits(options.seconds, options.memory << 20)
    if options.again:
        return _again(chosen, options.again, limits)
    campaign = Campaign(chosen, options.seed, options.jobs, limits, corpus=CORPUS, heard=_Line())
    with contextlib.suppress(KeyboardInterrupt):
        campaign.run(60 * options.minutes, options.cases)
    return _report(campaign)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--cases", type=int, default=1 << 40, help="of each target, at most")
    parser.add_argument("--target", action="append", help="this target, not all; may be given again")
    parser.add_argument("--seed", type=int, default=0, help="the same seed tries the same cases")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seconds", type=float, default=Limits.seconds, help="of the processor that a case may take")
    parser.add_argument("--memory", type=int, default=Limits.memory >> 20, help="MiB that a case may take")
    parser.add_argument("--again", metavar="FILE", help="only this input, and what comes of it; needs --target")
    return parser.parse_args()


def _again(chosen: dict, path: str, limits: Limits) -> int:
    data, code = Path(path).read_bytes(), 0
    for target in chosen.values():
        find = tried(target, data, limits)
        code |= find is not None
        print(f"{target.name}: {find.kind if find else 'as it must be'}")
        print(find.details if find else "", end="")
    return code


class _Line:
    """One line that is written over each second on a terminal; elsewhere one a minute."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()

    def __call__(self, campaign: Campaign) -> None:
        now, live = time.monotonic(), sys.stderr.isatty()
        if now - self.last < (1 if live else 60):
            return
        self.last = now
        elapsed, cases = now - self.began, sum(campaign.cases.values())
        said = f"{elapsed / 60:.1f} minutes, {cases:,} cases, {len(campaign.finds)} finds"
        print(f"\r{said}" if live else said, end="" if live else "\n", file=sys.stderr, flush=True)


def _report(campaign: Campaign) -> int:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for name in campaign.targets:
        print(f"{name}: {campaign.cases.get(name, 0):,} cases")
    for find in campaign.finds.values():
        print(f"\n{find.target}: {find.kind}\nkept in {os.path.relpath(place(find))}")
        print("\n".join(find.details.splitlines()[-LINES:]))
    return 1 if campaign.finds else 0


if __name__ == "__main__":
    sys.exit(main())
