"""The same step in the letters of several authors: which numbers are only named otherwise, and which are not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chargru.arguments import several
from chargru.conventions.authors import CONVENTIONS
from chargru.conventions.convention import Convention
from chargru.errors import SettingError, named
from chargru.insight.trace import OnStep, Trace, trace
from chargru.model import Model
from chargru.shown import Shown


@dataclass(frozen=True, eq=False)
class Comparison(Shown):
    """A trace, and the conventions in which its steps are to be shown side by side. Every number is the trace's."""

    trace: Trace
    conventions: tuple[Convention, ...]

    def in_brief(self) -> str:
        """The authors, and the trace."""
        return f"by {', '.join(one.name for one in self.conventions)}, {self.trace.in_brief()}"


def compare(
    model: Model,
    text: str | None = None,
    *,
    conventions: Iterable[str] = ("torch", "course"),
    steps: Iterable[int] | None = None,
    indices: Iterable[int] | None = None,
    force: Sequence[str] = (),
    where: str = "the text",
    on_step: OnStep = None,
) -> Comparison:
    """Run `model` over a text as `trace` does, and set its steps side by side in the letters of two or more authors.

    `conventions` are names: torch, course, cho, chung, keras, onnx, lecture, d2l. `indices` are those to compare; None
    is the one in which most is decided. The other arguments are those of `trace`. Raises TextError,
    UnknownCharacterError, StepError, SettingError.

    >>> found = chargru.compare(chargru.load("cats"), "The cats were full.", steps=[9], indices=[3])
    >>> z, gamma_u = (one.value("z", found.trace.z[0, 3]) for one in found.conventions)
    >>> float(z + gamma_u)
    1.0
    """
    chosen = resolve_conventions(conventions)
    traced = trace(model, text, steps=steps, indices=indices, force=force, where=where, on_step=on_step)
    return Comparison(traced, chosen)


def resolve_conventions(names: Iterable[str]) -> tuple[Convention, ...]:
    """The conventions by name, each once. Raises SettingError for a name that there is not, or fewer than two."""
    known = {str(name): convention for name, convention in CONVENTIONS.items()}
    wanted = list(dict.fromkeys(several("conventions", names)))
    listed = ", ".join(known)
    for name in wanted:
        if name not in known:
            raise SettingError(
                f"there is no convention {name!r}", f"give {named('conventions')} two or more of {listed}"
            )
    if len(wanted) < 2:
        message = f"{named('conventions')} has {len(wanted)} of two or more to compare"
        raise SettingError(message, f"choose from {listed}")
    return tuple(known[name] for name in wanted)
