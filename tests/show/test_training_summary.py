"""A run that was trained, in words."""

import json
from dataclasses import replace

import pytest
from rich.cells import cell_len

from chargru.run_curves import Curve
from chargru.run_summary import Report, TrainingSummary
from chargru.show import formats
from chargru.show.view import View

REPORT = Report(1.4153, 2.0418, 1140, 1200, 4.25, 125.4, 37_489.6, 921_153, "checkpoints/novel-001")
CURVE = Curve((57, 114, 600, 1140, 1200), (None,) * 5, (5.52, 3.1, None, 2.0418, 2.06), (None,) * 5)
FOUND = TrainingSummary(REPORT, 1, 512, 65, CURVE, "the king.\n\n[/b]\x1b[2Jand so on")


def shown(found=FOUND, width=80):
    return formats.show(found, "table", View(width=width))


def test_the_whole():
    assert shown() == (
        "checkpoints/novel-001: 1 layer of 512 units, 921,153 parameters\n"
        "2.042 bits per character on text it had not seen; a uniform guess among its 65\n"
        "characters would need 6.022.\n"
        "Best at update 1,140 of 1,200; 4.2 epochs in 2 min 5 s, 37,000 characters a\n"
        "second.\n"
        "\n"
        "validation 5.520 ▇▃▁▁ 2.060, update 57 to 1,200\n"
        "\n"
        "It writes:\n"
        "  the king.\n"
        "  [/b]\\x1b[2Jand so on"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("sample", ["猫が、黒い犬を見た。" * 20, "word " * 50, "x" * 240, "a\r\n\tb\n" * 60])
def test_it_is_short_and_fits(width, sample):
    lines = shown(replace(FOUND, sample=sample), width).split("\n")
    assert max(map(cell_len, lines)) <= min(width, 80)
    assert len(lines) <= 17
    assert len(lines) <= 14 or width < 60


def test_what_it_began_from_is_said():
    begun = replace(REPORT, init_from={"checkpoint": "cats", "val_bpc": 3.25})
    assert " 6.022. Before training it needed 3.250. " in " ".join(shown(replace(FOUND, report=begun)).split())


def test_without_a_validation_there_is_no_score_and_no_curve():
    report = replace(REPORT, val_nats=None, val_bpc=None, best_update=1200)
    found = shown(replace(FOUND, report=report, curve=None, sample=" \n"))
    assert found.split("\n")[1:] == [
        "How well it predicts is not known: no part of the text was kept to score it on.",
        "It holds update 1,200, the last; 4.2 epochs in 2 min 5 s, 37,000 characters a",
        "second.",
    ]


@pytest.mark.parametrize(
    ("best", "said"), [(1200, "Best at update 1,200, the last;"), (7, "Best at update 7 of 1,200;")]
)
def test_when_it_was_best(best, said):
    assert said in shown(replace(FOUND, report=replace(REPORT, best_update=best)))


@pytest.mark.parametrize(
    ("seconds", "said"), [(3.04, "in 3.0 s,"), (59.2, "in 59 s,"), (3599, "in 59 min 59 s,"), (11_100, "in 3 h 5 min,")]
)
def test_how_long_it_took(seconds, said):
    assert said in shown(replace(FOUND, report=replace(REPORT, seconds=seconds)))


def test_the_document_is_the_report_s():
    document = json.loads(formats.show(FOUND, "json"))
    known = {name: value for name, value in vars(REPORT).items() if name not in ("init_from", "overfitting")}
    assert document == {"schema": "chargru.train/1"} | known
