"""How often a model has a verb right: sentences, a table whose rows end in a plot, and every verb as data."""

import textwrap
from collections.abc import Iterator, Sequence
from math import floor
from typing import Any

from rich.text import Text

from chargru.insight.agreement import AgreementReport, Row, Share
from chargru.show import agreement_sentences
from chargru.show.columns import WIDTH, aligned
from chargru.show.data import csv_text, json_text
from chargru.show.view import View

HEADING, ASIDE = "bold", "dim"
MOST = 60
"""Columns of the plot at most."""
FEWEST = 16
"""A plot in fewer columns says nothing, so there is none."""
CHANCE, LOWEST = 0.5, 0.4
"""The plot's scale starts at LOWEST, or lower if an interval does."""
MODEL, AGAINST = "o", "x"
LEGEND = "Distance: characters from noun to verb; between: nouns of the other number."


def render(report: AgreementReport, view: View | None = None) -> Text:
    """What came out, in sentences; shares with their intervals by distance and by nouns between, as table and plot."""
    width = (view.width if view else None) or WIDTH
    return Text("\n", no_wrap=True, overflow="ignore").join(_lines(report, width))


def _lines(report: AgreementReport, width: int) -> Iterator[Text]:
    for sentence in agreement_sentences.sentences(report):
        yield from map(Text, textwrap.wrap(sentence, min(width, WIDTH)))
    yield from (Text(line, ASIDE) for line in textwrap.wrap(LEGEND, min(width, WIDTH)))
    yield Text()
    headings = (0, 1 + len(report.by_distance))
    for number, line in enumerate(_rows(report, width)):
        yield Text(line, HEADING if number in headings else "")


def _rows(report: AgreementReport, width: int) -> Iterator[str]:
    """Both tables, each row with its part of the plot where there is room for one."""
    tables = [("distance", report.by_distance), ("between", report.by_nouns_between)]
    cells = [line for name, rows in tables for line in _cells(name, rows)]
    left = [f"{line}  " for line in aligned(cells, [8, *[5] * (len(cells[0]) - 1)])]
    longest = max(map(len, left))
    room = min(MOST, width - longest)
    if room < FEWEST:
        yield from (line.rstrip() for line in left)
        return
    low = _lowest([row for _, rows in tables for row in rows])
    right = [line for _, rows in tables for line in (_scale(low, room), *(_plot(row, low, room) for row in rows))]
    for table, plot in zip(left, right, strict=True):
        yield f"{table:<{longest}}{plot}".rstrip()


def _cells(name: str, rows: Sequence[Row]) -> Iterator[list[str]]:
    two = rows[0].against is not None
    yield [name, "verbs", *([f"{MODEL} %", "95%", f"{AGAINST} %", "95%"] if two else ["right%", "95%"])]
    for row in rows:
        yield [label(row), f"{row.model.verbs:,}", *_share(row.model), *(_share(row.against) if row.against else [])]


def label(row: Row) -> str:
    """The range of a row: 10-19, 90+, 3."""
    if row.last is None:
        return f"{row.first}+"
    return str(row.first) if row.first == row.last else f"{row.first}-{row.last}"


def _share(found: Share) -> list[str]:
    low, high = found.interval
    return [agreement_sentences.figure(found.share), f"{100 * low:.1f}-{100 * high:.1f}"]


def _lowest(rows: Sequence[Row]) -> float:
    """Where the scale starts: a multiple of a tenth."""
    ends = [share.interval[0] for row in rows for share in (row.model, row.against) if share]
    return min(LOWEST, floor(10 * min(ends)) / 10)


def _scale(low: float, room: int) -> str:
    """Percentages, each ending at its own column."""
    line = ""
    for share in sorted({low, CHANCE, 0.75, 1.0}):
        shown, at = f"{100 * share:.0f}", _column(share, low, room)
        start = max(0, at + 1 - len(shown))
        if start >= len(line) + bool(line):
            line = line.ljust(start) + shown
    return line


def _plot(row: Row, low: float, room: int) -> str:
    """One line: chance as a colon, the other model's interval as dots, the model's as dashes, the shares above them."""
    line = [" "] * room
    line[_column(CHANCE, low, room)] = ":"
    shares = ((row.against, "."), (row.model, "-"))
    for share, stroke in shares:
        if share:
            first, last = (_column(end, low, room) for end in share.interval)
            line[first : last + 1] = stroke * (last + 1 - first)
    for (share, _), mark in zip(shares, (AGAINST, MODEL), strict=True):
        if share:
            line[_column(share.share, low, room)] = mark
    return "".join(line)


def _column(share: float, low: float, room: int) -> int:
    return round((share - low) / (1 - low) * (room - 1))


def as_json(report: AgreementReport, _: View | None = None) -> str:
    """The document chargru.agreement/1: counts, shares and intervals, from 0 to 1."""
    document = {
        "schema": report.schema,
        "checkpoint": report.checkpoint,
        "text": report.text,
        "corpus": report.corpus,
        "forced": list(report.forced),
        "held": list(report.held),
        "against": report.against_name or None,
        **_row(report.total),
        "by_distance": [_ranged(row) for row in report.by_distance],
        "by_distance_with_nouns_between": [_ranged(row) for row in report.by_distance_with_nouns_between],
        "by_nouns_between": [_ranged(row) for row in report.by_nouns_between],
    }
    return json_text(document, indent=2)


def _ranged(row: Row) -> dict[str, Any]:
    return {"first": row.first, "last": row.last, **_row(row)}


def _row(row: Row) -> dict[str, Any]:
    return {"verbs": row.model.verbs, "model": _document(row.model), "other": row.against and _document(row.against)}


def _document(found: Share) -> dict[str, Any]:
    return {"right": found.right, "share": found.share, "interval": list(found.interval)}


def as_csv(report: AgreementReport, _: View | None = None) -> str:
    """One row a verb, with its log-odds; those of the other model are empty if there is none."""
    rows: list[tuple[Any, ...]] = [
        ("subject", "number", "distance", "between", "verb", "wrong", "log_odds", "other_log_odds", "paragraph")
    ]
    other = [None] * len(report.verbs) if report.against is None else report.against.tolist()
    for (paragraph, verb), odds, against in zip(report.verbs, report.log_odds.tolist(), other, strict=True):
        facts = (verb.subject, verb.number, verb.distance, verb.attractors, verb.verb, verb.wrong)
        rows.append((*facts, odds, against, paragraph.rstrip("\n")))
    return csv_text(rows)
