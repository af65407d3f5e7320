"""An agreement as a reader sees it, from log-odds made by hand."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from drawn import model

from chargru.cats.verbs import new_verbs
from chargru.insight.agreement import AgreementReport, agreement
from chargru.show.agreement_sentences import figure, percent, stretches
from chargru.show.formats import show
from chargru.show.view import View

VERBS = tuple(new_verbs(each=10))
DISTANCES = np.array([verb.agreement.distance for verb in VERBS])
BETWEEN = np.array([verb.agreement.attractors for verb in VERBS])
RIGHT = np.ones(len(VERBS))


def report(odds=RIGHT, against=None, name="checkpoints/cats-rnn", held=()):
    return AgreementReport(
        checkpoint="checkpoints/cats",
        text="new text of cats",
        corpus="cats",
        forced=held,
        held=held,
        verbs=VERBS,
        log_odds=np.array(odds, float),
        against_name="" if against is None else name,
        against=None if against is None else np.array(against, float),
    )


def test_the_table_has_the_counts():
    odds = np.where(DISTANCES < 10, -1.0, 1.0)
    lines = str(report(odds)).splitlines()
    assert len(VERBS) == 100
    heading = next(number for number, line in enumerate(lines) if line.split()[:1] == ["distance"])
    assert lines[heading].split() == ["distance", "verbs", "right%", "95%", "0", "50", "75", "100"]
    assert lines[heading + 1].split()[:4] == ["1-9", "10", "0.0", "0.0-27.8"]
    assert lines[heading + 10].split()[:4] == ["90+", "10", "100.0", "72.2-100.0"]
    between = lines[heading + 11 :]
    assert between[0].split() == ["between", "verbs", "right%", "95%", "0", "50", "75", "100"]
    for line, (label, chosen) in zip(
        between[1:],
        [("0", BETWEEN == 0), ("1", BETWEEN == 1), ("2", BETWEEN == 2), ("3+", BETWEEN > 2)],
        strict=True,
    ):
        share = f"{100 * (odds[chosen] > 0).mean():.1f}"
        assert line.split()[:3] == [label, str(chosen.sum()), share]


def column(line, mark, start):
    """Where the plot's mark stands, as a share of the scale."""
    return (line.rindex(mark) - start) / (79 - start)


def test_the_plot_has_the_shares_at_their_places():
    """A mark stands at its share on a scale of 0 to 1, within half a column; the interval reaches around it."""
    odds, other = np.where(np.arange(100) % 5 < 2, -1.0, 1.0), np.where(np.arange(100) % 2, -1.0, 1.0)
    found = report(odds, other)
    lines = str(found).splitlines()
    heading = next(number for number, line in enumerate(lines) if line.startswith("distance"))
    start = len(lines[heading]) - len(lines[heading].rpartition("%")[2].lstrip())
    low = int(lines[heading][start:].split()[0]) / 100
    assert lines[heading].endswith(" 100")
    assert len(lines[heading]) == 80
    for row, line in zip(found.by_distance, lines[heading + 1 :], strict=False):
        for share, mark in ((row.model.share, "o"), (row.against.share, "x")):
            if mark in line[start:]:  # o stands above x where they meet
                place = low + (1 - low) * column(line, mark, start)
                assert abs(place - share) <= (1 - low) / (79 - start)


@pytest.mark.parametrize("held", [(), ("z[37]=0",)])
@pytest.mark.parametrize("against", [None, np.where(np.arange(100) % 2, -1.0, 1.0)])
@pytest.mark.parametrize("odds", [RIGHT, -RIGHT, np.where(np.arange(100) % 3, 1.0, -1.0)])
def test_it_fits_80_by_24(odds, against, held):
    lines = str(report(odds, against, held=held)).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 23


def test_a_wider_terminal_has_a_wider_plot():
    widths = [max(map(len, show(report(), view=View(width=width)).splitlines())) for width in (80, 90, 200)]
    assert widths[0] < widths[1] < widths[2] < 110


ONE_WRONG = np.flatnonzero((DISTANCES > 39) & (DISTANCES < 50) & (BETWEEN == 0))[0]


def test_a_narrow_terminal_has_the_table_alone():
    lines = show(report(RIGHT, -RIGHT), view=View(width=60)).splitlines()
    assert max(map(len, lines)) <= 60
    assert "1-9 10 100.0 72.2-100.0 0.0 0.0-27.8" in [" ".join(line.split()) for line in lines]
    assert max(map(len, show(report(), view=View(width=30)).splitlines())) < 40


@pytest.mark.parametrize(
    ("odds", "sentence"),
    [
        (RIGHT, "all of 100 verbs of new text of cats, at every distance."),
        (
            np.where(np.arange(100) == ONE_WRONG, -1, 1),
            "99.0% of 100 verbs of new text of cats; at every distance from 10 characters on in 90.0% or more, ALSO",
        ),
        (
            np.where(DISTANCES > 39, np.where(np.arange(100) % 2, 1, -1), 1),
            "SHARE of 100 verbs of new text of cats; no better than chance at 40+ characters (REACHES).",
        ),
        (
            -RIGHT,
            "0% of 100 verbs of new text of cats; no better than chance at 10+ characters (the interval reaches 50%).",
        ),
    ],
)
def test_the_first_sentence(odds, sentence):
    shown = " ".join(str(report(odds)).splitlines()).partition("Distance:")[0].strip()
    sentence = sentence.replace("SHARE", f"{(odds > 0).mean():.1%}")
    sentence = sentence.replace("ALSO", "and in 100% with a noun of the other number between.")
    assert shown == f"Right in {sentence.replace('REACHES', 'the interval reaches 50%')}"


def test_a_lowest_share_between_chance_and_good():
    """Of 400 verbs a row 70 % is surely better than chance."""
    found = replace(
        report(np.where(np.arange(4_000) % 40 < 12, -1, 1)), verbs=tuple(verb for verb in VERBS for _ in range(40))
    )
    assert "Right in 70.0% of 4,000 verbs of new text of cats; least at 10-19 characters: 70.0%." in " ".join(
        str(found).split()
    )


def test_the_second_sentence_says_where_intervals_are_apart():
    odds = np.where(DISTANCES < 20, -1, 1)
    text = " ".join(str(report(odds, np.where(DISTANCES < 30, 1, -1))).split())
    assert "o, checkpoints/cats: right in 80.0% of 100 verbs" in text
    assert "x, checkpoints/cats-rnn: 30.0%. The intervals do not overlap" in text
    assert "overlap at 30+ characters, where o is better, and at 1-19 characters, where x is better." in text
    assert "x, checkpoints/cats-rnn: 0%. The intervals overlap at no distance: o is better." in " ".join(
        str(report(RIGHT, -RIGHT)).split()
    )
    assert "The intervals overlap at every distance." in " ".join(str(report(odds, odds)).split())
    held = " ".join(str(report(odds, odds, held=("z[3]=0",))).split())
    assert held.startswith("o, checkpoints/cats with z[3]=0 held: right in 80.0%")


def test_stretches_of_rows():
    rows = report().by_distance
    for chosen, expected in [
        (rows, "1+"),
        (rows[:3], "1-29"),
        ([rows[0], rows[1], rows[4], rows[8], rows[9]], "1-19, 40-49 and 80+"),
        (rows[5:6], "50-59"),
    ]:
        assert stretches(rows, chosen) == expected


def test_what_is_not_all_is_never_shown_as_all():
    assert [percent(share) for share in (1.0, 0.99999, 0.9963, 1e-6, 0.0)] == ["100%", "99.9%", "99.6%", "0.1%", "0%"]
    assert [figure(share) for share in (1.0, 0.99999, 0.0)] == ["100.0", "99.9", "0.0"]


def test_the_document():
    odds, other = np.where(DISTANCES < 10, -1.0, 1.0), np.where(BETWEEN > 0, -1.0, 1.0)
    found = json.loads(show(report(odds, other, held=("z=0",)), "json"))
    assert found["schema"] == "chargru.agreement/1"
    assert (found["checkpoint"], found["against"]) == ("checkpoints/cats", "checkpoints/cats-rnn")
    assert (found["forced"], found["held"]) == (["z=0"], ["z=0"])
    assert (found["verbs"], found["model"]["right"], found["other"]["right"]) == (100, 90, int((BETWEEN == 0).sum()))
    assert [(row["first"], row["last"]) for row in found["by_distance"]][:2] == [(1, 9), (10, 19)]
    assert [row["model"]["right"] for row in found["by_distance"]] == [0] + [10] * 9
    assert found["by_distance"][0]["model"]["share"] == 0.0
    assert abs(found["by_distance"][0]["model"]["interval"][1] - 0.2775) < 1e-4
    assert [row["verbs"] for row in found["by_nouns_between"]] == [*np.bincount(BETWEEN)[:3], (BETWEEN > 2).sum()]
    assert sum(row["verbs"] for row in found["by_distance_with_nouns_between"]) == (BETWEEN > 0).sum()
    assert json.loads(show(report(), "json"))["other"] is None


def test_every_verb_as_csv():
    found = agreement(model("\n".join(verb.paragraph for verb in VERBS)), "".join({v.paragraph: 0 for v in VERBS}))
    rows = list(csv.DictReader(io.StringIO(show(found, "csv"))))
    assert len(rows) == len(found.verbs)
    for row, (paragraph, verb), odds in zip(rows, found.verbs, found.log_odds, strict=True):
        assert (row["subject"], int(row["distance"]), int(row["between"])) == (
            verb.subject,
            verb.distance,
            verb.attractors,
        )
        assert (row["verb"], row["wrong"], row["paragraph"] + "\n") == (verb.verb, verb.wrong, paragraph)
        assert float(row["log_odds"]) == odds
        assert row["other_log_odds"] == ""
