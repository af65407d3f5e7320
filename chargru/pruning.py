"""Which runs below ./checkpoints are the best of their text, and which others could go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chargru import housekeeping, run, run_summary
from chargru.arguments import whole
from chargru.errors import DamagedRunError, RunError, check_setting
from chargru.run_summary import RunDescription
from chargru.shown import Shown


@dataclass(frozen=True)
class Ranked:
    """A run that was scored; `bytes` are those of its files."""

    checkpoint: str
    val_bpc: float
    bytes: int


@dataclass(frozen=True)
class PrunedText:
    """The runs that were scored on one text, split at one place, the best first."""

    text: str
    sha256: str
    split: int
    keep: tuple[Ranked, ...]
    remove: tuple[Ranked, ...]


@dataclass(frozen=True)
class LeftAlone:
    """A run that is neither ranked nor removed, and why."""

    checkpoint: str
    why: str


@dataclass(frozen=True)
class Pruning(Shown):
    """What is kept and what is removed, by text; and what is left alone, such as unfinished and damaged runs."""

    schema: ClassVar = "chargru.pruning/1"

    keep_best: int
    texts: tuple[PrunedText, ...]
    left_alone: tuple[LeftAlone, ...]

    @property
    def removed(self) -> list[Ranked]:
        """All that would be removed."""
        return [one for text in self.texts for one in text.remove]


def prune(keep_best: int) -> Pruning:
    """What to remove so that of each text the best runs by val_bpc stay; nothing is removed. Raises SettingError."""
    number = whole("keep_best", keep_best)
    check_setting("keep_best", number, number >= 1, "at least 1")
    texts: dict[tuple[str, int], list[RunDescription]] = {}
    left_alone = []
    for path in run.runs():
        found, why = _ranked(path)
        key = None if found is None else run_summary.text_key(found)
        if found is None or key is None:
            left_alone.append(LeftAlone(str(path), why or "it does not say which text it was trained on"))
        else:
            texts.setdefault(key, []).append(found)
    pruned = []
    for (sha256, split), found_here in texts.items():
        best = sorted(found_here, key=lambda one: float(one.figures["val_bpc"]))
        remove, held_back = _removable(best[number:])
        left_alone += held_back
        pruned.append(PrunedText(_name(best[0]), sha256, split, tuple(map(_row, best[:number])), tuple(remove)))
    return Pruning(number, tuple(pruned), tuple(left_alone))


def _ranked(path: Path) -> tuple[RunDescription | None, str]:
    """A run that can be ranked; else None, and why it cannot."""
    try:
        housekeeping.require_own(path)
        found = run_summary.describe(path)
    except DamagedRunError as error:
        return None, f"damaged: {error.message}"
    except RunError as error:
        return None, error.message
    if found.state != "finished":
        return None, found.state
    if found.figures["val_bpc"] is None:
        return None, "not validated"
    return found, ""


def _removable(worse: Sequence[RunDescription]) -> tuple[list[Ranked], list[LeftAlone]]:
    remove, left_alone = [], []
    for one in worse:
        others = housekeeping.others(Path(one.checkpoint))
        if others:
            left_alone.append(LeftAlone(one.checkpoint, f"beside a run it holds {others}"))
        else:
            remove.append(_row(one))
    return remove, left_alone


def _row(one: RunDescription) -> Ranked:
    return Ranked(one.checkpoint, float(one.figures["val_bpc"]), housekeeping.size(Path(one.checkpoint)))


def _name(one: RunDescription) -> str:
    """What a text is called: the names of its files."""
    paths = (one.text or {}).get("paths")
    return ", ".join(Path(path).name for path in paths) if isinstance(paths, list) else str(paths)
