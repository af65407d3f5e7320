"""A run from a stranger: one of its files changed, then a command that reads it. The first byte chooses the command."""

import random
from pathlib import Path

from tests.fuzz import nested
from tests.fuzz.command import called, judge, lay_out, run_files
from tests.fuzz.target import Target

COMMANDS = tuple(
    line.split()
    for line in (
        "info -c tiny",
        "info -c tiny --format json",
        "info",
        "info tiny --format csv --plot",
        "info --plot -c tiny",
        "info tiny cats",
        "sample -c tiny -n 20 --seed 1",
        "sample -c tiny -n 20 --seed 1 --format json",
        "trace -c tiny --step 1-2",
        "trace -c tiny --step last --format json",
        "trace -c tiny --step 2 --format html",
        "trace -c tiny --step 2 --format csv --compare torch,course",
        "gates -c tiny",
        "gates -c tiny --format html",
        "gates -c tiny --match t --format json",
        "gradient -c tiny --lags 1,5 --positions 3",
        "gradient -c tiny --jacobian 3 --format json",
        "evaluate -c tiny",
        "evaluate -c tiny text.txt --format json",
        "evaluate -c tiny --highlight --characters 50",
        "evaluate -c tiny --unknown skip text.txt",
        "ablate -c tiny --characters 100",
        "prove -c tiny",
        "prove -c tiny --format json",
        "page -c tiny --steps 20 --out page.html",
        "train --resume --out checkpoints/tiny --updates 4 --threads 1",
        "train --resume --epochs 1",
        "train text.txt --init-from tiny --updates 1 --threads 1 --batch-size 2 --window 8",
        "runs prune --keep-best 1 --dry-run",
        "runs rename tiny other",
        "runs rm tiny --yes",
    )
)
FIRST = 0x40
"""The byte of the first command, so that most are letters."""


def _target(name: str) -> Target:
    def seeds() -> list[bytes]:
        return [bytes([FIRST + number]) + run_files()[name] for number in range(len(COMMANDS))]

    def feed(data: bytes, _folder: Path) -> None:
        lay_out(**{name.replace(".", "_"): data[1:]})
        arguments = COMMANDS[(data[0] - FIRST if data else 0) % len(COMMANDS)]
        judge(arguments, called(arguments))

    def change(rng: random.Random, data: bytes) -> bytes:
        return data[:1] + nested.changed(rng, data[1:])

    return Target(f"run-{name.split('.')[0]}", seeds, feed, change, cases=60)


TARGETS = tuple(map(_target, ("model.safetensors", "training.safetensors", "metrics.jsonl", "text.txt")))
