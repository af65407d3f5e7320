"""What --match found, as plain strings: the sentence with the answer, and the ranking of a layer's indices."""

from chargru.insight.gates import Gates
from chargru.insight.match import QUANTITIES, Marks, Match
from chargru.show.gates.parts import ALL_SHOWN, MATCHES_SHOWN
from chargru.show.view import View
from chargru.shown import one_line

NOTE = (
    "Scores: max(AUC, 1 - AUC) of the values after a match's last character against those at the other places. 0.5 "
    "distinguishes nothing, 1 everything. * beats chance."
)


def answer(found: Gates, match: Match) -> list[str]:
    """How many scores beat chance, and the best one; "none" is an answer."""
    count = match.telling.size
    layer, quantity, index = match.best()
    where = f"{quantity} of index {index}" + (f" in layer {layer + 1}" if len(found.layers) > 1 else "")
    best, chance = figure(match.scores.max()), figure(match.chance)
    by_chance = (
        f"the largest that the same places reach by chance, shifted along the text in {match.shifts:,} ways, in any of "
        f"{count:,} comparisons"
    )
    told = int(match.telling.sum())
    if not told:
        return [_asked(found, match.marks), f"None. The best is {where}, {best}; {chance} is {by_chance}."]
    many = f"{told:,} of {count:,} scores beat {chance}, {by_chance}."
    return [_asked(found, match.marks), f"Best is {where}: {best}. {many}"]


def _asked(found: Gates, marks: Marks) -> str:
    T, N = len(found.text), len(marks.places)
    others = "" if marks.among is None else f", among those of '{one_line(marks.among)}'"
    read = "" if marks.characters == T else f", in the first {marks.characters:,} of {T:,} characters"
    places = f"{len(marks.steps):,} of {N:,} places that end a match of '{one_line(marks.pattern)}'"
    return f"Which gates tell apart the {places}{others}{read}?"


def figure(score: float) -> str:
    """A score; one that does not tell every place is never shown as 1."""
    return f"{score if score >= 1 else min(score, 0.999):.3f}"


def table(found: Gates, match: Match, layer: int, view: View, *, narrow: bool = False) -> list[list[str]]:
    """The heading, and the indices of a layer (0-based) by their best score; `narrow` leaves out the means."""
    scores, telling = match.scores[layer], match.telling[layer]
    ranked = match.ranked(layer).tolist()
    if found.indices is not None:
        ranked = [index for index in ranked if index in found.indices]
    elif len(ranked) > ALL_SHOWN:
        ranked = ranked[:MATCHES_SHOWN]
    rows = [["index", "best", *QUANTITIES, *(() if narrow else ("at matches", "elsewhere"))]]
    for index in ranked:
        top = int(scores[:, index].argmax())
        cells = [f"{figure(scores[q, index])}{'*' if telling[q, index] else ' '}" for q in range(4)]
        means = [view.short(values[layer, top, index]) for values in (match.inside, match.outside)]
        rows.append([str(index), QUANTITIES[top], *cells, *(() if narrow else means)])
    return rows
