"""A target: one of our parsers, or a whole command, and inputs to begin with. Each file of `targets/` has TARGETS."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

TARGETS = Path(__file__).with_name("targets")
CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True)
class Target:
    """What is fed, and how.

    `seeds` gives good inputs, which are then mutated. `feed` gives one input to our parser; the folder is empty, and
    the current one. A ChargruError is fine, anything else that `feed` raises is a find. `change` is a mutation of the
    target's own, of JSON inside a header for example, and makes half of the cases. `cases` is how many the default
    tests try: what takes about a second.
    """

    name: str
    seeds: Callable[[], Iterable[bytes]]
    feed: Callable[[bytes, Path], None]
    change: Callable[[random.Random, bytes], bytes] | None = None
    cases: int = 300


def load() -> dict[str, Target]:
    """Every target of `targets/`, by name."""
    modules = [import_module(f"tests.fuzz.targets.{path.stem}") for path in sorted(TARGETS.glob("[a-z]*.py"))]
    return {target.name: target for module in modules for target in module.TARGETS}


def corpus(name: str) -> list[Path]:
    """The inputs that once were finds of this target."""
    folder = CORPUS / name
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
