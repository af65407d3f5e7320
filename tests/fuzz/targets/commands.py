"""Command lines of every command: options and values of their own tables, good and nasty. Arguments are cut by NUL."""

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz import guard
from tests.fuzz.command import SMALL, called, judge, lay_out
from tests.fuzz.mutations import NASTY_TEXTS
from tests.fuzz.target import Target

GOOD = {
    "against": ("cats", "tiny"),
    "among": ("[a-z]", "."),
    "at": ("cat", "t", "s$", "(?<=t)h"),
    "back": ("1", "3"),
    "batch_size": ("2", "5"),
    "by_option": ("text.txt",),
    "characters": ("1", "50"),
    "checkpoint": ("tiny", "cats", "checkpoints/tiny", "checkpoints/tiny/model.safetensors"),
    "compare": ("torch,course", "keras,torch", "torch"),
    "convention": ("course", "torch", "keras"),
    "corpus": ("cats", "village"),
    "device": ("cpu", "auto"),
    "digits": ("1", "6", "17"),
    "dropout": ("0", "0.3"),
    "encoding": ("utf-8", "latin-1", "ascii", "utf-16", "idna", "hex", "rot13", "zip", "mbcs", "undefined"),
    "epochs": ("0.01", "0.1"),
    "file": ("text.txt",),
    "files": ("text.txt", ".", "-"),
    "force": ("r=1", "z=0", "z=0.5", "r=0:1"),
    "gate": ("r", "z", "n", "h"),
    "given": ("tiny", "cats"),
    "hidden_size": ("3", "6"),
    "index": ("0", "0,2", "1-3", "all"),
    "init_from": ("tiny", "cats"),
    "initial_memory": ("0", "20"),
    "jacobian": ("1", "20"),
    "keep_best": ("1", "2"),
    "lags": ("1", "1,5", "2,10"),
    "layer": ("1",),
    "layers": ("1", "2"),
    "learning_rate": ("0.01",),
    "length": ("1", "30"),
    "match": ("t", "[aeiou]"),
    "minutes": ("0.001",),
    "name": ("cats", "village", "other"),
    "order": ("index", "match"),
    "out": ("new", "result.json", "page.html", "a/b", "-"),
    "patience": ("0", "1"),
    "positions": ("1", "5"),
    "precision": ("fp32", "auto", "bf16"),
    "prime": ("the", "cat"),
    "reset": ("after", "before"),
    "seed": ("1", "2"),
    "seeds": ("1", "2"),
    "size": ("1", "100"),
    "step": ("1", "3-5", "last"),
    "steps": ("5", "40"),
    "suffix": (".txt", ".md"),
    "temperature": ("0", "0.7", "2"),
    "terms": ("",),
    "text": ("the cat sat", "the cats.\n", "mat"),
    "threads": ("1", "2"),
    "top_k": ("1", "5"),
    "top_p": ("0.5", "1"),
    "unknown": ("skip", "refuse"),
    "until": ("\n", "."),
    "updates": ("1", "2"),
    "validation_fraction": ("0.1", "0.5"),
    "weight_decay": ("0", "0.1"),
    "weight_drop": ("0", "0.2"),
    "weights": ("1", "20"),
    "window": ("4", "16"),
}
LONG = ("minutes", "epochs", "updates", "length", "size", "seeds", "count")
"""What may be asked to go on for ever, so that only small values are given."""
SHORT = tuple(text for text in NASTY_TEXTS if len(text) < 12 and not text.lstrip("-").startswith(("2", "9", "1", "I")))
NEVER = ("open_it", "version")
BUDGET = ("--minutes", "--updates", "--epochs")


@cache
def tables() -> dict[str, list[Any]]:
    """The parameters of each command: of `runs rm` under these two words."""
    from typer.main import get_group

    from chargru.cli.app import app

    found = {}
    for name, command in get_group(app).commands.items():
        found[name] = list(command.params)
        for below, one in getattr(command, "commands", {}).items():
            found[f"{name} {below}"] = list(one.params)
    return found


def seeds() -> Iterator[bytes]:
    """One plain line of each command, small where it trains."""
    for name in tables():
        more: tuple[str, ...] = ()
        if name == "train":
            more = ("text.txt", *SMALL)
        elif name == "corpus":
            more = ("cats", "--size", "100", "--out", "new")
        elif name == "runs rename":
            more = ("tiny", "other")
        elif name == "runs rm":
            more = ("tiny", "--yes")
        elif name == "ablate":
            more = ("--characters", "100")
        yield _joined([*name.split(), *more])


def change(rng: random.Random, _data: bytes) -> bytes:
    """Another command line."""
    name = rng.choice(list(tables()))
    words = name.split()
    for parameter in rng.sample(tables()[name], min(len(tables()[name]), rng.choice((0, 1, 2, 2, 3, 4, 6)))):
        words += _given(rng, parameter)
    if rng.random() < 0.05:
        words.insert(rng.randrange(len(words) + 1), rng.choice(NASTY_TEXTS))
    if rng.random() < 0.05:
        words.remove(rng.choice(words))
    return _joined(words)


def _given(rng: random.Random, parameter: Any) -> list[str]:
    name, option = str(parameter.name), str(rng.choice(parameter.opts or [""]))
    if name in NEVER:
        return []
    if getattr(parameter, "is_flag", False):
        return [option]
    values = [_value(rng, name, str(parameter.metavar)) for _ in range(rng.choice((1, 1, 1, 2)))]
    if not option.startswith("-"):
        return values if parameter.nargs == -1 else values[:1]
    return [word for value in values for word in ((option, value) if rng.random() < 0.8 else (f"{option}={value}",))]


def _value(rng: random.Random, name: str, metavar: str) -> str:
    good = tuple(metavar.strip("<>").split("|")) if metavar.startswith("<") else GOOD.get(name, ("1", "2"))
    if rng.random() < 0.7:
        return rng.choice(good)
    if name in LONG:
        return rng.choice(SHORT)
    nasty = rng.choice(NASTY_TEXTS)
    return rng.choice((nasty, nasty, rng.choice(good) + nasty, f"{rng.choice(good)},{nasty}", f"{nasty}-{nasty}"))


def _joined(words: list[str]) -> bytes:
    return b"\0".join(word.replace("\0", "").encode("utf-8", "surrogatepass") for word in words)


def feed(data: bytes, _folder: Path) -> None:
    """Run it beside a text and a small run; what trains has a small budget."""
    lay_out()
    arguments = [word.decode("utf-8", "surrogateescape") for word in data.split(b"\0")]
    if any(_is_long(arguments, at) for at in range(len(arguments))) or "--open" in arguments:
        return
    trains = "train" in arguments or "--retrain" in arguments
    if trains and not any(word.startswith(BUDGET) for word in arguments):
        arguments += ["--updates", "2"]
    if trains and "--hidden-size" not in arguments and "--resume" not in arguments:
        arguments += ["--hidden-size", "5"]
    done = called(arguments)
    if any("/" in word or "~" in word for word in arguments):  # a place outside that is named is the user's wish
        guard.forgive()
    judge(arguments, done)


def _is_long(arguments: list[str], at: int) -> bool:
    """Whether the word asks for something that goes on for long."""
    option, _, value = arguments[at].partition("=")
    names = {f"--{name}" for name in LONG} | {"-n"}
    if option not in names and not arguments[at].startswith("-n"):
        return False
    digits = (value or "".join(arguments[at + 1 : at + 2]) or "0").strip()
    digits = arguments[at][2:] if arguments[at].startswith("-n") and len(arguments[at]) > 2 else digits
    try:
        return float(digits) > (0.01 if option == "--minutes" else 200)
    except ValueError:
        return False


TARGETS = (Target("commands", seeds, feed, change, cases=50),)
