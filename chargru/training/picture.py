"""What a terminal shows while a run trains: the bar, the figures, the curve of the validation score, a sample."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chargru.training.progress import Status, duration, pace, visible

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text

GAP = "   "
CURVE_WIDTH = 24
"""Cells that the curve takes at most."""
LEAST_CURVE = 6
"""Where it would have fewer it is left out."""


@dataclass
class Picture:
    """All that is shown; `curve` are the validation losses so far, in bits per character, the first one first."""

    status: Status | None = None
    working: str = "preparing"
    """What is done at the moment, if it is no update."""
    curve: list[float] = field(default_factory=list)
    sample: str = ""
    stopping: str = ""
    """What a signal to stop has set going."""

    def drawn(self, width: int, *, blocks: bool = True) -> "Group":
        """The picture in `width` cells; `blocks`: whether the curve can be drawn."""
        from rich.console import Group
        from rich.text import Text

        rows: list[RenderableType] = [self._bar(width)]
        if self.status is not None:
            rows += in_lines(self._losses(self.status, width, blocks=blocks), width)
            rows += in_lines(_counts(self.status), width)
        if self.stopping:
            rows.append(Text(self.stopping, style="bold"))
        elif self.sample:
            shown = visible(self.sample)
            shown = shown if blocks else shown.encode("ascii", "backslashreplace").decode()
            rows.append(Text(shown, style="italic", no_wrap=True, overflow="ellipsis"))
        return Group(*rows)

    def _bar(self, width: int) -> "Group":
        from chargru.show.live import bar

        status = self.status
        left = self.working or f"{duration((status and status.seconds_left) or 0)} left"
        return bar(min(1.0, status.share) if status else 0.0, left, width)

    def _losses(self, status: Status, width: int, *, blocks: bool) -> list["Text"]:
        found = []
        if status.val_bpc is not None:
            found.append(_named("validation", f"{self._beginning(width) if blocks else ''}{status.val_bpc:.3f}"))
        if status.best_bpc is not None:
            found.append(_named("best", f"{status.best_bpc:.3f}"))
        if status.train_bpc is not None:
            found.append(_named("train", f"{status.train_bpc:.3f}"))
        if found:
            found[-1].append(" bits per character")
        return found

    def _beginning(self, width: int) -> str:
        """The first loss and the curve from there, before the last loss."""
        from chargru.show.sparkline import sparkline

        if len(self.curve) < 2:
            return ""
        first = f"{self.curve[0]:.3f} "
        room = min(CURVE_WIDTH, width - len(f"validation {first} 00.000"))
        return f"{first}{sparkline(self.curve, room)} " if room >= LEAST_CURVE else ""


def in_lines(parts: Iterable["Text"], width: int) -> list["Text"]:
    """The parts side by side, as many to a line as `width` cells hold."""
    from rich.text import Text

    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + len(GAP) + part.cell_len <= width:
            lines[-1].append(GAP).append_text(part)
        else:
            lines.append(part)
    for line in lines:
        line.no_wrap, line.overflow = True, "crop"
    return lines


def _counts(status: Status) -> list["Text"]:
    counts = (("update", f"{status.update:,}"), ("epoch", f"{status.epoch:.2f}"), ("pace", pace(status)))
    return [_named(name, value) for name, value in counts]


def _named(name: str, value: str) -> "Text":
    from rich.text import Text

    return Text.assemble((f"{name} ", "dim"), value)
