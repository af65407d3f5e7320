"""What an agreement report says, in sentences made from its numbers and from nothing else."""

from collections.abc import Iterator, Sequence

from chargru.bundled import called
from chargru.insight.agreement import AgreementReport, Row, Share
from chargru.shown import one_line

GOOD = 0.9
"""If no share is below this one, the lowest is told."""
FAR = 10
"""Characters from which on a distance is worth telling: nearer ones are easy."""


def sentences(report: AgreementReport) -> Iterator[str]:
    """How often the model is right, and where; how often the other one is, and where their intervals are apart."""
    total = report.total
    name, text = ("o, " + one_line(_name(report)) + ": r") if total.against else "R", one_line(report.text)
    yield f"{name}ight in {_count(total.model)} of {text}{_where(report)}."
    if total.against is not None:
        other = one_line(called(report.against_name))
        yield f"x, {other}: {percent(total.against.share)}. {_apart(report.by_distance)}"


def _name(report: AgreementReport) -> str:
    held = f" with {', '.join(report.held)} held" if report.held else ""
    return f"{called(report.checkpoint) if report.checkpoint else 'this model'}{held}"


def _count(found: Share) -> str:
    verbs = f"{found.verbs:,} verb{'s' * (found.verbs != 1)}"
    return f"all of {verbs}" if found.right == found.verbs else f"{percent(found.share)} of {verbs}"


def percent(share: float) -> str:
    """A share as a percentage, 99.6% or 100%."""
    return f"{figure(share).removesuffix('.0') if share in (0.0, 1.0) else figure(share)}%"


def figure(share: float) -> str:
    """A share times 100; one that is not all or nothing is never shown as if it were."""
    shown = 100 * share
    return f"{shown if share in (0.0, 1.0) else min(99.9, max(0.1, shown)):.1f}"


def stretches(rows: Sequence[Row], chosen: Sequence[Row]) -> str:
    """Some of the rows as ranges of characters, neighbours as one: 1-19, 40-49 and 60+."""
    runs: list[list[Row]] = []
    for row, before in zip(rows, [None, *rows[:-1]], strict=True):
        if row in chosen and before in chosen:
            runs[-1].append(row)
        elif row in chosen:
            runs.append([row])
    *most, last = (f"{run[0].first}+" if run[-1].last is None else f"{run[0].first}-{run[-1].last}" for run in runs)
    return f"{', '.join(most)} and {last}" if most else last


def _where(report: AgreementReport) -> str:
    """What the distances from FAR characters on say."""
    rows, between = (
        [row for row in found if row.first >= FAR]
        for found in (report.by_distance, report.by_distance_with_nouns_between)
    )
    if not rows:
        return ""
    lowest = min(rows, key=_share)
    if report.total.model.share == 1.0:
        return ", at every distance"
    if _share(lowest) >= GOOD:
        reach = "characters on" if rows[-1].last is None else f"to {rows[-1].last} characters"
        misled = _at_least(min(map(_share, between))) if between else ""
        also = f", and in {misled} with a noun of the other number between" if misled else ""
        return f"; at every distance from {FAR} {reach} in {_at_least(_share(lowest))}{also}"
    by_chance = [row for row in rows if row.model.interval[0] <= 0.5]
    if by_chance:
        return f"; no better than chance at {stretches(rows, by_chance)} characters (the interval reaches 50%)"
    return f"; least at {stretches(rows, [lowest])} characters: {percent(_share(lowest))}"


def _at_least(lowest: float) -> str:
    return "100%" if lowest == 1.0 else f"{percent(lowest)} or more"


def _share(row: Row) -> float:
    return row.model.share


def _apart(rows: Sequence[Row]) -> str:
    better = [row for row in rows if row.apart and row.against and row.model.share > row.against.share]
    worse = [row for row in rows if row.apart and row not in better]
    found = (("o", better), ("x", worse))
    for mark, some in found:
        if len(some) == len(rows):
            return f"The intervals overlap at no distance: {mark} is better."
    parts = [f"at {stretches(rows, some)} characters, where {mark} is better" for mark, some in found if some]
    if not parts:
        return "The intervals overlap at every distance."
    return f"The intervals do not overlap {', and '.join(parts)}."
